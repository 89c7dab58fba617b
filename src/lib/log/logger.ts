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
import type { Clock } from "../async/clock.ts";
import { formatForJournal, formatJson, formatText } from "./log_format.ts";
import { type LogOutput, type LogTarget, openLogOutput } from "./log_output.ts";
import type { LogFields, LogLevel } from "./log_record.ts";

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

/** The logger that owns the output. Disposed of asynchronously, it waits for its lines to be written. */
export interface RootLogger extends Logger, Disposable, AsyncDisposable {
  /**
   * Goes on with other options; a log file is opened again in any case.
   *
   * @throws {OperatorError} If that fails; then everything stays as it was.
   */
  reconfigure(options: LogOptions): void;
}

const CATEGORY = "main";

/** Priorities of the journal, as those of syslog. Source: systemd documentation, "sd-daemon(3)". */
const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warning: 4,
  error: 3,
};

/**
 * Creates the logger of the process.
 *
 * There is one at a time: LogTape keeps its set-up for the whole process, so a new logger takes over
 * from the one before it, whose lines then go to the new output.
 *
 * @throws {OperatorError} If the log file cannot be opened.
 */
export function createLogger(
  options: LogOptions & {
    readonly clock: Pick<Clock, "now">;
    /** Whether standard error leads to the journal of systemd. */
    readonly onJournal?: boolean;
  },
): RootLogger {
  const { clock, onJournal = false } = options;
  let output = install(options, onJournal);
  const logger = new TapeBackedLogger(getLogger(CATEGORY), clock, {});
  return Object.assign(logger, {
    reconfigure: (options: LogOptions) => {
      const former = output;
      output = install(options, onJournal);
      former[Symbol.dispose]();
    },
    [Symbol.dispose]: () => output[Symbol.dispose](),
    [Symbol.asyncDispose]: async () => {
      await output.flush();
      output[Symbol.dispose]();
    },
  });
}

/** Opens the output and lets all lines go there from now on. */
function install(options: LogOptions, onJournal: boolean): LogOutput {
  const { level } = options;
  const output = openLogOutput(options.output);
  const toJournal = onJournal && options.output.kind === "stderr";
  const format = options.format === "json"
    ? formatJson
    : toJournal
    ? formatForJournal
    : formatText;
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
        const line = format(record, { stacks });
        const priority = toJournal ? `<${PRIORITIES[record.level]}>` : "";
        output.write(`${priority}${line}\n`);
      },
    },
    loggers: [
      { category: CATEGORY, lowestLevel: level, sinks: ["output"] },
      // What LogTape says of itself is no event of this program.
      { category: ["logtape", "meta"], lowestLevel: null, sinks: [] },
    ],
  });
  return output;
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
