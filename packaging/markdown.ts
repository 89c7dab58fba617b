/**
 * The part of Markdown that the pages are written in, as blocks.
 *
 * @module
 */

/** One block of a page. */
export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | {
    readonly kind: "table";
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };

/**
 * Splits a page into its blocks.
 *
 * @throws {Error} If a block of code never ends.
 */
export function parseMarkdown(page: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = page.split("\n");
  for (let i = 0; i < lines.length;) {
    const rest = lines.slice(i);
    const [first = ""] = rest;
    if (first.trim() === "") {
      i++;
      continue;
    }
    const [block, length] = readBlock(first, rest);
    blocks.push(block);
    i += length;
  }
  return blocks;
}

/** Returns what is below a heading, up to the next of the same level or a higher one. */
export function sectionOf(
  blocks: readonly Block[],
  heading: string,
): readonly Block[] {
  const start = blocks.findIndex((block) =>
    block.kind === "heading" && block.text === heading
  );
  const found = blocks[start];
  if (found?.kind !== "heading") throw new Error(`no heading "${heading}"`);
  const rest = blocks.slice(start + 1);
  const end = rest.findIndex((block) =>
    block.kind === "heading" && block.level <= found.level
  );
  return end < 0 ? rest : rest.slice(0, end);
}

function readBlock(
  first: string,
  lines: readonly string[],
): readonly [Block, number] {
  const [, marks, title] = /^(#+) (.*)$/.exec(first) ?? [];
  if (marks !== undefined && title !== undefined) {
    return [{ kind: "heading", level: marks.length, text: title }, 1];
  }
  const [, indent, fence] = /^( *)(`{3,})/.exec(first) ?? [];
  if (fence !== undefined) {
    const end = lines.findIndex((line, i) => i > 0 && line.trim() === fence);
    if (end < 0) throw new Error(`code that never ends: "${lines[1] ?? ""}"`);
    const text = lines.slice(1, end)
      .map((line) => line.slice(indent?.length ?? 0)).join("\n");
    return [{ kind: "code", text }, end + 1];
  }
  if (first.startsWith("|")) {
    const rows = take(lines, (line) => line.startsWith("|"));
    const [head = [], , ...body] = rows.map((row) =>
      row.split(/(?<!\\)\|/).slice(1, -1)
        .map((cell) => cell.trim().replaceAll("\\|", "|"))
    );
    return [{ kind: "table", head, rows: body }, rows.length];
  }
  const marker = /^(?:[-*]|\d+\.) /;
  const ends = (line: string) => /^(?:#|\||```)/.test(line) || line === "";
  if (marker.test(first)) {
    const list = take(lines, (line) => !ends(line));
    const items: string[] = [];
    for (const line of list) {
      if (marker.test(line)) items.push(line.replace(marker, ""));
      else items.push(`${items.pop() ?? ""} ${line.trim()}`);
    }
    return [{ kind: "list", items }, list.length];
  }
  const text = take(lines, (line) => !ends(line) && !marker.test(line));
  return [{ kind: "paragraph", text: text.join(" ") }, text.length];
}

function take(
  lines: readonly string[],
  accept: (line: string) => boolean,
): readonly string[] {
  const end = lines.findIndex((line, i) => i > 0 && !accept(line));
  return end < 0 ? lines : lines.slice(0, end);
}
