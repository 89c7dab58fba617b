/**
 * Fields of a resource in a file, each checked when it is asked for.
 *
 * What is absent has the value that Teleport gives it. What is of another type is a problem with file,
 * line and key. As with tctl, a field is found whatever the case of its letters.
 *
 * @module
 */

import {
  describeValue,
  formatKey,
  type KeyPath,
  type Problem,
} from "../../config/reading/problem.ts";
import type { YamlMap, YamlNode } from "./yaml_reader.ts";

const A_TIME = 'a time such as "2026-01-31T09:00:00Z"';

/** A file, and where what is wrong with it goes. */
export interface CheckedFile {
  readonly file: string;
  readonly problems: Problem[];
}

/** One table of a resource. */
export class Fields {
  readonly #map: YamlMap;
  readonly #path: KeyPath;
  readonly #line: number;
  readonly #file: CheckedFile;
  /** Fields of which it was said that they are there twice. */
  readonly #doubled = new Set<string>();

  /** @param parentLine Where what it is in begins. */
  constructor(
    node: YamlNode | undefined,
    path: KeyPath,
    file: CheckedFile,
    parentLine: number,
  ) {
    const value = node?.value ?? new Map();
    this.#map = value instanceof Map ? value : new Map();
    this.#path = path;
    this.#line = node?.line ?? parentLine;
    this.#file = file;
    if (!(value instanceof Map)) this.#expect("a table", node, path);
  }

  /** Whether there is something else than nothing. */
  has(key: string): boolean {
    return (this.#find(key)?.value ?? null) !== null;
  }

  /** Notes what is wrong with a field, unless something is noted of it already. */
  refuse(key: string, detail: string, hint: string): void {
    const { file, problems } = this.#file;
    const name = formatKey([...this.#path, key]);
    if (problems.some((each) => each.key === name)) return;
    const line = this.#find(key)?.line ?? this.#line;
    problems.push({ severity: "fault", file, line, key: name, detail, hint });
  }

  /** Returns a text; empty if there is none. */
  text(key: string): string {
    const path = [...this.#path, key];
    return this.#last(key, "", (node) => this.#textOf(node, path));
  }

  integer(key: string): number | undefined {
    const node = this.#find(key);
    if (node === undefined) return undefined;
    if (typeof node.value === "number") return node.value;
    return this.#expect("a number", node, [...this.#path, key]);
  }

  /** Returns a time; `undefined` also for the one that means that it is not set. */
  time(key: string): Date | undefined {
    const text = this.text(key);
    if (text === "" || text.startsWith("0001-01-01")) return undefined;
    const time = new Date(text);
    if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(time.getTime())) {
      return time;
    }
    return this.#expect(A_TIME, this.#find(key), [...this.#path, key]);
  }

  requiredTime(key: string): Date {
    const time = this.time(key);
    if (time !== undefined) return time;
    this.#expect(A_TIME, this.#find(key), [...this.#path, key]);
    return new Date(0);
  }

  /** Returns a table; of several that are one field all entries, those of the last behind the others. */
  table(key: string): Fields {
    const path = [...this.#path, key];
    const last = this.#find(key);
    const others = this.#entries(key).slice(0, -1)
      .flatMap(([, node]) => [...this.#child(node, path).#map]);
    const table = this.#child(last, path);
    if (others.length === 0) return table;
    const own = table.#map;
    const before = others.filter(([each]) => !own.has(each));
    const value = new Map([...before, ...own]);
    return this.#child({ line: table.#line, value, source: "" }, path);
  }

  /** Returns all entries as tables. */
  tables(): [key: string, fields: Fields][] {
    return [...this.#map].map((
      [key, node],
    ) => [key, this.#child(node, [...this.#path, key])]);
  }

  /** Returns the tables of a list. */
  list(key: string): Fields[] {
    return this.#itemsOf(this.#find(key), key).map((node, i) =>
      this.#child(node, [...this.#path, key, i])
    );
  }

  textList(key: string): string[] {
    return this.#last(key, [], (node) => this.#textsOf(node, key));
  }

  /** Returns all entries as lists of texts. */
  textLists(): Record<string, readonly string[]> {
    return Object.fromEntries(
      [...this.#map].map(([key, node]) => [key, this.#textsOf(node, key)]),
    );
  }

  /** Returns all entries as texts. */
  texts(): Record<string, string> {
    return Object.fromEntries(
      [...this.#map].map((
        [key, node],
      ) => [key, this.#textOf(node, [...this.#path, key])]),
    );
  }

  /** Reads all entries that are one field, as tctl does, of which the last counts. */
  #last<T>(key: string, otherwise: T, read: (node: YamlNode) => T): T {
    this.#find(key);
    return this.#entries(key).map(([, node]) => read(node)).at(-1) ?? otherwise;
  }

  #entries(key: string): [string, YamlNode][] {
    return [...this.#map].filter(([each]) => each.toLowerCase() === key);
  }

  #find(key: string): YamlNode | undefined {
    const found = this.#entries(key);
    const last = found.at(-1);
    if (last !== undefined && found.length > 1 && !this.#doubled.has(key)) {
      this.#doubled.add(key);
      const names = found.map(([each]) => JSON.stringify(each));
      this.#file.problems.push({
        severity: "warning",
        file: this.#file.file,
        line: last[1].line,
        key: formatKey([...this.#path, last[0]]),
        detail: `${names.join(" and ")} are one field to tctl, which takes ${
          names.at(-1)
        }`,
      });
    }
    return last?.[1];
  }

  #textsOf(node: YamlNode | undefined, key: string): string[] {
    return this.#itemsOf(node, key).map((item, i) =>
      this.#textOf(item, [...this.#path, key, i])
    );
  }

  #itemsOf(node: YamlNode | undefined, key: string): readonly YamlNode[] {
    if (node === undefined || node.value === null) return [];
    if (Array.isArray(node.value)) return node.value;
    this.#expect("a list", node, [...this.#path, key]);
    return [];
  }

  #child(node: YamlNode | undefined, path: KeyPath): Fields {
    return new Fields(node, path, this.#file, this.#line);
  }

  #textOf(node: YamlNode | undefined, path: KeyPath): string {
    if (node === undefined || node.value === null) return "";
    if (typeof node.value === "string") return node.value;
    this.#expect("a text", node, path);
    return "";
  }

  /** Notes what was expected, once for each place: a field may be asked for twice. */
  #expect(
    expected: string,
    node: YamlNode | undefined,
    path: KeyPath,
  ): undefined {
    const { file, problems } = this.#file;
    const line = node?.line ?? this.#line;
    const key = formatKey(path) || undefined;
    if (problems.some((each) => each.line === line && each.key === key)) return;
    const isScalar = typeof node?.value !== "object" &&
      typeof node?.value !== "string";
    problems.push({
      severity: "fault",
      file,
      line,
      key,
      detail: `expected ${expected}, found ${describe(node)}`,
      hint: expected === "a text" && isScalar && node?.source
        ? `put it in quotes: "${node.source}"`
        : undefined,
    });
  }
}

function describe(node: YamlNode | undefined): string {
  if (node === undefined) return "none";
  const { value } = node;
  if (value === null) return "nothing";
  return describeValue(value instanceof Map ? {} : value);
}
