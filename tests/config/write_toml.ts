/** Writes a text as TOML does, as a key or a value. */
export function tomlString(text: string): string {
  // JSON leaves DEL as it is, TOML forbids it.
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}

/** Writes a document: each table at the top as a section, the tables within it on one line. */
export function tomlText(root: Record<string, unknown>): string {
  const loose: string[] = [];
  const sections: string[] = [];
  for (const [name, value] of Object.entries(root)) {
    if (value?.constructor === Object) {
      sections.push([`[${tomlString(name)}]`, ...pairs(value)].join("\n"));
    } else loose.push(...pairs({ [name]: value }));
  }
  return `${[...loose, ...sections].join("\n")}\n`;
}

function pairs(table: object): string[] {
  return Object.entries(table).map(([key, value]) =>
    `${tomlString(key)} = ${tomlValue(value)}`
  );
}

function tomlValue(value: unknown): string {
  if (typeof value === "string") return tomlString(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${pairs(value).join(", ")} }`;
  }
  return String(value).replace("Infinity", "inf").replace("NaN", "nan");
}
