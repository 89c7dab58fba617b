/**
 * Telling how far a backlog has been worked off.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";

/** What a {@linkcode ProgressLog} needs. */
export interface ProgressOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many requests need work now. */
  readonly left: () => number;
}

/** Time between two lines. */
const INTERVAL_MS = 30_000;

/** Logs the size of a backlog when it is found, and what is left of it as long as it gets smaller. */
export class ProgressLog {
  readonly #options: ProgressOptions;
  #isFollowing = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Tells of a backlog, and follows it until it is worked off or the signal aborts. */
  follow(requests: number, signal: AbortSignal): void {
    this.#options.logger.info("bringing requests in step", { requests });
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    this.#report(signal).catch(() => {/* The watch has ended. */}).finally(
      () => this.#isFollowing = false,
    );
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { clock, logger, left } = this.#options;
    let before = Infinity;
    for (;;) {
      await clock.sleep(INTERVAL_MS, signal);
      const now = left();
      // What waits for a channel to be opened again can take days, and is told elsewhere.
      if (now === 0 || now >= before) return;
      before = now;
      logger.info("still bringing requests in step", { requests: now });
    }
  }
}
