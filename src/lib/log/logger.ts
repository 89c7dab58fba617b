/**
 * Logging, as the rest of the program sees it.
 *
 * @module
 */

import type { Clock } from "../async/clock.ts";
import { formatForJournal, formatJson, formatText } from "./log_format.ts";
import { type LogOutput, type LogTarget, openLogOutput } from "./log_output.ts";
import type { LogFields, LogLevel, LogRecord } from "./log_record.ts";

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

/** Priorities of the journal, as those of syslog. Source: systemd documentation, "sd-daemon(3)". */
const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warning: 4,
  error: 3,
};

/**
 * Creates a logger.
 *
 * @param onJournal Whether standard error leads to the journal of systemd.
 * @throws {OperatorError} If the log file cannot be opened.
 */
export function createLogger(
  options: LogOptions,
  clock: Pick<Clock, "now">,
  onJournal = false,
): RootLogger {
  let sink = openSink(options, onJournal);
  const logger = createFieldLogger((level, message, bound, fields) => {
    if (PRIORITIES[level] > PRIORITIES[sink.level]) return;
    const all = { ...bound, ...fields };
    sink.output.write(
      sink.format({ timeMs: clock.now(), level, message, fields: all }),
    );
  }, {});
  return Object.assign(logger, {
    reconfigure: (options: LogOptions) => {
      const former = sink.output;
      sink = openSink(options, onJournal);
      former[Symbol.dispose]();
    },
    [Symbol.dispose]: () => sink.output[Symbol.dispose](),
    [Symbol.asyncDispose]: async () => {
      await sink.output.flush();
      sink.output[Symbol.dispose]();
    },
  });
}

/** Creates a logger of a command, whose lines a person reads beside what it prints. */
export function createStderrLogger(
  level: LogLevel,
  clock: Pick<Clock, "now">,
): RootLogger {
  const output = { kind: "stderr" } as const;
  return createLogger({ output, level, format: "text" }, clock);
}

/** Where lines go, which of them, and in which form. */
interface Sink {
  readonly output: LogOutput;
  readonly level: LogLevel;
  readonly format: (record: LogRecord) => string;
}

function openSink(options: LogOptions, onJournal: boolean): Sink {
  const { level } = options;
  const output = openLogOutput(options.output);
  const toJournal = onJournal && options.output.kind === "stderr";
  const layOut = options.format === "json"
    ? formatJson
    : toJournal
    ? formatForJournal
    : formatText;
  const stacks = level === "debug" || level === "trace";
  const format = (record: LogRecord) => {
    const priority = toJournal ? `<${PRIORITIES[record.level]}>` : "";
    return `${priority}${layOut(record, { stacks })}\n`;
  };
  return { output, level, format };
}

/** Writes a line with the fields of its logger and its own, unless lines of this level are left out. */
type Emit = (
  level: LogLevel,
  message: string,
  bound: LogFields,
  fields: LogFields | undefined,
) => void;

/** @param bound The fields of all its lines. */
function createFieldLogger(emit: Emit, bound: LogFields): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) =>
    emit(level, message, bound, fields);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warning"),
    error: at("error"),
    with: (fields) => createFieldLogger(emit, { ...bound, ...fields }),
  };
}
