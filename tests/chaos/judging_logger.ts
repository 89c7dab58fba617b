/**
 * A logger that takes some lines for failures.
 *
 * @module
 */

import type { LogFields } from "../../src/lib/log/log_record.ts";
import type { Logger } from "../../src/lib/log/logger.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import { TeleportError } from "../../src/ports/teleport_error.ts";
import type { Judge } from "./judge.ts";
import type { Process } from "./process.ts";
import { TYPED } from "./schedule.ts";

/** Says that two messages announce one request. */
const DOUBLED = "another process posted the same request";

/** Passes lines on to the trace, and counts them. */
export class JudgingLogger implements Logger {
  readonly #process: Process;
  readonly #judge: Judge;
  readonly #fields: LogFields;

  constructor(process: Process, judge: Judge, fields: LogFields = {}) {
    this.#process = process;
    this.#judge = judge;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#add("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#add("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#add("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#add("error", message, fields);
  }

  with(fields: LogFields): JudgingLogger {
    const all = { ...this.#fields, ...fields };
    return new JudgingLogger(this.#process, this.#judge, all);
  }

  #add(level: string, message: string, fields?: LogFields): void {
    if (!this.#process.alive) return;
    this.#judge.count(`log: ${message}`);
    const all = { ...this.#fields, ...fields };
    this.#process.trace(
      `[${level}] ${message} ${all["request_id"] ?? ""} ${
        all["recipient"] ?? ""
      } ${all["plan"] ?? ""} ${all["reason"] ?? ""} ${all["err"] ?? ""}`,
    );
    if (message === DOUBLED) this.#judge.saidToBeDoubled(all);
    const facts = Object.values(all).map(String);
    if (facts.some((fact) => fact.includes(TYPED))) {
      this.#judge.fail(`logged what a person typed: ${message}`);
    }
    const error = all["err"];
    const isExpected = error === undefined ||
      error instanceof DiscordApiError ||
      error instanceof TeleportError || error instanceof DOMException;
    if (!isExpected) this.#judge.fail(`logged: ${message}: ${error}`);
  }
}
