/**
 * Collects what is wrong with one file.
 *
 * @module
 */

import { formatKey, type KeyPath, type Problem } from "./problem.ts";
import type { Toml } from "./toml.ts";

/** Collects the problems of one file and looks up their lines. */
export class ProblemList {
  readonly #file: string;
  readonly #document: Toml;
  #problems: Problem[] = [];

  constructor(file: string, document: Toml) {
    this.#file = file;
    this.#document = document;
  }

  /** Returns the problems so far, in the order of the file; those without a line come last. */
  get inOrder(): readonly Problem[] {
    return this.#problems.toSorted((a, b) =>
      (a.line ?? Infinity) - (b.line ?? Infinity) || 0
    );
  }

  /** Notes a problem. After a fault, what was doubtful about the same value matters no more. */
  add(
    severity: Problem["severity"],
    path: KeyPath,
    detail: string,
    hint?: string,
  ): void {
    const key = path.length === 0 ? undefined : formatKey(path);
    if (severity === "fault") {
      this.#problems = this.#problems.filter((each) =>
        each.key !== key || each.severity !== "warning"
      );
    }
    const line = this.#document.find(path);
    const file = this.#file;
    this.#problems.push({ severity, file, line, key, detail, hint });
  }
}
