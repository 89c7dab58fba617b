/**
 * Waiting for a new token after Discord refused the one in use.
 *
 * Source: docs/design/failures.md 3.
 *
 * @module
 */

import { Backoff } from "../lib/async/backoff.ts";
import type { Clock } from "../lib/async/clock.ts";
import { Pause } from "../lib/async/pause.ts";
import { rest } from "../lib/async/wait.ts";
import { FailureStreak } from "../lib/log/failure_streak.ts";
import type { Logger } from "../lib/log/logger.ts";
import { OperatorError } from "../lib/operator_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import { NEW_TOKEN_HINT } from "../ports/recovery.ts";

/** What a {@linkcode TokenMonitor} needs. */
export interface TokenMonitorOptions {
  readonly messenger: Pick<Messenger, "getCurrentUser">;
  /** Reads the token again from where it is configured. */
  readonly reloadToken: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

const WAIT = { minMs: 1000, maxMs: 300_000 };

/** Keeps calls to Discord back while the token is refused: each would count towards a ban. */
export class TokenMonitor {
  readonly #options: TokenMonitorOptions;
  /** On while the token is refused. */
  readonly pause: Pause = new Pause();
  #wake = Promise.withResolvers<void>();

  constructor(options: TokenMonitorOptions) {
    this.#options = options;
  }

  /** Pauses calls and tries the token, read again each time, until it is accepted. */
  refused(): void {
    if (!this.pause.pause()) return;
    this.#options.logger.error(
      "Discord refused the bot token, waiting for a new one",
      { hint: NEW_TOKEN_HINT },
    );
    this.#waitForToken().catch(() => {});
  }

  /** Tries again now: there may be another token. */
  retrySoon(): void {
    this.#wake.resolve();
  }

  async #waitForToken(): Promise<void> {
    const { messenger, reloadToken, clock, logger, signal } = this.#options;
    const backoff = new Backoff(WAIT, clock.random);
    this.#wake = Promise.withResolvers();
    const failures = new FailureStreak();
    for (;;) {
      await rest(backoff.nextMs(), this.#wake.promise, clock, signal);
      signal.throwIfAborted();
      // A token that comes from here on, even while Discord is asked, is tried right after.
      this.#wake = Promise.withResolvers();
      try {
        await reloadToken();
        await messenger.getCurrentUser();
        break;
      } catch (error) {
        signal.throwIfAborted();
        // Whoever has put a new token there is waiting for it to be taken.
        if (!(error instanceof OperatorError)) failures.end();
        else if (failures.add(error)) {
          logger.error("cannot use the new bot token", { err: error });
          continue;
        }
        logger.debug("bot token is still refused", { err: error });
      }
    }
    logger.info("Discord accepted the bot token");
    this.pause.resume();
  }
}
