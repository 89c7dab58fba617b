/**
 * Reads the values of one table, each as the type that it must have.
 *
 * As in Go, an empty string and a missing key are the same: not set.
 *
 * @module
 */

import { parseDurationMs } from "./go_duration.ts";
import { nearest } from "./nearest_word.ts";
import { describeTomlType, describeValue, type KeyPath } from "./problem.ts";
import type { ProblemList } from "./problem_list.ts";

/** A TOML table as the parser gives it. */
export type Table = Readonly<Record<string, unknown>>;

/** Returns whether a value is a table, not a list or a date. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}

/** Returns the items of a list, or a value that is none as the only one, each with the path of its place. */
export function itemsAt(
  path: KeyPath,
  value: unknown,
): { readonly path: KeyPath; readonly item: unknown }[] {
  return Array.isArray(value)
    ? value.map((item, i) => ({ path: [...path, i], item }))
    : [{ path, item: value }];
}

/** One table of a file. What has the wrong type becomes a finding and counts as not set. */
export class Section {
  /** As between brackets, such as `log`. */
  readonly name: string;
  readonly #path: KeyPath;
  readonly #table: Table;
  readonly #problems: ProblemList;

  /** @param outer Place of `root`; the file itself if not given. */
  constructor(
    root: Table | readonly unknown[],
    name: string | number,
    problems: ProblemList,
    outer: KeyPath = [],
  ) {
    this.#path = [...outer, name];
    this.name = this.#path.join(".");
    this.#problems = problems;
    const table: unknown = Object.hasOwn(root, name)
      ? Reflect.get(root, name)
      : {};
    if (isTable(table)) {
      this.#table = table;
    } else {
      this.#table = {};
      problems.fault(
        this.#path,
        `expected a table, found ${describeTomlType(table)}`,
        `write [${this.name}] on a line of its own and its keys below it`,
      );
    }
  }

  /** Returns a table within this one. */
  table(key: string): Section {
    return new Section(this.#table, key, this.#problems, this.#path);
  }

  /** Keys and values, in the order of the file. */
  get entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#table);
  }

  path(key: string): KeyPath {
    return [...this.#path, key];
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  /** Returns the value as it is, of whatever type. */
  raw(key: string): unknown {
    return this.has(key) ? this.#table[key] : undefined;
  }

  /** Reads a string; one that holds a secret is not shown in a finding. */
  string(key: string, options: { secret?: boolean } = {}): string | undefined {
    const value = this.raw(key);
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") return value;
    const found = options.secret
      ? describeTomlType(value)
      : describeValue(value);
    return this.#problems.fault(
      this.path(key),
      `expected a string, found ${found}`,
      "put the value in quotes",
    );
  }

  /** Reads the path of a file; what a shell would replace in it stays as it is, so it is refused. */
  filePath(key: string): string | undefined {
    const value = this.string(key);
    if (value === undefined || !/^[~$]/.test(value)) return value;
    return this.#problems.fault(
      this.path(key),
      `expected the path of a file, found ${describeValue(value)}`,
      "write the whole path, starting with /: ~ and variables are not replaced here",
    );
  }

  boolean(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#problems.fault(
      this.path(key),
      `expected true or false, found ${describeValue(value)}`,
      "write true or false, without quotes",
    );
  }

  /**
   * Reads a duration.
   *
   * @param options.nanoseconds Whether a bare integer is taken, as nanoseconds.
   * @returns Milliseconds.
   */
  durationMs(
    key: string,
    options: { nanoseconds?: boolean } = {},
  ): number | undefined {
    const value = this.raw(key);
    if (value === undefined || value === "") return undefined;
    return this.#durationMs(this.path(key), value, options);
  }

  /**
   * Reads a list of durations; a single one is a list of one. Those that are none are left out, as problems.
   *
   * @returns Each with the path of its place in the file.
   */
  durationsMs(
    key: string,
  ): { readonly path: KeyPath; readonly ms: number; readonly text: string }[] {
    const value = this.raw(key);
    if (value === undefined || value === "") return [];
    return itemsAt(this.path(key), value).flatMap(({ path, item }) => {
      const ms = this.#durationMs(path, item, {});
      return ms === undefined ? [] : [{ path, ms, text: describeValue(item) }];
    });
  }

  #durationMs(
    path: KeyPath,
    value: unknown,
    options: { nanoseconds?: boolean },
  ): number | undefined {
    if (typeof value === "string") {
      const ms = parseDurationMs(value);
      if (ms !== undefined && ms >= 0) return ms;
    }
    const isInteger = typeof value === "bigint" || Number.isInteger(value);
    if (options.nanoseconds && isInteger && Number(value) >= 0) {
      return Number(value) / 1e6;
    }
    return this.#problems.fault(
      path,
      `expected a duration such as "1m30s", found ${describeValue(value)}`,
      isInteger && Number(value) > 0
        ? `write the unit and the quotes, such as "${value}s"`
        : "use numbers with the units h, m, s or ms, in quotes",
    );
  }

  /** Reads one of a few words, in upper or lower case. */
  word<Word extends string>(
    key: string,
    words: readonly Word[],
  ): Word | undefined {
    const same = Object.fromEntries(words.map((each) => [each, each]));
    return this.choice(key, same, words);
  }

  /**
   * Reads what one of a few words means, in upper or lower case.
   *
   * @param words What each word means.
   * @param shown The words to name in a finding.
   */
  choice<T>(
    key: string,
    words: Readonly<Record<string, T>>,
    shown: readonly string[],
  ): T | undefined {
    const value = this.raw(key);
    if (value === undefined || value === "") return undefined;
    const word = typeof value === "string" ? value.toLowerCase() : "";
    if (Object.hasOwn(words, word)) return words[word];
    const near = nearest(word, Object.keys(words));
    return this.#problems.fault(
      this.path(key),
      `expected one of ${shown.join(", ")}, found ${describeValue(value)}`,
      near === undefined
        ? "leave the key out for the default"
        : `did you mean "${near}"?`,
    );
  }
}
