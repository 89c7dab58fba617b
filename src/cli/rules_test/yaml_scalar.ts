/**
 * Texts in YAML: in quotes, in blocks, and without either.
 *
 * @module
 */

import { trimBlanks, type YamlCursor } from "./yaml_cursor.ts";

/** Returns what a text without quotes stands for. */
export function resolvePlain(
  text: string,
): string | number | bigint | boolean | null {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?\d+$/.test(text)) {
    const number = Number(text);
    return Number.isSafeInteger(number)
      ? number
      : BigInt(text.replace(/^\+/, ""));
  }
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) {
    return Number(text);
  }
  return text;
}

/** Reads a text in single or double quotes, which may go on over lines. */
export function readQuoted(at: YamlCursor): string {
  const quote = at.char;
  const isDouble = quote === '"';
  const { line } = at;
  at.advance(1);
  let text = "";
  for (;;) {
    const chunk = (isDouble ? DOUBLE : SINGLE).exec(at.rest)?.[0] ?? "";
    at.advance(chunk.length);
    if (at.char === quote) {
      at.advance(1);
      return text + unescape(chunk, isDouble, at);
    }
    const isJoined = isDouble && at.char === "\\";
    const kept = !isDouble
      ? trimBlanks(chunk)
      : isJoined
      ? chunk
      : UNTIL_BLANKS.exec(chunk)?.[1] ?? "";
    text += unescape(kept, isDouble, at);
    let empty = -1;
    do {
      at.nextLine();
      empty++;
      if (at.isEnd || at.isMarker) {
        at.fail(`the quote of line ${line} is not closed`);
      }
      at.skipBlanks();
    } while (at.rest === "");
    text += empty === 0 ? (isJoined ? "" : " ") : "\n".repeat(empty);
  }
}

const DOUBLE = /^(?:[^"\\]|\\.)*/;
const SINGLE = /^(?:[^']|'')*/;

/** Up to the blanks at the end of a line, of which one behind a backslash is none. */
const UNTIL_BLANKS = /^((?:\\.|[^\\])*?)[ \t]*$/;

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

function unescape(text: string, isDouble: boolean, at: YamlCursor): string {
  if (!isDouble) return text.replaceAll("''", "'");
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gi,
    (_, x?: string, u?: string, long?: string, one: string = "") => {
      const code = Number.parseInt(x ?? u ?? long ?? "", 16);
      if (u !== undefined) return String.fromCharCode(code);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return ESCAPES[one] ?? at.fail(`\\${one} means nothing within quotes`);
    },
  );
}

/**
 * Reads a text that stands, indented, below `|` or `>`.
 *
 * @param parent Column of the collection that it is in.
 */
export function readBlockScalar(at: YamlCursor, parent: number): string {
  const isFolded = at.char === ">";
  const header = /^[|>](?<flags>[-+\d]{0,2})[ \t]*(?:#.*)?$/.exec(at.rest);
  if (header === null) at.fail(`only + - and a digit may follow ${at.char}`);
  const { flags = "" } = header.groups ?? {};
  const given = Number(/\d/.exec(flags)?.[0] ?? "0");
  at.nextLine();
  const lines: string[] = [];
  let indent = given === 0 ? undefined : Math.max(parent, 0) + given;
  for (; !at.isEnd && !at.isMarker; at.nextLine()) {
    const { rest } = at;
    const blanks = /^ */.exec(rest)?.[0].length ?? 0;
    if (blanks === rest.length) {
      lines.push(indent === undefined ? "" : rest.slice(indent));
      continue;
    }
    indent ??= blanks > parent ? blanks : undefined;
    if (indent === undefined || blanks < indent) break;
    lines.push(rest.slice(indent));
  }
  let end = lines.length;
  while (lines[end - 1] === "") end--;
  const text = isFolded
    ? fold(lines.slice(0, end))
    : lines.slice(0, end).join("\n");
  if (flags.includes("-")) return text;
  if (flags.includes("+")) {
    // The last line of a text that ends with a line end is no line.
    const empty = lines.length - end - (at.isEnd && lines.length > end ? 1 : 0);
    return text + "\n".repeat(empty + (end > 0 ? 1 : 0));
  }
  return end > 0 ? `${text}\n` : "";
}

/** Makes one line of those that follow each other, but for empty lines and indented ones. */
function fold(lines: readonly string[]): string {
  let text = lines[0] ?? "";
  let empty = 0;
  let before = lines[0] ?? "";
  for (const line of lines.slice(1)) {
    if (line === "") {
      empty++;
      continue;
    }
    const isKept = /^[ \t]/.test(line) || /^[ \t]/.test(before);
    if (isKept) text += "\n".repeat(empty + 1);
    else if (empty > 0) text += "\n".repeat(before === "" ? empty + 1 : empty);
    else text += before === "" ? "\n" : " ";
    text += line;
    before = line;
    empty = 0;
  }
  return text;
}
