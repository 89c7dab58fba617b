/**
 * The connection to the Auth Service.
 *
 * @module
 */

import {
  type ChannelCredentials,
  type ClientOptions,
  connectivityState,
} from "@grpc/grpc-js";
import { clearTimeout } from "node:timers";
import type { StallDetector } from "../../lib/async/stall_detector.ts";
import { turn } from "../../lib/async/wait.ts";
import { memoryLimit } from "../../lib/host/memory.ts";
import { ANSWER_BYTES } from "../../ports/auth_service.ts";
import type { TeleportError } from "../../ports/teleport_error.ts";
import {
  type Credentials,
  describeInvalidity,
} from "../credentials/identity.ts";
import { AuthServiceClient } from "../gen/auth_service.ts";
import { type AuthRoute, parseHostPort } from "../routes/auth_route.ts";
import { directRoute } from "../routes/direct_route.ts";
import { Caller, type CallTimeouts } from "./caller.ts";
import { isNotStarted } from "./grpc_error.ts";
import { RouteCredentials } from "../routes/tls_credentials.ts";

const KIBIBYTE = 2 ** 10;

/**
 * Channel options. Source: docs/design/teleport-behaviour.md 3.1, 1.3, 3.2.
 *
 * No `version` metadata is ever sent: without it the server makes no check (docs/design/teleport-behaviour.md 1.1).
 */
const CHANNEL_OPTIONS: ClientOptions = {
  "grpc.keepalive_permit_without_calls": 1,
  // So much costs one round trip. With 8 MiB, the parts of a long answer pile up faster than V8 collects
  // them: 13 MiB more resident after 12 MiB of plugin data.
  "grpc-node.flow_control_window": 256 * KIBIBYTE,
  "grpc.initial_reconnect_backoff_ms": 100,
  // gRPC spreads each wait by a fifth of it, this one too: 400 ms at most, as `RESTART_WAIT` in
  // teleport/connect/connection.ts.
  "grpc.max_reconnect_backoff_ms": 333,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // Retries of its own go round for ever, without a pause, on a connection that was told to go away in
  // the moment in which it became ready.
  "grpc.enable_retries": 0,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_channelz": 0,
};

/** What the process holds besides, seen with 50 000 requests. */
const OTHER_BYTES = 128 * 2 ** 20;

/** An answer takes up to this many times its size while it is read: docs/design/reconciler.md 5.3. */
const MEMORY_FACTOR = 3;

/** Pages of requests and lists of rules have to fit. */
const LEAST_BYTES = 16 * 2 ** 20;

/**
 * Returns the largest answer that is taken, in bytes: one that the memory of this process cannot hold would
 * end it, and again after each restart.
 */
export function answerLimit(
  size: keyof typeof ANSWER_BYTES,
  memory: number = memoryLimit() ?? Infinity,
): number {
  const room = Math.floor((memory - OTHER_BYTES) / MEMORY_FACTOR);
  return Math.min(ANSWER_BYTES[size], Math.max(LEAST_BYTES, room));
}

/** How a connection is found out that is dead although nobody says so. */
export interface Keepalive {
  /** Time between two pings, in milliseconds. */
  readonly pingMs: number;
  /** How long the answer may take, in milliseconds. */
  readonly answerMs: number;
}

/** The server closes the connection (too_many_pings) if pings come more often than once in 60 s. */
const USUAL_KEEPALIVE: Keepalive = { pingMs: 61_000, answerMs: 20_000 };

/** How long things may take, in milliseconds. */
export interface Timeouts extends CallTimeouts {
  /** From the TCP connection to the first answer on it. */
  readonly handshakeMs: number;
}

/** What an {@linkcode AuthChannel} needs. */
export interface AuthChannelOptions {
  /** `host:port`. */
  readonly address: string;
  /** `host:port` that the TCP connection goes to, if it is not the address itself. */
  readonly dialAddress?: string;
  /** Returns the newest credentials; asked at each new connection, which the last one outlives. */
  readonly credentials: () => Credentials;
  /** How to get from the address to the Auth Service; straight if it is not given. */
  readonly route?: AuthRoute;
  readonly timeouts?: Partial<Timeouts>;
  readonly keepalive?: Keepalive;
  readonly stalls?: StallDetector | undefined;
  readonly maxAnswerBytes?: number;
}

/** A connection to one Auth Service, which is opened again whenever it is lost. */
export class AuthChannel implements AsyncDisposable {
  readonly credentials: () => Credentials;
  readonly caller: Caller;
  readonly #options: AuthChannelOptions;
  readonly #createClient: () => AuthServiceClient;
  readonly #connection: RouteCredentials;
  readonly #leaving = new AbortController();
  /** Aborted, with the reason, when watches are to end because the channel is about to be closed. */
  readonly leaving: AbortSignal = this.#leaving.signal;
  #newest: AuthServiceClient;
  /** Generation of the connection on which the server turned out to have no ListAccessRequests. */
  #listMissingOn: number | undefined;

  constructor(options: AuthChannelOptions) {
    this.#options = options;
    const { address, dialAddress = address, credentials } = options;
    const { route = directRoute, stalls } = options;
    const timeouts: Timeouts = {
      handshakeMs: 30_000,
      callMs: 10_000,
      bulkMs: 60_000,
      ...options.timeouts,
    };
    this.credentials = credentials;
    const connection = this.#connection = new RouteCredentials({
      route,
      address: parseHostPort(address),
      credentials,
      handshakeTimeoutMs: timeouts.handshakeMs,
      isReady: () => this.isConnected,
    });
    this.#createClient = () =>
      createAuthServiceClient(dialAddress, connection, options);
    this.#newest = this.#createClient();
    const onUnavailable = (detail: string) => {
      // grpc-js itself may go on to use this connection.
      if (isNotStarted(detail)) connection.drop();
      return describeInvalidity(credentials(), new Date());
    };
    const client = () => this.#client;
    this.caller = new Caller({ client, timeouts, onUnavailable, stalls });
  }

  /** Returns itself: the channel for calls that know only this one. */
  channel(): Promise<AuthChannel> {
    return Promise.resolve(this);
  }

  /** Returns another channel to the same place, for answers of this size. */
  withAnswersUpTo(maxAnswerBytes: number): AuthChannel {
    return new AuthChannel({ ...this.#options, maxAnswerBytes });
  }

  /**
   * What calls are made with.
   *
   * grpc-js goes on to use a connection that was closed or told to go away in the very moment in which
   * it became ready: nobody listens to it then. Only a new channel helps.
   */
  get #client(): AuthServiceClient {
    const state = this.#newest.getChannel().getConnectivityState(false);
    if (state === connectivityState.READY && !this.#connection.isOpen) {
      closeAuthServiceClient(this.#newest);
      this.#newest = this.#createClient();
    }
    return this.#newest;
  }

  /** Whether the connection is up. */
  get isConnected(): boolean {
    return this.#client.getChannel().getConnectivityState(false) ===
      connectivityState.READY;
  }

  /** Why the newest connection failed or was lost, as far as that showed behind TCP. */
  get lastError(): Error | undefined {
    return this.#connection.lastError;
  }

  /** Whether the server is known to have no ListAccessRequests (14 and 15). */
  get lacksList(): boolean {
    return this.#listMissingOn === this.#connection.generation &&
      this.isConnected;
  }

  /** Notes that the server has no ListAccessRequests; another one may be there after the next connect. */
  noteListMissing(): void {
    this.#listMissingOn = this.#connection.generation;
  }

  /** Waits until the connection that is up now is lost, or the channel is closed. */
  async untilLost(): Promise<void> {
    const channel = this.#client.getChannel();
    const { READY } = connectivityState;
    while (this.isConnected) {
      const { promise, resolve } = Promise.withResolvers<void>();
      channel.watchConnectivityState(READY, Infinity, () => resolve());
      await promise;
    }
  }

  /** Ends watches, for this reason. */
  leave(why: TeleportError): void {
    this.#leaving.abort(why);
  }

  /** Ends watches, lets running calls end, then closes the connection. */
  async retire(why: TeleportError): Promise<void> {
    this.leave(why);
    await this.caller.idle();
    await this.close();
  }

  /** Ends running calls with CANCELLED and closes the connection. */
  async close(): Promise<void> {
    this.caller.close();
    // A channel that is closed while it looks up its address would connect all the same.
    await turn();
    closeAuthServiceClient(this.#newest);
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Creates the client of one Auth Service; nothing is connected yet.
 *
 * @param address `host:port`.
 */
export function createAuthServiceClient(
  address: string,
  credentials: ChannelCredentials,
  { keepalive = USUAL_KEEPALIVE, maxAnswerBytes = answerLimit("usual") }: Pick<
    AuthChannelOptions,
    "keepalive" | "maxAnswerBytes"
  > = {},
): AuthServiceClient {
  const { pingMs, answerMs } = keepalive;
  return new AuthServiceClient(`dns:///${address}`, credentials, {
    ...CHANNEL_OPTIONS,
    "grpc.max_receive_message_length": maxAnswerBytes,
    "grpc.keepalive_time_ms": pingMs,
    "grpc.keepalive_timeout_ms": answerMs,
  });
}

/**
 * Closes the client, timers included.
 *
 * grpc-js lets the back-off of a closed channel run out and may connect once more then, which would
 * hold a process that wants to end for up to two seconds. It has no public way to stop that.
 */
export function closeAuthServiceClient(client: AuthServiceClient): void {
  const channel = client.getChannel() as unknown as GrpcInternals;
  const { subchannelPool, resolvingLoadBalancer } = channel.internalChannel;
  const subchannels = Object.values(subchannelPool.pool).flat();
  const balancer = resolvingLoadBalancer.childLoadBalancer.currentChild;
  client.close();
  for (const { subchannel } of subchannels) subchannel.backoffTimeout.stop();
  clearTimeout(balancer?.connectionDelayTimeout);
}

/** Where grpc-js 1.14 keeps its timers; private, so tests watch over it. */
interface GrpcInternals {
  readonly internalChannel: {
    readonly subchannelPool: {
      readonly pool: Readonly<Record<string, readonly PooledSubchannel[]>>;
    };
    readonly resolvingLoadBalancer: {
      readonly childLoadBalancer: {
        readonly currentChild:
          | { readonly connectionDelayTimeout: NodeJS.Timeout }
          | null;
      };
    };
  };
}

interface PooledSubchannel {
  readonly subchannel: { readonly backoffTimeout: { stop(): void } };
}
