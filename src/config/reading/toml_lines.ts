/**
 * Line numbers of the keys and list items of a TOML document.
 *
 * The TOML parser tells where a *syntax* error is but not where a value stands; this scanner reads
 * the same text once more, only for places.
 *
 * @module
 */

import { parse } from "smol-toml";
import type { KeyPath } from "./problem.ts";

/** Finds lines by key. */
export interface TomlLines {
  /**
   * Returns the line of a key or list item, counted from 1: that of its own, or else of the nearest
   * table or list around it; `undefined` if the document has none of these.
   */
  find(path: KeyPath): number | undefined;
}

/**
 * Notes where each key and list item of a document stands.
 *
 * @param text A valid TOML document. With any other text some places may be wrong or missing.
 */
export function scanTomlLines(text: string): TomlLines {
  const scanner = new Scanner(text);
  scanner.document();
  return {
    find(path) {
      for (let length = path.length; length > 0; length--) {
        const line = scanner.lines.get(placeOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return undefined;
    },
  };
}

function placeOf(path: KeyPath): string {
  return JSON.stringify(path.map(String));
}

class Scanner {
  readonly lines = new Map<string, number>();
  readonly #text: string;
  #at = 0;
  #line = 1;
  /** How many tables each `[[name]]` has so far. */
  readonly #tables = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    let table: KeyPath = [];
    while (this.#skipBlank()) {
      if (this.#peek() === "[") {
        table = this.#header();
      } else if (!this.#pair(table)) {
        this.#skipLine();
      }
    }
  }

  /** Reads `[name]` or `[[name]]`; returns the path that the keys below it start with. */
  #header(): KeyPath {
    const line = this.#line;
    this.#take();
    const isList = this.#peek() === "[";
    if (isList) this.#take();
    const names = this.#key();
    this.#skipLine();
    const path = this.#resolve(isList ? names.slice(0, -1) : names);
    if (!isList) {
      this.#note(path, 0, line);
      return path;
    }
    const list = [...path, ...names.slice(-1)];
    const count = this.#tables.get(placeOf(list)) ?? 0;
    this.#tables.set(placeOf(list), count + 1);
    this.#note([...list, count], 0, line);
    return [...list, count];
  }

  /** Puts the index of the newest table behind each name of a `[[name]]`. */
  #resolve(names: readonly string[]): KeyPath {
    let path: KeyPath = [];
    for (const name of names) {
      path = [...path, name];
      const count = this.#tables.get(placeOf(path));
      if (count !== undefined) path = [...path, count - 1];
    }
    return path;
  }

  /** Reads `key = value`; returns whether there was a key. */
  #pair(table: KeyPath): boolean {
    const line = this.#line;
    const names = this.#key();
    if (names.length === 0) return false;
    const path = [...table, ...names];
    this.#note(path, table.length, line);
    if (this.#peek() === "=") this.#take();
    this.#skipSpace();
    this.#value(path);
    return true;
  }

  #value(path: KeyPath): void {
    switch (this.#peek()) {
      case '"':
      case "'":
        return this.#string();
      case "[":
        return this.#list(path);
      case "{":
        return this.#inlineTable(path);
      default:
        while (!/^[,\]}#\n]?$/.test(this.#peek())) this.#take();
    }
  }

  #list(path: KeyPath): void {
    this.#take();
    for (let index = 0; this.#skipBlank(); index++) {
      if (this.#peek() === "]") break;
      const item = [...path, index];
      this.#note(item, path.length, this.#line);
      const start = this.#at;
      this.#value(item);
      if (!this.#skipBlank()) return;
      if (this.#peek() === "," || this.#at === start) this.#take();
    }
    this.#take();
  }

  #inlineTable(path: KeyPath): void {
    this.#take();
    while (this.#skipBlank()) {
      if (this.#peek() === "}") break;
      const start = this.#at;
      this.#pair(path);
      if (!this.#skipBlank()) return;
      if (this.#peek() === "," || this.#at === start) this.#take();
    }
    this.#take();
  }

  /** Reads a bare, quoted or dotted key; returns its parts. */
  #key(): string[] {
    const names: string[] = [];
    for (;;) {
      this.#skipSpace();
      const start = this.#at;
      if (/^["']$/.test(this.#peek())) {
        this.#string();
        names.push(decodeKey(this.#text.slice(start, this.#at)));
      } else {
        while (/^[A-Za-z0-9_-]$/.test(this.#peek())) this.#take();
        if (this.#at === start) return names;
        names.push(this.#text.slice(start, this.#at));
      }
      this.#skipSpace();
      if (this.#peek() !== ".") return names;
      this.#take();
    }
  }

  #string(): void {
    const mark = this.#peek();
    const fence = mark.repeat(3);
    const isLong = this.#text.startsWith(fence, this.#at);
    const end = isLong ? fence : mark;
    this.#take(end.length);
    while (this.#at < this.#text.length) {
      if (this.#text.startsWith(end, this.#at)) {
        this.#take(end.length);
        // Up to two marks may stand right before the closing fence.
        while (isLong && this.#peek() === mark) this.#take();
        return;
      }
      if (!isLong && this.#peek() === "\n") return;
      this.#take(mark === '"' && this.#peek() === "\\" ? 2 : 1);
    }
  }

  /** Notes the line for each part of a path behind the first `known` ones; the first place stays. */
  #note(path: KeyPath, known: number, line: number): void {
    for (let length = known + 1; length <= path.length; length++) {
      const place = placeOf(path.slice(0, length));
      if (!this.lines.has(place)) this.lines.set(place, line);
    }
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(count = 1): void {
    for (let i = 0; i < count; i++) {
      if (this.#text.charAt(this.#at++) === "\n") this.#line++;
    }
  }

  #skipSpace(): void {
    while (/^[ \t]$/.test(this.#peek())) this.#take();
  }

  #skipLine(): void {
    while (!/^\n?$/.test(this.#peek())) this.#take();
  }

  /** Skips blanks, line ends and comments; returns whether any text is left. */
  #skipBlank(): boolean {
    for (;;) {
      if (/^[ \t\r\n]$/.test(this.#peek())) this.#take();
      else if (this.#peek() === "#") this.#skipLine();
      else return this.#at < this.#text.length;
    }
  }
}

function decodeKey(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return Object.keys(parse(`${quoted} = 0`))[0] ?? "";
  } catch {
    return quoted.slice(1, -1);
  }
}
