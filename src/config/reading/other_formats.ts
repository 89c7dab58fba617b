/**
 * What a text looks like that was to be TOML, where somebody wrote another format.
 *
 * @module
 */

/** A format that was written instead of TOML, and how to go on. */
export interface OtherFormat {
  /** Such as `YAML`. */
  readonly name: string;
  /** Line that shows it, counted from 1. */
  readonly line: number;
  readonly hint: string;
}

const EXAMPLE = "`teleport-discord configure` prints an example";

/** Recognises another format by its first telling line; `undefined` if nothing tells. */
export function recognizeFormat(text: string): OtherFormat | undefined {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => /\S/.test(line.replace(/#.*/, "")));
  const first = lines[index]?.trim() ?? "";
  const line = index + 1;
  if (/^-----BEGIN /.test(first)) {
    return {
      name: "a key or a certificate",
      line,
      hint:
        "name the configuration by --config, and this file by identity in it",
    };
  }
  if (first.startsWith("{")) {
    return { name: "JSON", line, hint: `write sections and keys: ${EXAMPLE}` };
  }
  if (first === "---" || isYaml(lines)) {
    return { name: "YAML", line, hint: yamlHint(first) };
  }
  return undefined;
}

/** Whether some lines are keys of YAML, and none is a section or a key of TOML. */
function isYaml(lines: readonly string[]): boolean {
  return lines.some((line) => /^\s*["']?[\w*.-]+["']?:(?:\s|$)/.test(line)) &&
    !lines.some((line) => /^\s*(?:\[\w+\]|["']?[\w*.-]+["']? *=)/.test(line));
}

function yamlHint(first: string): string {
  const section = /^(\w+):$/.exec(first)?.[1];
  const how = section === undefined
    ? "write sections as [teleport] and keys as key = value"
    : `write [${section}] for "${section}:", and key = value below it`;
  return `${how}: ${EXAMPLE}`;
}
