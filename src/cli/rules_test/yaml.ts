/**
 * Reads YAML as people and tools write it for settings: block and flow collections, all five kinds of
 * scalars, several documents, and so JSON. Anchors, tags, directives and keys that are no text are refused.
 *
 * Each value knows its line, so that whoever finds a fault in it can say where. A package that reads all
 * of YAML is larger than what is left for the program; tests compare this with one.
 *
 * @module
 */

import { readBlockScalar, readQuoted, resolvePlain } from "./yaml_scalar.ts";
import { YamlCursor } from "./yaml_cursor.ts";

export { YamlError } from "./yaml_cursor.ts";

/** What a text without quotes can stand for. */
export type YamlScalar = string | number | bigint | boolean | null;

/** A value and where it begins. */
export interface YamlNode {
  /** Counted from 1. */
  readonly line: number;
  readonly value: YamlScalar | readonly YamlNode[] | YamlMap;
}

/** A mapping, in the order of the text. */
export type YamlMap = ReadonlyMap<string, YamlNode>;

/** Collections in one another; more are refused. */
const MAX_DEPTH = 100;

/**
 * Reads all documents of a text; those without content are left out.
 *
 * @throws {YamlError} If the text is not of this form; it has the line.
 */
export function parseYaml(text: string): YamlNode[] {
  return new Parser(new YamlCursor(text)).documents();
}

class Parser {
  readonly #at: YamlCursor;
  #depth = 0;

  constructor(cursor: YamlCursor) {
    this.#at = cursor;
  }

  documents(): YamlNode[] {
    const at = this.#at;
    const documents: YamlNode[] = [];
    for (;;) {
      while (at.skipToContent() && at.skipMarker());
      if (!at.skipToContent()) return documents;
      if (at.char === "%") at.fail("directives are not understood");
      documents.push(this.#node(-1, at.column));
      at.skipToContent();
      if (!at.isEnd && !at.isMarker) {
        at.fail("expected a key with a colon and a space behind it");
      }
    }
  }

  /**
   * Reads the value that begins here.
   *
   * @param parent Column of the collection that it is in; -1 for none.
   * @param indent Column of a block collection that would begin here.
   */
  #node(parent: number, indent: number): YamlNode {
    const at = this.#at;
    if (++this.#depth > MAX_DEPTH) at.fail(`more than ${MAX_DEPTH} levels`);
    const { line } = at;
    let value: YamlNode["value"];
    if (at.isDash) value = this.#sequence(indent);
    else if (this.#isKey()) value = this.#mapping(indent);
    else {
      value = this.#inline(parent);
      at.expectLineEnd();
    }
    this.#depth--;
    return { line, value };
  }

  #inline(parent: number): YamlNode["value"] {
    const at = this.#at;
    switch (at.char) {
      case "[":
      case "{":
        return this.#flow().value;
      case '"':
      case "'":
        return readQuoted(at);
      case "|":
      case ">":
        return readBlockScalar(at, parent);
      default:
        return resolvePlain(at.takePlain(parent));
    }
  }

  /** Reads what stands behind a key or a dash: on the same line, or indented below it. */
  #behind(parent: number, isKey: boolean): YamlNode {
    const at = this.#at;
    const { line } = at;
    at.skipBlanks();
    if (!at.isLineEnd) {
      // A collection may begin behind a dash, but not behind a key.
      if (!isKey) return this.#node(parent, at.column);
      if (at.isDash) at.fail("a list begins on a line of its own");
      const value = { line, value: this.#inline(parent) };
      at.expectLineEnd();
      return value;
    }
    const isBelow = at.skipToContent() && !at.isMarker &&
      (at.column > parent || (isKey && at.column === parent && at.isDash));
    return isBelow ? this.#node(parent, at.column) : { line, value: null };
  }

  #sequence(indent: number): YamlNode[] {
    const at = this.#at;
    const items: YamlNode[] = [];
    do {
      at.advance(1);
      items.push(this.#behind(indent, false));
      at.skipToContent();
    } while (!at.isEnd && at.column === indent && at.isDash);
    this.#expectDedent(indent);
    return items;
  }

  #mapping(indent: number): YamlMap {
    const at = this.#at;
    const map = new Map<string, YamlNode>();
    do {
      const key = this.#key();
      if (map.has(key)) {
        at.fail(`the key ${JSON.stringify(key)} is there twice`);
      }
      at.advance(1);
      map.set(key, this.#behind(indent, true));
      at.skipToContent();
    } while (
      !at.isEnd && !at.isMarker && at.column === indent && this.#isKey()
    );
    this.#expectDedent(indent);
    return map;
  }

  /** Behind a block collection only something further left may follow. */
  #expectDedent(indent: number): void {
    const at = this.#at;
    if (at.isEnd || at.isMarker || at.column <= indent) return;
    at.fail("this line is indented too far");
  }

  #isKey(): boolean {
    return this.#at.peek(() => {
      const at = this.#at;
      const { line } = at;
      if (at.char === '"' || at.char === "'") readQuoted(at);
      else if (/[[\]{}|>&*!%@`]/.test(at.char)) return false;
      else if (!at.skipPlainKey()) return false;
      at.skipBlanks();
      return at.line === line && at.isColon;
    });
  }

  #key(): string {
    const at = this.#at;
    if (at.char === '"' || at.char === "'") {
      const key = readQuoted(at);
      at.skipBlanks();
      return key;
    }
    return at.takePlainKey();
  }

  /** Reads a collection in brackets, or a scalar within one. */
  #flow(): YamlNode {
    const at = this.#at;
    if (++this.#depth > MAX_DEPTH) at.fail(`more than ${MAX_DEPTH} levels`);
    const { line } = at;
    let value: YamlNode["value"];
    switch (at.char) {
      case "[":
        value = this.#flowSequence();
        break;
      case "{":
        value = this.#flowMapping();
        break;
      case '"':
      case "'":
        value = readQuoted(at);
        break;
      default:
        value = resolvePlain(at.takeFlowPlain());
    }
    this.#depth--;
    return { line, value };
  }

  #flowSequence(): YamlNode[] {
    const items: YamlNode[] = [];
    this.#flowItems("]", () => items.push(this.#flow()));
    return items;
  }

  #flowMapping(): YamlMap {
    const at = this.#at;
    const map = new Map<string, YamlNode>();
    this.#flowItems("}", () => {
      const isQuoted = at.char === '"' || at.char === "'";
      const key = isQuoted ? readQuoted(at) : at.takeFlowPlain();
      if (map.has(key)) {
        at.fail(`the key ${JSON.stringify(key)} is there twice`);
      }
      at.skipFlowBlanks();
      const { line } = at;
      if (at.char !== ":") {
        map.set(key, { line, value: null });
        return;
      }
      at.advance(1);
      at.skipFlowBlanks();
      const isEmpty = /^[,}]/.test(at.rest);
      map.set(key, isEmpty ? { line, value: null } : this.#flow());
    });
    return map;
  }

  #flowItems(end: "]" | "}", readItem: () => void): void {
    const at = this.#at;
    at.advance(1);
    at.skipFlowBlanks();
    while (at.char !== end) {
      readItem();
      at.skipFlowBlanks();
      if (at.char !== ",") break;
      at.advance(1);
      at.skipFlowBlanks();
    }
    if (at.char !== end) at.fail(`expected a comma or "${end}" here`);
    at.advance(1);
  }
}
