/**
 * Logging, as the rest of the program sees it.
 *
 * @module
 */

/** Facts of a log line; keys are snake_case. An `Error` is logged as its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Severity of a log line, least urgent first. */
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error";

/** Writes one line an event: a constant message and its facts as fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Returns a logger that adds these fields to each of its lines. */
  with(fields: LogFields): Logger;
}
