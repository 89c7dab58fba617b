/**
 * What follows from a round that failed.
 *
 * @module
 */

import { Backoff, type BackoffBounds } from "../lib/async/backoff.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";
import { refusalHint } from "../ports/admin_hints.ts";
import { recoverTeleport } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** What {@linkcode RoundFailures} need. */
export interface RoundFailuresOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_WAIT = { minMs: 100, maxMs: 5000 };

const DENIED_WAIT = { minMs: 1000, maxMs: 300_000 };

/** So many failures in a row bring every back-off to its longest wait. */
const MAX_COUNTED_FAILURES = 16;

/** Says when a request is tried again, and logs what an admin should know. */
export class RoundFailures {
  readonly #options: RoundFailuresOptions;
  /** It was said that the role lacks a rule. */
  #isDenied = false;

  constructor(options: RoundFailuresOptions) {
    this.#options = options;
  }

  /** Plugin data could be written: if the rule for that is missing later, it is said anew. */
  storedAgain(): void {
    this.#isDenied = false;
  }

  /** Returns when the round is to be repeated, in milliseconds; `undefined` if that makes no sense. */
  afterMs(request: TrackedRequest, error: unknown): number | undefined {
    const logger = this.#options.logger.with({ request_id: request.id });
    if (!(error instanceof TeleportError)) {
      logger.error("cannot reconcile a request", { err: error });
      return undefined;
    }
    switch (recoverTeleport(error)) {
      case "gone":
        logger.debug("request is gone");
        return undefined;
      case "give up":
        logger.error(
          "cannot reconcile a request, trying again at the next sweep",
          { err: error },
        );
        return undefined;
      case "denied":
        // That every request lacks the same rule helps nobody.
        if (!this.#isDenied) {
          this.#options.logger.error(
            "may not store what was announced, will retry",
            { err: error, hint: refusalHint(error) },
          );
        }
        this.#isDenied = true;
        return this.#waitMs(request, DENIED_WAIT);
      case "conflict":
      case "retry": {
        const level = request.failures === 0 ? "warn" : "debug";
        logger[level]("cannot reconcile a request, will retry", {
          err: error,
          code: error.code,
        });
        return this.#waitMs(request, RETRY_WAIT);
      }
    }
  }

  #waitMs(request: TrackedRequest, bounds: BackoffBounds): number {
    request.failures += 1;
    const backoff = new Backoff(bounds, this.#options.clock.random);
    const count = Math.min(request.failures, MAX_COUNTED_FAILURES);
    for (let i = 1; i < count; i++) backoff.nextMs();
    return backoff.nextMs();
  }
}
