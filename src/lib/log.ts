/**
 * Logging, as the rest of the program sees it.
 *
 * @module
 */

import {
  configureSync,
  getLogger,
  type Logger as TapeLogger,
} from "@logtape/logtape";
import type { Clock } from "./clock.ts";
import { formatJson, formatText } from "./log_format.ts";
import { type LogTarget, openLogOutput } from "./log_output.ts";

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

/** The form of a log line: logfmt, or a JSON object. */
export type LogFormat = "text" | "json";

/** What the log looks like and where it goes. */
export interface LogOptions {
  readonly output: LogTarget;
  /** The least urgent level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** The logger that owns the output. */
export interface RootLogger extends Logger, Disposable {
  /**
   * Opens a log file again under its name; a rotated file is also noticed without it.
   *
   * @throws {OperatorError} If that fails; then the former file stays in use.
   */
  reopen(): void;
}

const CATEGORY = "main";

/**
 * Creates the logger of the process.
 *
 * There is one at a time: LogTape keeps its set-up for the whole process, so a new logger takes over
 * from the one before it, whose lines then go to the new output.
 *
 * @throws {OperatorError} If the log file cannot be opened.
 */
export function createLogger(
  options: LogOptions & { readonly clock: Pick<Clock, "now"> },
): RootLogger {
  const { level, clock } = options;
  const output = openLogOutput(options.output);
  const format = options.format === "json" ? formatJson : formatText;
  const stacks = level === "debug" || level === "trace";
  configureSync({
    reset: true,
    sinks: {
      output: ({ level, message, timestamp, properties }) => {
        const record = {
          timeMs: timestamp,
          level: level === "fatal" ? "error" : level,
          message: message.join(""),
          fields: properties,
        } as const;
        output.write(`${format(record, { stacks })}\n`);
      },
    },
    loggers: [
      { category: CATEGORY, lowestLevel: level, sinks: ["output"] },
      // What LogTape says of itself is no event of this program.
      { category: ["logtape", "meta"], lowestLevel: null, sinks: [] },
    ],
  });
  const logger = new TapeBackedLogger(getLogger(CATEGORY), clock, {});
  return Object.assign(logger, {
    reopen: () => output.reopen(),
    [Symbol.dispose]: () => output[Symbol.dispose](),
  });
}

class TapeBackedLogger implements Logger {
  readonly #tape: TapeLogger;
  readonly #clock: Pick<Clock, "now">;
  readonly #fields: LogFields;

  constructor(
    tape: TapeLogger,
    clock: Pick<Clock, "now">,
    fields: LogFields,
  ) {
    this.#tape = tape;
    this.#clock = clock;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#emit("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#emit("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#emit("warning", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#emit("error", message, fields);
  }

  with(fields: LogFields): Logger {
    const all = { ...this.#fields, ...fields };
    return new TapeBackedLogger(this.#tape, this.#clock, all);
  }

  #emit(level: LogLevel, message: string, fields?: LogFields): void {
    if (!this.#tape.isEnabledFor(level)) return;
    this.#tape.emit({
      level,
      // Not a template: braces in a message mean themselves.
      message: [message],
      rawMessage: message,
      timestamp: this.#clock.now(),
      properties: { ...this.#fields, ...fields },
    });
  }
}
