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

/** Place of a value in a section: its key, or the path from there. */
export type Place = string | KeyPath;

/** A value, or one of a list. */
export interface Item {
  readonly place: Place;
  readonly item: unknown;
}

/** One table of a file. What has the wrong type becomes a problem and counts as not set. */
export class Section {
  readonly #path: KeyPath;
  readonly #table: Table;
  readonly #problems: ProblemList;

  /** @param path Its place; empty for the whole file. */
  constructor(value: unknown, path: KeyPath, problems: ProblemList) {
    this.#path = path;
    this.#table = isTable(value) ? value : {};
    this.#problems = problems;
    if (!isTable(value)) {
      this.fault(
        [],
        `expected a table, found ${describeTomlType(value)}`,
        `write [${path.join(".")}] on a line of its own and its keys below it`,
      );
    }
  }

  /** Returns a table within this one, empty if it is not there. */
  table(key: string): Section {
    return new Section(this.raw(key) ?? {}, this.#pathOf(key), this.#problems);
  }

  /** Returns the tables that stand below the same name in two brackets. */
  tables(key: string): readonly Section[] {
    const value = this.raw(key) ?? [];
    if (Array.isArray(value) && value.every(isTable)) {
      return value.map((each, i) =>
        new Section(each, this.#pathOf([key, i]), this.#problems)
      );
    }
    this.fault(
      key,
      `expected tables below [[${key}]], found ${describeTomlType(value)}`,
      `write [[${key}]], with two brackets, above the keys of each`,
    );
    return [];
  }

  /** Keys and values, in the order of the file. */
  get entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#table);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  /** Whether there is another value than an empty text. */
  isSet(key: string): boolean {
    return (this.raw(key) ?? "") !== "";
  }

  /** Returns the value as it is, of whatever type. */
  raw(key: string): unknown {
    return this.has(key) ? this.#table[key] : undefined;
  }

  /** Returns the items of a list, or a value that is none as the only one. */
  items(key: string): readonly Item[] {
    const value = this.raw(key);
    return Array.isArray(value)
      ? value.map((item, i) => ({ place: [key, i], item }))
      : [{ place: key, item: value }];
  }

  /**
   * Reads a value, or each item of a list.
   *
   * @param read Notes a problem where it returns nothing.
   * @returns Each result once.
   */
  list<T>(
    key: string,
    read: (item: unknown, place: Place) => T | undefined,
  ): readonly T[] {
    const results = this.items(key).map(({ item, place }) => read(item, place));
    return [...new Set(results)].filter((each) => each !== undefined);
  }

  /** Notes something that refuses the whole configuration. */
  fault(place: Place, detail: string, hint?: string): undefined {
    this.#problems.add("fault", this.#pathOf(place), detail, hint);
  }

  /** Notes, and says, that something is left out of the configuration. */
  error(place: Place, detail: string, hint?: string): undefined {
    const whole = `${detail}; it is left out`;
    this.#problems.add("error", this.#pathOf(place), whole, hint);
  }

  /** Notes something that works, but perhaps not as meant. */
  warning(place: Place, detail: string, hint?: string): undefined {
    this.#problems.add("warning", this.#pathOf(place), detail, hint);
  }

  #pathOf(place: Place): KeyPath {
    return this.#path.concat(place);
  }

  /** Reads a string; one that holds a secret is not shown in a finding. */
  string(key: string, options: { secret?: boolean } = {}): string | undefined {
    if (!this.isSet(key)) return undefined;
    const value = this.raw(key);
    if (typeof value === "string") return value;
    const found = options.secret
      ? describeTomlType(value)
      : describeValue(value);
    return this.fault(
      key,
      `expected a string, found ${found}`,
      "put the value in quotes",
    );
  }

  /** Reads the path of a file; what a shell would replace in it stays as it is, so it is refused. */
  filePath(key: string): string | undefined {
    const value = this.string(key);
    if (value === undefined || !/^[~$]/.test(value)) return value;
    return this.fault(
      key,
      `expected the path of a file, found ${describeValue(value)}`,
      "write the whole path, starting with /: ~ and variables are not replaced here",
    );
  }

  boolean(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.fault(
      key,
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
    return this.isSet(key)
      ? this.#durationMs({ place: key, item: this.raw(key) }, options)
      : undefined;
  }

  /** Reads a list of durations; a single one is a list of one. Those that are none are left out, as problems. */
  durationsMs(
    key: string,
  ): { readonly place: Place; readonly ms: number; readonly text: string }[] {
    if (!this.isSet(key)) return [];
    return this.items(key).flatMap(({ place, item }) => {
      const ms = this.#durationMs({ place, item }, {});
      return ms === undefined ? [] : [{ place, ms, text: describeValue(item) }];
    });
  }

  #durationMs(
    { place, item }: Item,
    options: { nanoseconds?: boolean },
  ): number | undefined {
    if (typeof item === "string") {
      const ms = parseDurationMs(item);
      if (ms !== undefined && ms >= 0) return ms;
    }
    const isInteger = typeof item === "bigint" || Number.isInteger(item);
    if (options.nanoseconds && isInteger && Number(item) >= 0) {
      return Number(item) / 1e6;
    }
    return this.fault(
      place,
      `expected a duration such as "1m30s", found ${describeValue(item)}`,
      isInteger && Number(item) > 0
        ? `write the unit and the quotes, such as "${item}s"`
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
    if (!this.isSet(key)) return undefined;
    const value = this.raw(key);
    const word = typeof value === "string" ? value.toLowerCase() : "";
    if (Object.hasOwn(words, word)) return words[word];
    const near = nearest(word, Object.keys(words));
    return this.fault(
      key,
      `expected one of ${shown.join(", ")}, found ${describeValue(value)}`,
      near === undefined
        ? "leave the key out for the default"
        : `did you mean "${near}"?`,
    );
  }
}
