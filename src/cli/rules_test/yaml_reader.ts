/**
 * Reads YAML and JSON as tctl does, which turns YAML into JSON first: docs/design/go-differences.md 4.
 *
 * Each value knows its line, so that whoever finds a fault in it can say where.
 *
 * @module
 */

import {
  type Alias,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  type ScalarTag,
  type Tags,
  type YAMLMap,
  type YAMLParseError,
  type YAMLWarning,
} from "yaml";

/** What a text without quotes can stand for. */
export type YamlScalar = string | number | bigint | boolean | null;

/** A value and where it begins. */
export interface YamlNode {
  /** Counted from 1. */
  readonly line: number;
  readonly value: YamlScalar | readonly YamlNode[] | YamlMap;
  /** A scalar as it is written; empty for anything else. */
  readonly source: string;
}

/** A mapping; of two keys that tctl takes for one field the last counts. */
export type YamlMap = ReadonlyMap<string, YamlNode>;

/** One document. */
export interface YamlDocument {
  readonly root: YamlNode;
  /** What tctl takes otherwise than it looks, each with its line. */
  readonly surprises: readonly {
    readonly line: number;
    readonly text: string;
  }[];
}

/** Text that is not YAML. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  /** Counted from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Collections in one another; more are refused. */
const MAX_DEPTH = 100;

/** Values in one document, those of aliases counted each time. */
const MAX_VALUES = 200_000;

/**
 * Reads all documents of a text; those without content are left out.
 *
 * @throws {YamlError} If the text is not of this form; it has the line.
 */
export function parseYaml(text: string): YamlDocument[] {
  return splitJson(text.replace(/^\ufeff/, "")).flatMap(({ text, isJson }) => {
    if (!isJson) refuseUnprintable(text);
    const lines = new LineCounter();
    const { kept, broken } = isJson
      ? { kept: text, broken: text }
      : breakLines(text);
    const documents = parseAllDocuments(broken, {
      version: "1.1",
      merge: true,
      uniqueKeys: false,
      intAsBigInt: true,
      customTags: likeGo,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
    });
    return [...documents].flatMap((document) => {
      refuse(document, lines);
      const { contents } = document;
      if (contents === null || (isScalar(contents) && contents.source === "")) {
        return [];
      }
      const reader = new Reader({ document, lines, text: kept, isJson });
      return [{ root: reader.read(contents, 1), surprises: reader.surprises }];
    });
  });
}

/** What Go takes in YAML only as an escape sequence: control characters, and what is no character. */
const UNPRINTABLE =
  /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function refuseUnprintable(text: string): void {
  const { 0: found = "", index = 0 } = UNPRINTABLE.exec(text) ?? {};
  if (found === "") return;
  const code = found.charCodeAt(0).toString(16).padStart(4, "0");
  throw new YamlError(
    `the character U+${code.toUpperCase()}, which tctl refuses: ` +
      `write it as \\u${code} in double quotes, or leave it out`,
    text.slice(0, index).split("\n").length,
  );
}

/** What ends a line for Go and not for the package; it stays in the text where it stands. */
const SEPARATOR = /[\u2028\u2029]/;

/** A line whose value is a block scalar: blanks and dashes, then a key. */
const BLOCK_BEGINS = /^((?:[-?:] +| )*)(.*?[:?-] +)?[|>][-+1-9]{0,2} *\n$/;

/**
 * Breaks the lines of a text where tctl does in what it prints: at a separator, behind which it indents the
 * next line.
 *
 * @returns `broken`: with a line feed for each separator in a block scalar; `kept`: the same with all
 * separators, each character at the same place.
 */
function breakLines(text: string): { kept: string; broken: string } {
  if (!SEPARATOR.test(text)) return { kept: text, broken: text };
  let [kept, broken] = ["", ""];
  /** What the lines of the block scalar are right of; `undefined` outside of one. */
  let indentation: number | undefined;
  for (const line of text.split(/(?<=[\n\u2028\u2029])/)) {
    const isInBlock = indentation !== undefined &&
      (line.trim() === "" || line.search(/[^ ]/) > indentation);
    if (isInBlock) {
      kept += line;
      broken += line.replace(SEPARATOR, "\n");
      continue;
    }
    const isContinued = SEPARATOR.test(broken.slice(-1));
    const added = isContinued ? line.replace(/^[ \t]+/, "") : line;
    kept += added;
    broken += added;
    indentation = indentationBefore(line);
  }
  return { kept, broken };
}

/** Returns the column that all lines of a block scalar are right of, which begins on this one if any does. */
function indentationBefore(line: string): number | undefined {
  const [, before, key] = BLOCK_BEGINS.exec(line) ?? [];
  if (before === undefined || key !== undefined) return before?.length;
  // Behind dashes alone it is indented more than the last of them.
  return before.trimEnd().length - 1;
}

/** Takes out what Go has no type for, and numbers to base 60: `09:00` is a text. */
function likeGo(tags: Tags): Tags {
  const unknown = ["timestamp", "binary", "set", "omap", "pairs"];
  const kept = tags.filter((tag) =>
    typeof tag === "string" ||
    (tag.format !== "TIME" &&
      !unknown.some((name) => tag.tag.endsWith(`:${name}`)))
  );
  const octal: ScalarTag = {
    tag: "tag:yaml.org,2002:int",
    default: true,
    format: "OCT",
    test: /^[-+]?0o[0-7_]+$/,
    resolve: (text) => BigInt(text.replaceAll(/[_+]/g, "")),
  };
  return [octal, ...kept];
}

/**
 * Takes objects of JSON that follow each other, as tctl does, apart; each keeps its place by the line ends
 * before it.
 */
function splitJson(text: string): { text: string; isJson: boolean }[] {
  if (!/^\s*\{/.test(text)) return [{ text, isJson: false }];
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === "{") depth++;
    if (token !== "}" || --depth !== 0) continue;
    const lineEnds = text.slice(0, from).replaceAll(/[^\n]/g, "");
    parts.push(lineEnds + text.slice(from, index + 1));
    from = index + 1;
  }
  try {
    for (const part of parts) JSON.parse(part);
  } catch {
    return [{ text, isJson: false }];
  }
  const isJson = parts.length > 0 && text.slice(from).trim() === "";
  return isJson ? parts.map((text) => ({ text, isJson })) : [{ text, isJson }];
}

/** Throws what is wrong with a document, in words of our own. */
function refuse(document: Document.Parsed, lines: LineCounter): void {
  const { errors: [error], warnings: [warning], directives } = document;
  if (directives?.yaml.explicit === true) {
    throw new YamlError(
      "a directive such as %YAML, which tctl refuses: leave it out",
      1,
    );
  }
  const fault = error ?? warning;
  if (fault === undefined) return;
  const [offset] = fault.pos;
  throw new YamlError(describe(fault), lines.linePos(offset).line || 1);
}

function describe({ code, message }: YAMLParseError | YAMLWarning): string {
  return BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1] ??
    BY_CODE[code] ?? message;
}

const QUOTE = "put the text in quotes";

/** What an administrator gets instead of the words of the package: first where one code has many. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/ end with a [\]}]/, "a bracket is not closed"],
  [/^Missing closing/, "a quote is not closed before here"],
  [
    /followed by map value/,
    "expected a key with a colon and a space behind it",
  ],
  [/^Comments must be/, "put a space before this #"],
  [/block-seq-ind/, "a list begins on a line of its own"],
  [/^Unexpected , in flow/, "a comma too many"],
  [
    /block scalar header/i,
    "behind | or > only + or -, a digit and a comment may follow",
  ],
];

const BY_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: "an alias (*name) with an anchor or a tag",
  BAD_ALIAS: "an alias (*name) without a name",
  BAD_DQ_ESCAPE:
    "this backslash means nothing here: write it twice, or use single quotes",
  BAD_INDENT: "this line is indented too little or too far",
  BAD_SCALAR_START: `a text must not begin with this character: ${QUOTE}`,
  BLOCK_AS_IMPLICIT_KEY: "a colon with a space behind it, inside of a value: " +
    `${QUOTE}, or mend the indentation of the next line`,
  BLOCK_IN_FLOW: "a list or a table on lines of its own within brackets",
  KEY_OVER_1024_CHARS: "a key of more than 1024 characters",
  MISSING_CHAR: "a comma, a colon or a space is missing before here",
  MULTILINE_IMPLICIT_KEY:
    "expected a key on one line, with a colon and a space behind it",
  MULTIPLE_ANCHORS: "two anchors (&name) for one value",
  MULTIPLE_TAGS: "two tags (!name) for one value",
  TAB_AS_INDENT: "a line is indented by tabs: use spaces",
  TAG_RESOLVE_FAILED: `a text that begins with ! is taken for a tag: ${QUOTE}`,
  UNEXPECTED_TOKEN:
    `this does not belong here: if it is part of a value, ${QUOTE}`,
};

/** What a document was read from. */
interface Source {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  /** With all separators. */
  readonly text: string;
  readonly isJson: boolean;
}

/** Reads the tree of one document, up to what is wrong with it. */
class Reader {
  readonly surprises: { line: number; text: string }[] = [];
  readonly #source: Source;
  #values = 0;
  #depth = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** @param parent Line of what it is in. */
  read(node: unknown, parent: number): YamlNode {
    const line = this.#lineOf(node) ?? parent;
    if (++this.#values > MAX_VALUES) {
      fail(`more than ${MAX_VALUES} values`, line);
    }
    if (++this.#depth > MAX_DEPTH) fail(`more than ${MAX_DEPTH} levels`, line);
    const result = isAlias(node) ? { ...this.#target(node, line), line } : {
      line,
      value: this.#valueOf(node, line),
      source: isScalar(node) ? node.source ?? "" : "",
    };
    this.#depth--;
    return result;
  }

  #target(alias: Alias, line: number): YamlNode {
    const target = alias.resolve(this.#source.document);
    return target === undefined
      ? fail(`there is no anchor &${alias.source} before this alias`, line)
      : this.read(target, line);
  }

  #valueOf(node: unknown, line: number): YamlNode["value"] {
    if (isMap(node)) return this.#map(node, line);
    if (isSeq(node)) return node.items.map((each) => this.read(each, line));
    return isScalar(node) ? this.#scalar(node, line) : null;
  }

  #scalar(node: Scalar, line: number): YamlScalar {
    const { value, source = "", type, range } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      // To Go a number that is too large is a text.
      if (/\d/.test(source)) return source;
      fail(`${source} is a number that JSON does not have`, line);
    }
    const isBlock = type === "BLOCK_LITERAL" && range;
    return isBlock && typeof value === "string"
      ? this.#withSeparators(value, range[0])
      : small(value);
  }

  /** Puts the separators back into a block scalar, of whose lines each is one of its value. */
  #withSeparators(value: string, from: number): string {
    const ends = this.#source.text.slice(from).matchAll(/[\n\u2028\u2029]/g);
    ends.next(); // Of the line that it begins on.
    return value.replaceAll("\n", () => ends.next().value?.[0] ?? "\n");
  }

  #map(map: YAMLMap, line: number): YamlMap {
    const merged: (readonly [string, YamlNode])[] = [];
    const own = new Map<string, YamlNode>();
    for (const { key, value } of map.items) {
      const at = this.#lineOf(key) ?? line;
      if (isScalar(key) && typeof key.value === "symbol") {
        merged.unshift(...this.#merged(this.read(value, at)));
        continue;
      }
      const name = this.#key(key, at);
      if (own.has(name)) {
        const text = `the key ${JSON.stringify(name)} is there twice`;
        this.surprises.push({ line: at, text: `${text}; tctl takes the last` });
      }
      own.set(name, this.read(value, at));
    }
    const all = [...new Map([...merged, ...own])];
    // Of YAML Go writes the keys in this order before it reads them.
    if (!this.#source.isJson) all.sort(([a], [b]) => a < b ? -1 : 1);
    return new Map(all);
  }

  /** Returns what `<<` brings; of several tables the first counts. */
  #merged({ value, line }: YamlNode): (readonly [string, YamlNode])[] {
    if (value instanceof Map) return [...value];
    if (!Array.isArray(value)) fail("expected a table behind <<", line);
    return value.toReversed().flatMap((each: YamlNode) => this.#merged(each));
  }

  #key(key: unknown, parent: number): string {
    const { value, line, source } = this.read(key, parent);
    if (typeof value === "string") return value;
    if (value === null || typeof value === "object") {
      fail("expected a text as key", line);
    }
    const name = String(value);
    if (name !== source) {
      const text = `tctl reads the key ${source} as ${JSON.stringify(name)}`;
      this.surprises.push({ line, text: `${text}: put it in quotes` });
    }
    return name;
  }

  #lineOf(node: unknown): number | undefined {
    const range = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node)
      ? node.range
      : undefined;
    return range ? this.#source.lines.linePos(range[0]).line : undefined;
  }
}

function fail(message: string, line: number): never {
  throw new YamlError(message, line);
}

function small(value: unknown): YamlScalar {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return typeof value === "string" || typeof value === "number" ||
      typeof value === "boolean"
    ? value
    : null;
}
