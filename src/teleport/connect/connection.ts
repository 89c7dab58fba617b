/**
 * The connection to the Auth Service that is kept up: found again when it is lost, and replaced when
 * there are new credentials.
 *
 * @module
 */

import { Backoff } from "../../lib/async/backoff.ts";
import { onAbort } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import { withDeadline } from "../../lib/async/deadline.ts";
import { rest, waitFor } from "../../lib/async/wait.ts";
import { FailureStreak } from "../../lib/log/failure_streak.ts";
import type { LogFields } from "../../lib/log/log_record.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { StallDetector } from "../../lib/async/stall_detector.ts";
import type { ServerInfo } from "../../ports/auth_service.ts";
import {
  ConnectionReplacedError,
  NotConnectedError,
  TeleportError,
} from "../../ports/teleport_error.ts";
import type { AuthChannel } from "../client/auth_channel.ts";
import {
  type AuthChannels,
  TeleportClient,
} from "../client/teleport_client.ts";
import type { CredentialKeeper } from "../credentials/credential_keeper.ts";
import type { Credentials } from "../credentials/identity.ts";
import { formatHostPort } from "../routes/auth_route.ts";
import { ConnectError } from "./connect_error.ts";
import type { Dialer } from "./dialer.ts";

/** What a {@linkcode Connection} needs. */
export interface ConnectionOptions {
  readonly dialer: Pick<Dialer, "connect">;
  readonly keeper: Pick<CredentialKeeper, "credentials" | "replaced">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each new connection. */
  readonly onConnected: (server: ServerInfo, fields: LogFields) => void;
  /** Called with each attempt in a row that failed and leaves the calls without a connection. */
  readonly onUnreachable?: (failures: number) => void;
  readonly stalls?: StallDetector | undefined;
}

const RETRY_WAIT = { minMs: 100, maxMs: 1000 };

/** A port where nobody listens costs nothing to ask, and a restart is over within seconds. */
const RESTART_WAIT = { minMs: 200, maxMs: 400, forMs: 60_000 };

/** Where the credentials or the user are at fault, a person or tbot has to act first. */
const REFUSED_WAIT = { minMs: 1000, maxMs: 30_000 };

/** How long a call waits for a connection before it fails. */
const CHANNEL_WAIT_MS = 10_000;

/** More than all routes take that are tried side by side, and the closer look after them. */
const STALLED_MS = 300_000;

/** A connection in use. */
interface Open {
  readonly channel: AuthChannel;
  readonly server: ServerInfo;
  readonly fields: LogFields;
}

/**
 * Calls wait for the connection for a while. A watch ends when its connection is replaced; whoever
 * watches starts anew and lists, so that nothing is missed.
 */
export class Connection implements AuthChannels, AsyncDisposable {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #retiring = new Set<Promise<void>>();
  readonly #ended: Promise<void>;
  #open: Open | undefined;
  #opened = Promise.withResolvers<Open>();
  #lost = Promise.withResolvers<void>();
  readonly #failures = new FailureStreak();

  /** Starts to connect at once. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#ended = this.#run(this.#closing.signal);
  }

  /** Waits for the first connection, for as long as it takes; returns who answered. */
  async connected(signal: AbortSignal): Promise<ServerInfo> {
    return (await waitFor(this.#opened.promise, signal)).server;
  }

  /** Closes the connection; what runs on it ends with an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new DOMException("The connection is closed", "AbortError"),
    );
    await this.#ended;
    const open = this.#take();
    open?.channel.leave(connectionLost());
    await Promise.all([open?.channel.close(), ...this.#retiring]);
  }

  /**
   * Returns the channel for a call, which waits for one, but no longer than a call should take.
   *
   * @throws {NotConnectedError} If there is none by then.
   */
  async channel(method: string, signal: AbortSignal): Promise<AuthChannel> {
    if (this.#open !== undefined) return this.#open.channel;
    const { clock } = this.#options;
    const late = () => {
      const why = this.#failures.last ?? "there is no connection yet";
      return new NotConnectedError(method, why);
    };
    const opened = await withDeadline(
      (ending) => waitFor(this.#opened.promise, ending),
      { ms: CHANNEL_WAIT_MS, clock, signal, late },
    );
    return opened.channel;
  }

  /** Keeps the connection up, with the newest credentials, until the signal aborts. */
  async #run(signal: AbortSignal): Promise<void> {
    const { keeper, clock, onUnreachable } = this.#options;
    const retry = new Backoff(RETRY_WAIT, clock.random);
    const refused = new Backoff(REFUSED_WAIT, clock.random);
    let failures = 0;
    let downSinceMs: number | undefined;
    while (!signal.aborted) {
      const { credentials, replaced } = keeper;
      // Of this round alone: one that lasts as long as the credentials would remember every round.
      const { promise: renewed, resolve } = Promise.withResolvers<void>();
      using _ = onAbort(replaced, resolve);
      try {
        this.#use(await this.#connect(credentials, signal));
        retry.reset();
        refused.reset();
        failures = 0;
        downSinceMs = undefined;
        await waitFor(Promise.race([renewed, this.#lost.promise]), signal);
      } catch (error) {
        if (signal.aborted) return;
        const isRefused = this.#report(error);
        if (this.#open === undefined) onUnreachable?.(++failures);
        downSinceMs ??= clock.monotonic();
        const downMs = clock.monotonic() - downSinceMs;
        const { minMs, maxMs, forMs } = RESTART_WAIT;
        const waitMs = isDown(error) && downMs < forMs
          ? minMs + clock.random() * (maxMs - minMs)
          : (isRefused ? refused : retry).nextMs();
        await rest(waitMs, renewed, clock, signal);
      }
    }
  }

  async #connect(credentials: Credentials, signal: AbortSignal): Promise<Open> {
    const { dialer, stalls } = this.#options;
    const connecting = dialer.connect(credentials, signal);
    const { channel, via } =
      await (stalls?.watch("connect", STALLED_MS, connecting) ?? connecting);
    try {
      const server = await new TeleportClient(channel, signal).ping();
      const fields = {
        route: via.route.name,
        address: formatHostPort(via.address),
      };
      return { channel, server, fields };
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  /** Lets calls use a connection from now on; those that run end on the old one. */
  #use(open: Open): void {
    const old = this.#take();
    this.#failures.end();
    this.#open = open;
    this.#lost = Promise.withResolvers();
    this.#opened.resolve(open);
    this.#options.onConnected(open.server, open.fields);
    if (old !== undefined) {
      this.#retire(old, new ConnectionReplacedError("WatchEvents"));
    }
    open.channel.untilLost().then(() => {
      if (this.#open !== open) return;
      this.#options.logger.warn("lost the connection to the Auth Service", {
        ...open.fields,
        err: open.channel.lastError ?? new Error("the server closed it"),
      });
      this.#take();
      this.#lost.resolve();
      this.#retire(open, connectionLost());
    });
  }

  /** Takes the connection away from the calls. */
  #take(): Open | undefined {
    const open = this.#open;
    if (open !== undefined) this.#opened = Promise.withResolvers();
    this.#open = undefined;
    return open;
  }

  #retire({ channel }: Open, why: TeleportError): void {
    const retired = channel.retire(why)
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  /** Logs a failure that differs from the one before; returns whether the Auth Service refuses us. */
  #report(error: unknown): boolean {
    const { logger, keeper, clock } = this.#options;
    const isExpired = keeper.credentials.notAfter.getTime() < clock.now();
    const isRefused = isExpired || error instanceof ConnectError &&
        error.faults.some(({ kind }) =>
          kind === "user refused" || kind === "certificate refused"
        );
    if (!this.#failures.add(error)) return isRefused;
    const message = this.#open === undefined
      ? "cannot connect to the Auth Service, will retry"
      : "cannot connect with the new credentials, keeping the old connection";
    if (isRefused) logger.error(message, { err: error });
    else logger.warn(message, { err: error });
    return isRefused;
  }
}

/** Whether nobody listens where the Auth Service should be. */
function isDown(error: unknown): boolean {
  return error instanceof ConnectError && error.faults.length > 0 &&
    error.faults.every(({ kind }) => kind === "refused");
}

function connectionLost(): TeleportError {
  return new TeleportError(
    "WatchEvents",
    "UNAVAILABLE",
    "the connection is lost",
  );
}
