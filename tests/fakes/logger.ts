/**
 * A logger that keeps its lines, so that a test can read them or wait for one.
 *
 * @module
 */

import { formatJson } from "../../src/lib/log/log_format.ts";
import type { LogFields, LogLevel } from "../../src/lib/log/log_record.ts";
import type { Logger } from "../../src/lib/log/logger.ts";

/** A line as it was logged, with the fields of its logger. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Picks lines: by message, or by anything. */
export type LineFilter = string | ((line: LogLine) => boolean);

interface Journal {
  readonly lines: LogLine[];
  readonly waiting: Set<(line: LogLine) => void>;
}

/** Keeps every line in memory. Loggers made by `with()` share the lines. */
export class MemoryLogger implements Logger {
  readonly #fields: LogFields;
  readonly #journal: Journal;

  constructor(
    fields: LogFields = {},
    journal: Journal = { lines: [], waiting: new Set() },
  ) {
    this.#fields = fields;
    this.#journal = journal;
  }

  /** The lines so far, oldest first. */
  get lines(): readonly LogLine[] {
    return this.#journal.lines;
  }

  /** Everything that a log in its most talkative form would hold: for a search for secrets. */
  get text(): string {
    return this.lines
      .map((line) => formatJson({ timeMs: 0, ...line }, { stacks: true }))
      .join("\n");
  }

  debug(message: string, fields?: LogFields): void {
    this.#add("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#add("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#add("warning", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#add("error", message, fields);
  }

  with(fields: LogFields): MemoryLogger {
    return new MemoryLogger({ ...this.#fields, ...fields }, this.#journal);
  }

  /** Returns the lines that fit, oldest first. */
  find(filter: LineFilter): readonly LogLine[] {
    return this.lines.filter(matcher(filter));
  }

  /** Returns the lines of a level, oldest first. */
  at(level: LogLevel): readonly LogLine[] {
    return this.find((line) => line.level === level);
  }

  /** Waits for the first line that fits; one that was logged before counts. */
  async waitFor(filter: LineFilter, signal?: AbortSignal): Promise<LogLine> {
    const fits = matcher(filter);
    const seen = this.lines.find(fits);
    if (seen !== undefined) return seen;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = (line: LogLine) => fits(line) && resolve(line);
    const abort = () => reject(signal?.reason);
    this.#journal.waiting.add(look);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await promise;
    } finally {
      this.#journal.waiting.delete(look);
      signal?.removeEventListener("abort", abort);
    }
  }

  #add(level: LogLevel, message: string, fields?: LogFields): void {
    const line = { level, message, fields: { ...this.#fields, ...fields } };
    this.#journal.lines.push(line);
    for (const look of this.#journal.waiting) look(line);
  }
}

function matcher(filter: LineFilter): (line: LogLine) => boolean {
  return typeof filter === "string"
    ? (line) => line.message === filter
    : filter;
}
