/**
 * Reads TOML: the values, and the line of each key and list item, in one walk over the parser's tree.
 *
 * The parser's own table of values is not used: it rounds large integers, which are most likely IDs
 * without their quotes.
 *
 * @module
 */

import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { KeyPath } from "./problem.ts";

/** A text that is no TOML. The message quotes nothing of the text, which may hold the token. */
export class TomlError extends Error {
  override readonly name = "TomlError";
  /** Counted from 1. */
  readonly line: number;
  /** In UTF-16 code units, counted from 1. */
  readonly column: number;
  /** What to do about it. */
  readonly hint: string;

  constructor(line: number, column: number, message: string, hint = MANUAL) {
    super(message);
    this.line = line;
    this.column = column;
    this.hint = hint;
  }
}

const MANUAL = "the form of the file is described at https://toml.io";

/** What editors on Windows put in front of a file; the parser refuses it. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Reads a document.
 *
 * @throws {TomlError} If it is no TOML.
 */
export function readToml(document: string): Toml {
  const text = document.replace(BYTE_ORDER_MARK, "");
  try {
    return new Toml(parseTOML(text));
  } catch (error) {
    if (error instanceof ParseError) throw explain(error, text);
    // The parser calls itself for each level.
    if (error instanceof RangeError) {
      throw new TomlError(1, 1, "too many levels of brackets");
    }
    throw error;
  }
}

const UNEXPECTED = "unexpected text";
const QUOTE = "put text in quotes";
const CLOSE = "close the quotes on the same line";
const ONCE = "write each section and each key once";

/** Messages of the parser that an administrator would have to guess at, or that end in a piece of the text. */
const WORDS: readonly (readonly [RegExp, words: string, hint?: string])[] = [
  [/^Unterminated string/, "unfinished string", CLOSE],
  [/^Unterminated array/, "a list is not closed"],
  [/^Unterminated inline/, "a brace is not closed"],
  [/^Unterminated table/, "the name of a section is not closed"],
  [/^Empty bare keys/, "no key"],
  [/^Expected equal/, "no = behind the key"],
  [/^Expected comma/, "no comma between two items"],
  [/^Must be a newline/, "something stands behind the value"],
  [/^Unspecified values/, "no value", QUOTE],
  [/^Defining a key multiple/, "key or section written twice", ONCE],
  [
    /^Control characters/,
    "control characters are not allowed in strings",
    CLOSE,
  ],
  [/^Unexpected (?:character|token)/, UNEXPECTED],
  [/^Unexpected invalid (?:date|time)/, "no such date or time"],
  [/^Invalid (?:code|character)/, "invalid character"],
];

function explain(
  { lineNumber, column, message }: ParseError,
  text: string,
): TomlError {
  const line = text.split("\n")[lineNumber - 1] ?? "";
  const known = WORDS.find(([begin]) => begin.test(message));
  const words = known?.[1] ??
    message.charAt(0).toLowerCase() + message.slice(1);
  const hint = /[“”„‟‘’«»]/.test(line.charAt(column))
    ? 'write straight quotes, "…", instead of typographic ones'
    : words === UNEXPECTED
    ? characterHint(line, column)
    : known?.[2];
  return new TomlError(lineNumber, column + 1, words, hint);
}

/** @param at Index of a character that nothing may begin with. */
function characterHint(line: string, at: number): string {
  if (line.slice(0, at).includes("=")) return QUOTE;
  return line.charAt(at) === ":"
    ? "write = between key and value"
    : 'put a key with other characters than letters, digits, - and _ in quotes, such as "*"';
}

type Values = Record<string, unknown>;

/** A document that was read. */
export class Toml {
  /** Integers are numbers, or `bigint` where a number would round them. */
  readonly root: Values = {};
  readonly #lines = new Map<string, number>();

  constructor({ body: [top] }: AST.TOMLProgram) {
    for (const node of top.body) {
      if (node.type === "TOMLKeyValue") {
        this.#pair(node, this.root, []);
        continue;
      }
      const { resolvedKey: path, loc, body } = node;
      const table = this.#open(this.root, path, [], loc.start.line);
      for (const pair of body) this.#pair(pair, table, path);
    }
  }

  /**
   * Returns the line of a key or list item, counted from 1: that of its own, or else of the nearest
   * table or list around it; `undefined` if the document has none of these.
   */
  find(path: KeyPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(placeOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** Goes along a path and makes the tables and lists that are not there yet; the first place stays. */
  #open(start: Values, path: KeyPath, parent: KeyPath, line: number): Values {
    let at = start;
    path.forEach((key, i) => {
      this.#note([...parent, ...path.slice(0, i + 1)], line);
      if (!Object.hasOwn(at, key)) {
        put(at, key, typeof path[i + 1] === "number" ? [] : {});
      }
      at = at[key] as Values;
    });
    return at;
  }

  #pair(
    { key, value, loc }: AST.TOMLKeyValue,
    table: Values,
    parent: KeyPath,
  ): void {
    const { line } = loc.start;
    const names = key.keys.map((part) =>
      part.type === "TOMLBare" ? part.name : part.value
    );
    const path = [...parent, ...names];
    const last = names.pop() ?? "";
    const inner = this.#open(table, names, parent, line);
    this.#note(path, line);
    put(inner, last, this.#value(value, path));
  }

  #value(node: AST.TOMLContentNode, path: KeyPath): unknown {
    switch (node.type) {
      case "TOMLArray":
        return node.elements.map((element, i) => {
          const item = [...path, i];
          this.#note(item, element.loc.start.line);
          return this.#value(element, item);
        });
      case "TOMLInlineTable": {
        const table: Values = {};
        for (const pair of node.body) this.#pair(pair, table, path);
        return table;
      }
      case "TOMLValue":
        if (node.kind !== "integer") return node.value;
        return Number.isSafeInteger(node.value) ? node.value : node.bigint;
    }
  }

  #note(path: KeyPath, line: number): void {
    const place = placeOf(path);
    if (!this.#lines.has(place)) this.#lines.set(place, line);
  }
}

/** Sets a key, be it `__proto__`, as one of the table's own. */
function put(table: Values, key: string | number, value: unknown): void {
  Object.defineProperty(table, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function placeOf(path: KeyPath): string {
  return JSON.stringify(path.map(String));
}
