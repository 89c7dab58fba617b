/**
 * Collects what is wrong with one file.
 *
 * @module
 */

import { formatKey, type KeyPath, type Problem } from "./problem.ts";
import type { TomlLines } from "./toml.ts";

/** Collects the problems of one file and looks up their lines. */
export class ProblemList {
  readonly #file: string;
  readonly #lines: TomlLines;
  #problems: Problem[] = [];

  constructor(file: string, lines: TomlLines) {
    this.#file = file;
    this.#lines = lines;
  }

  /** Returns the problems so far, in the order of the file; those without a line come last. */
  get inOrder(): readonly Problem[] {
    return this.#problems.toSorted((a, b) =>
      (a.line ?? Infinity) - (b.line ?? Infinity) || 0
    );
  }

  /**
   * Notes something that refuses the whole configuration. What was doubtful about the same value matters no
   * more.
   */
  fault(path: KeyPath, detail: string, hint?: string): undefined {
    const key = formatKey(path);
    this.#problems = this.#problems.filter((each) =>
      each.key !== key || each.severity !== "warning"
    );
    this.#add("fault", path, detail, hint);
  }

  /** Notes something whose part of the configuration is left out. */
  error(path: KeyPath, detail: string, hint?: string): undefined {
    this.#add("error", path, detail, hint);
  }

  /** Notes something that works, but perhaps not as meant. */
  warning(path: KeyPath, detail: string, hint?: string): undefined {
    this.#add("warning", path, detail, hint);
  }

  #add(
    severity: Problem["severity"],
    path: KeyPath,
    detail: string,
    hint: string | undefined,
  ): void {
    this.#problems.push({
      severity,
      file: this.#file,
      line: this.#lines.find(path),
      key: path.length === 0 ? undefined : formatKey(path),
      detail,
      hint,
    });
  }
}
