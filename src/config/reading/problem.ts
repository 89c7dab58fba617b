/**
 * What can be wrong with a configuration, and how it is told.
 *
 * @module
 */

import type { Logger } from "../../lib/log/logger.ts";
import { OperatorError } from "../../lib/operator_error.ts";

/** Place of a value: the keys that lead to it, and indexes in lists. */
export type KeyPath = readonly (string | number)[];

/**
 * One thing that is wrong.
 *
 * A `fault` refuses the whole configuration; an `error` drops the part that it names; a `warning`
 * changes nothing.
 */
export interface Problem {
  readonly severity: "fault" | "error" | "warning";
  readonly file: string;
  /** Counted from 1; `undefined` if what is wrong is that something is absent. */
  readonly line?: number | undefined;
  /** As in TOML: `role_to_recipients."*"[1]`. */
  readonly key?: string | undefined;
  /** Such as `expected true or false, found "yes"`. */
  readonly detail: string;
  /** What to do about it: one sentence. */
  readonly hint?: string | undefined;
}

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigError extends OperatorError {
  /** At least one fault, and the lesser problems beside it, in the order of the file. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options: ErrorOptions = {}) {
    const faults = problems.filter((each) => each.severity === "fault");
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
    super(
      first === undefined
        ? "Cannot use the configuration"
        : formatProblem(first) + more,
      { ...options, hint: first?.hint },
    );
    this.problems = problems;
  }
}

/** Returns `file:line: key: detail`, leaving out what is not known. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === undefined
    ? problem.file
    : `${problem.file}:${problem.line}`;
  return [place, problem.key, problem.detail]
    .filter((part) => part !== undefined).join(": ");
}

/** Says a problem in the log; a configuration with faults never gets that far. */
export function logProblem(logger: Logger, problem: Problem): void {
  const fields = { problem: formatProblem(problem), hint: problem.hint };
  if (problem.severity === "warning") {
    logger.warn("configuration: please check", fields);
  } else logger.error("configuration: part of it is left out", fields);
}

/** Returns a path as TOML writes it. */
export function formatKey(path: KeyPath): string {
  return path.map((part, i) => {
    if (typeof part === "number") return `[${part}]`;
    const key = /^[A-Za-z0-9_-]+$/.test(part) ? part : quote(part);
    return i === 0 ? key : `.${key}`;
  }).join("");
}

/** Says what a value is, for `found …`. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  return typeof value === "number" || typeof value === "bigint"
    ? `the number ${value}`
    : describeTomlType(value);
}

/** Says what kind of value this is, for values that must not be shown. */
export function describeTomlType(value: unknown): string {
  if (typeof value === "string") return "a string";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return value instanceof Date ? "a date" : "a table";
}

const MAX_QUOTED_CHARS = 120;

/** What a bot token looks like, wherever somebody pasted it. */
const TOKEN_LIKE = /[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}/;

/** Quotes a text for a message: on one line, not too long, and never a token. */
export function quote(text: string): string {
  if (TOKEN_LIKE.test(text)) return "<redacted>";
  const characters = [...text];
  const short = characters.length > MAX_QUOTED_CHARS
    ? `${characters.slice(0, MAX_QUOTED_CHARS).join("")}…`
    : text;
  return JSON.stringify(short).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) =>
      `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
}
