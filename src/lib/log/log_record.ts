/**
 * What a log line consists of, before it is laid out.
 *
 * @module
 */

/** Facts of a log line; keys are snake_case. An `Error` is logged as its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Severity of a log line, least urgent first. */
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error";

/** What a log line says. */
export interface LogRecord {
  /** Wall clock, milliseconds since 1970. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}
