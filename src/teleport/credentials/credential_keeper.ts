/**
 * Credentials that are read again while the program runs.
 *
 * @module
 */

import { Backoff } from "../../lib/async/backoff.ts";
import { OVER } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import { rest } from "../../lib/async/wait.ts";
import { FileWatch } from "../../lib/host/file_watch.ts";
import { FailureStreak } from "../../lib/log/failure_streak.ts";
import type { Logger } from "../../lib/log/logger.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import {
  type CredentialsSource,
  signCommand,
} from "../../ports/admin_hints.ts";
import type { Credentials } from "./identity.ts";
import { loadCredentials, pathsOf } from "./identity_files.ts";

/** What a {@linkcode CredentialKeeper} needs. */
export interface CredentialKeeperOptions {
  readonly source: CredentialsSource;
  /** How often the files are looked at, whatever the file system tells, in milliseconds. */
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_WAIT = { minMs: 500, maxMs: 30_000 };

/** Files younger than this may not be complete: tbot writes them in place. */
const SETTLE_MS = 200;

/** How soon young files that cannot be used are read again, where others are needed at once. */
const URGENT_MS = 20;

/**
 * How long is waited for more after a change: renewals come in bursts, and each that is taken up costs a
 * reconnect. With what {@linkcode FileWatch} and {@linkcode SETTLE_MS} take it is at most one second.
 */
const BURST_MS = 750;

/** Part of its lifetime at which a certificate should have been renewed. */
const AGING_SHARE = 0.1;

/** Holds the newest credentials that could be used. */
export class CredentialKeeper {
  readonly #options: CredentialKeeperOptions;
  #credentials: Credentials;
  #replaced = new AbortController();
  readonly #failures = new FailureStreak();
  /** Certificate that was warned of. */
  #agingWarned: string | undefined;

  private constructor(
    options: CredentialKeeperOptions,
    credentials: Credentials,
  ) {
    this.#options = options;
    this.#credentials = credentials;
  }

  /**
   * Waits until there are credentials that can be used: a file may still have to be written or renewed.
   *
   * @throws The signal's reason if it aborts first.
   */
  static async open(
    options: CredentialKeeperOptions,
    signal: AbortSignal,
  ): Promise<CredentialKeeper> {
    const { source, clock, logger } = options;
    const backoff = new Backoff(RETRY_WAIT, clock.random);
    using files = new FileWatch(pathsOf(source));
    for (const failures = new FailureStreak();;) {
      signal.throwIfAborted();
      const changed = files.untilChanged();
      try {
        const credentials = await loadAtOnce(options, signal);
        logCredentials(logger, credentials);
        return new CredentialKeeper(options, credentials);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        if (failures.add(error)) {
          logger.error("cannot use the credentials, will retry", {
            err: error,
          });
        }
        await rest(backoff.nextMs(), changed, clock, signal);
      }
    }
  }

  /** The newest credentials that could be used; they may have expired meanwhile. */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /** Aborted once there are others. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  /**
   * Reads the files when they change, and from time to time, until the signal aborts. Files that cannot
   * be used are read again soon: somebody may be about to replace them.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { source, clock, refreshMs } = this.#options;
    const backoff = new Backoff(RETRY_WAIT, clock.random);
    using files = new FileWatch(pathsOf(source));
    let changed = files.untilChanged();
    for (let waitMs = refreshMs; !signal.aborted;) {
      let hasChanged = false;
      changed.then(() => hasChanged = true);
      await rest(Math.min(waitMs, this.#agingMs()), changed, clock, signal);
      if (hasChanged && this.#isValid) {
        await clock.sleep(BURST_MS, signal).catch(() => {});
      }
      if (signal.aborted) return;
      changed = files.untilChanged();
      files.renew();
      if (await this.#refresh(signal)) {
        backoff.reset();
        waitMs = refreshMs;
      } else waitMs = Math.min(refreshMs, backoff.nextMs());
      this.#warnIfAging();
    }
  }

  /**
   * Reads the files now.
   *
   * @returns What takes that which was read into use.
   * @throws {OperatorError} If it cannot be used.
   */
  async prepare(signal: AbortSignal): Promise<() => void> {
    const credentials = await loadSettled(this.#options, signal);
    return () => this.#use(credentials);
  }

  /** Returns whether the files hold credentials that can be used. */
  async #refresh(signal: AbortSignal): Promise<boolean> {
    const { logger } = this.#options;
    const read = this.#isValid ? loadSettled : loadAtOnce;
    try {
      this.#use(await read(this.#options, signal));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof OperatorError)) throw error;
      if (this.#failures.add(error)) {
        logger.warn("cannot read the credentials again, keeping the old ones", {
          err: error,
        });
      }
      return false;
    }
  }

  #use(credentials: Credentials): void {
    this.#failures.end();
    if (isSame(credentials, this.#credentials)) return;
    this.#credentials = credentials;
    this.#replaced.abort(OVER);
    this.#replaced = new AbortController();
    logCredentials(this.#options.logger, credentials);
  }

  /** Whether the certificate in use is good for now: if not, others are needed at once. */
  get #isValid(): boolean {
    return this.#credentials.notAfter.getTime() > this.#options.clock.now();
  }

  /** Time until the certificate should have been renewed; for ever if that was warned of. */
  #agingMs(): number {
    const { certificate, notBefore, notAfter } = this.#credentials;
    if (this.#agingWarned === certificate) return Infinity;
    const lifetimeMs = notAfter.getTime() - notBefore.getTime();
    const agingAt = notAfter.getTime() - lifetimeMs * AGING_SHARE;
    return Math.max(0, agingAt - this.#options.clock.now());
  }

  #warnIfAging(): void {
    if (this.#agingMs() > 0) return;
    const { certificate, notAfter } = this.#credentials;
    this.#agingWarned = certificate;
    this.#options.logger.warn("the credentials expire soon, renew them", {
      expires: notAfter.toISOString(),
      hint: `see whether tbot runs, or issue new ones with ${
        signCommand(this.#credentials)
      }`,
    });
  }
}

/** Reads the files; if somebody has just written to them, after a moment. */
async function loadSettled(
  { source, clock }: CredentialKeeperOptions,
  signal: AbortSignal,
): Promise<Credentials> {
  if (await isFresh(source)) await clock.sleep(SETTLE_MS, signal);
  return await loadCredentials(source, new Date(clock.now()));
}

/** Reads the files now, and again as long as they cannot be used and somebody may be writing them. */
async function loadAtOnce(
  { source, clock }: CredentialKeeperOptions,
  signal: AbortSignal,
): Promise<Credentials> {
  for (;;) {
    try {
      return await loadCredentials(source, new Date(clock.now()));
    } catch (error) {
      if (!(error instanceof OperatorError) || !(await isFresh(source))) {
        throw error;
      }
    }
    await clock.sleep(URGENT_MS, signal);
  }
}

async function isFresh(source: CredentialsSource): Promise<boolean> {
  const ages = await Promise.all(
    pathsOf(source).map(async (path) => {
      try {
        const { mtime } = await Deno.stat(path);
        return Date.now() - (mtime?.getTime() ?? 0);
      } catch {
        // Reading it will tell what is wrong.
        return Infinity;
      }
    }),
  );
  return ages.some((ms) => ms >= 0 && ms < SETTLE_MS);
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
