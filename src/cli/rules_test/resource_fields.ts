/**
 * Values of a resource in a file, each checked when it is asked for.
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
import type { YamlNode } from "./yaml_reader.ts";

const A_TIME = 'a time such as "2026-01-31T09:00:00Z"';

/** A file, and where what is wrong with it goes. */
export interface CheckedFile {
  readonly file: string;
  readonly problems: Problem[];
}

/** What stands in one place of a resource, if anything does. */
export class Value {
  /** More than one where tctl takes several keys for one field; mostly the last counts. */
  readonly #nodes: readonly YamlNode[];
  readonly #path: KeyPath;
  readonly #line: number;
  readonly #file: CheckedFile;

  /** @param parentLine Where what it is in begins. */
  constructor(
    nodes: readonly YamlNode[],
    path: KeyPath,
    file: CheckedFile,
    parentLine: number,
  ) {
    this.#nodes = nodes;
    this.#path = path;
    this.#line = nodes.at(-1)?.line ?? parentLine;
    this.#file = file;
  }

  /** Whether there is something else than nothing. */
  get isThere(): boolean {
    return (this.#last?.value ?? null) !== null;
  }

  get #last(): YamlNode | undefined {
    return this.#nodes.at(-1);
  }

  /** Notes what is wrong with it, if that is so. */
  refuseIf(isWrong: boolean, detail: string, hint: string): void {
    if (!isWrong) return;
    this.#note("fault", this.#line, this.#path, detail, hint);
  }

  /** Returns a text; empty if there is none. */
  text(): string {
    const texts = this.#nodes.map((node) => {
      if (typeof node.value === "string") return node.value;
      if (node.value !== null) this.#expect("a text", node);
      return "";
    });
    return texts.at(-1) ?? "";
  }

  integer(): number | undefined {
    const node = this.#last;
    if (node === undefined) return undefined;
    if (typeof node.value === "number") return node.value;
    return this.#expect("a number", node);
  }

  /** Returns a time; `undefined` also for the one that means that it is not set. */
  time(): Date | undefined {
    const text = this.text();
    if (text === "" || text.startsWith("0001-01-01")) return undefined;
    const time = new Date(text);
    if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(time.getTime())) {
      return time;
    }
    return this.#expect(A_TIME, this.#last);
  }

  requiredTime(): Date {
    return this.time() ?? this.#expect(A_TIME, this.#last) ?? new Date(0);
  }

  /** Returns a field of a table. */
  field(key: string): Value {
    const found = [...this.#table].filter(([each]) =>
      each.toLowerCase() === key
    );
    const last = found.at(-1);
    if (last !== undefined && found.length > 1) {
      const [name, { line }] = last;
      const names = found.map(([each]) => JSON.stringify(each));
      const detail = `${names.join(" and ")} are one field to tctl, which ` +
        `takes ${names.at(-1)}`;
      this.#note("warning", line, [...this.#path, name], detail);
    }
    return this.#inside(key, ...found.map(([, node]) => node));
  }

  /** Returns all entries of a table. */
  entries(): [key: string, value: Value][] {
    return [...this.#table].map((
      [key, node],
    ) => [key, this.#inside(key, node)]);
  }

  /** Returns what is in a list. */
  items(): Value[] {
    return this.#lists().at(-1) ?? [];
  }

  /** Returns the texts of a list. */
  texts(): string[] {
    return this.#lists().map((items) => items.map((item) => item.text()))
      .at(-1) ?? [];
  }

  #lists(): Value[][] {
    return this.#nodes.map((node) => {
      const value = node.value ?? [];
      if (Array.isArray(value)) {
        return value.map((item: YamlNode, i) => this.#inside(i, item));
      }
      this.#expect("a list", node);
      return [];
    });
  }

  /** Returns all entries of a table as texts. */
  textTable(): Record<string, string> {
    const entries = this.entries();
    return Object.fromEntries(entries.map(([key, each]) => [key, each.text()]));
  }

  /** Returns all entries of a table as lists of texts. */
  textListTable(): Record<string, readonly string[]> {
    const entries = this.entries();
    return Object.fromEntries(
      entries.map(([key, each]) => [key, each.texts()]),
    );
  }

  /** All entries; of several tables that are one field those of the last behind the others. */
  get #table(): ReadonlyMap<string, YamlNode> {
    const all = new Map<string, YamlNode>();
    for (const node of this.#nodes) {
      const value = node.value ?? new Map();
      if (!(value instanceof Map)) this.#expect("a table", node);
      else {
        for (const [key, each] of value) {
          all.delete(key);
          all.set(key, each);
        }
      }
    }
    return all;
  }

  #inside(key: string | number, ...nodes: YamlNode[]): Value {
    return new Value(nodes, [...this.#path, key], this.#file, this.#line);
  }

  #expect(expected: string, node: YamlNode | undefined): undefined {
    const { line = this.#line, value, source = "" } = node ?? {};
    const isUnquoted = expected === "a text" && source !== "";
    const detail = `expected ${expected}, found ${describe(value)}`;
    const hint = isUnquoted ? `put it in quotes: "${source}"` : undefined;
    this.#note("fault", line, this.#path, detail, hint);
  }

  /** Notes one thing of each place: a field may be asked for twice. */
  #note(
    severity: Problem["severity"],
    line: number,
    path: KeyPath,
    detail: string,
    hint?: string,
  ): void {
    const { file, problems } = this.#file;
    const key = formatKey(path) || undefined;
    const isNoted = problems.some((each) =>
      each.severity === severity && each.line === line && each.key === key
    );
    if (isNoted) return;
    problems.push({ severity, file, line, key, detail, hint });
  }
}

function describe(value: YamlNode["value"] | undefined): string {
  if (value === undefined) return "none";
  if (value === null) return "nothing";
  return describeValue(value instanceof Map ? {} : value);
}
