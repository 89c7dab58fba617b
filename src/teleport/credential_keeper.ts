/**
 * Credentials that are read again while the program runs.
 *
 * @module
 */

import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { OperatorError } from "../lib/operator_error.ts";
import type { Credentials } from "./identity.ts";
import { type CredentialsSource, loadCredentials } from "./identity_files.ts";

/** What a {@linkcode CredentialKeeper} needs. */
export interface CredentialKeeperContext {
  readonly source: CredentialsSource;
  /** How often the files are looked at, in milliseconds. */
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const RETRY_WAIT = { minMs: 500, maxMs: 30_000 };

/** Holds the newest credentials that could be used. */
export class CredentialKeeper {
  readonly #context: CredentialKeeperContext;
  #credentials: Credentials;
  #lastFault: string | undefined;

  private constructor(
    context: CredentialKeeperContext,
    credentials: Credentials,
  ) {
    this.#context = context;
    this.#credentials = credentials;
  }

  /**
   * Waits until there are credentials that can be used: a file may still have to be written or renewed.
   *
   * @throws The signal's reason if it aborts first.
   */
  static async open(
    context: CredentialKeeperContext,
    signal: AbortSignal,
  ): Promise<CredentialKeeper> {
    const { source, clock, random, logger } = context;
    const backoff = new Backoff(RETRY_WAIT, random);
    for (let lastFault: string | undefined;;) {
      try {
        const credentials = await loadCredentials(
          source,
          new Date(clock.now()),
        );
        logCredentials(logger, credentials);
        return new CredentialKeeper(context, credentials);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        if (error.message !== lastFault) {
          lastFault = error.message;
          logger.error("cannot use the credentials, will retry", {
            err: error,
          });
        }
        await clock.sleep(backoff.nextMs(), signal);
      }
    }
  }

  /** The newest credentials that could be used; they may have expired meanwhile. */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /**
   * Reads the files from time to time, until the signal aborts. New connections use what is newest.
   * Files that cannot be used are read again soon: somebody may be about to replace them.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, refreshMs } = this.#context;
    const backoff = new Backoff(RETRY_WAIT, random);
    for (let waitMs = refreshMs; !signal.aborted;) {
      await clock.sleep(waitMs, signal).catch(() => {});
      if (signal.aborted) return;
      if (await this.#refresh()) {
        backoff.reset();
        waitMs = refreshMs;
      } else waitMs = Math.min(refreshMs, backoff.nextMs());
    }
  }

  /** Returns whether the files hold credentials that can be used. */
  async #refresh(): Promise<boolean> {
    const { source, clock, logger } = this.#context;
    try {
      const credentials = await loadCredentials(source, new Date(clock.now()));
      this.#lastFault = undefined;
      if (isSame(credentials, this.#credentials)) return true;
      this.#credentials = credentials;
      logCredentials(logger, credentials);
      return true;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (error.message === this.#lastFault) return false;
      this.#lastFault = error.message;
      logger.warn("cannot read the credentials again, keeping the old ones", {
        err: error,
      });
      return false;
    }
  }
}

/** A rotation of the cluster's CAs can change those alone. */
function isSame(a: Credentials, b: Credentials): boolean {
  return a.certificate === b.certificate &&
    a.caCertificates.join() === b.caCertificates.join();
}

function logCredentials(logger: Logger, credentials: Credentials): void {
  logger.info("credentials loaded", {
    user: credentials.userName,
    cluster: credentials.clusterName,
    expires: credentials.notAfter.toISOString(),
  });
}
