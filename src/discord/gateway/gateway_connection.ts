/**
 * One connection to the Gateway, from its first message to its end.
 *
 * Source: Discord developer docs, "Gateway"; docs/design/discord-gateway.md 1.
 *
 * @module
 */

import { onAbort } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import { rest } from "../../lib/async/wait.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { Secret } from "../../lib/secret.ts";
import { nameCause } from "../rest/call_failure.ts";
import { endingOf, type GatewayEnding } from "./gateway_close.ts";
import {
  type CheckedFrame,
  checkShape,
  type GatewayReady,
  Hello,
  OP,
  readFrame,
  Ready,
} from "./gateway_frames.ts";

/** A session: what is needed to go on with it over another connection. */
export interface GatewaySession {
  readonly ready: GatewayReady;
  /** Number of the last event that was received. */
  sequence: number;
}

/** What a connection needs. */
export interface ConnectionOptions {
  /** Address with its query. */
  readonly url: string;
  /** The proxy that leads to the address. */
  readonly proxy: Deno.Proxy | undefined;
  readonly token: Secret;
  /** Session to go on with; a new one is started if it is not given. */
  readonly session: GatewaySession | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once the session is there, before its first event. */
  readonly onSession: (session: GatewaySession) => void;
  /** Called for each event of the session. */
  readonly onEvent: (name: string, data: unknown) => void;
}

/**
 * How long the connection and its first message may take: to start a session, and to go on with one, whose
 * address may be dead. Source of the first: docs/design/discord-gateway.md 1.
 */
const HELLO_MS = 60_000;
const RESUME_HELLO_MS = 8000;

/** How long Discord may take to accept a session. */
const SESSION_MS = 15_000;

/** How long Discord may take to close the connection when this program stops. */
const FAREWELL_MS = 1000;

/** Ends the session: the bot goes offline. */
const CLOSE_FOR_GOOD = 1000;

/** Keeps the session, since it is neither 1000 nor 1001. */
const CLOSE_TO_RESUME = 4000;

/**
 * Holds a connection until it ends in whatever way.
 *
 * @returns How to go on.
 * @throws The signal's reason if it is or becomes aborted.
 */
export async function holdConnection(
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<GatewayEnding> {
  signal.throwIfAborted();
  const connection = new Connection(options);
  using _ = onAbort(signal, () => connection.close(CLOSE_FOR_GOOD));
  try {
    const ending = await connection.ended;
    if (!signal.aborted) return ending;
    await rest(FAREWELL_MS, connection.closed, options.clock, NEVER);
    throw signal.reason;
  } finally {
    connection.close(CLOSE_TO_RESUME);
  }
}

const NEVER = new AbortController().signal;

class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocket;
  readonly #over = new AbortController();
  readonly #ended = Promise.withResolvers<GatewayEnding>();
  readonly #closed = Promise.withResolvers<void>();
  readonly ended: Promise<GatewayEnding> = this.#ended.promise;
  /** Settles when the other side has closed it too. */
  readonly closed: Promise<void> = this.#closed.promise;
  #session: GatewaySession | undefined;
  #greeted = false;
  #accepted = false;
  /** Whether the last heartbeat was answered. */
  #isAlive = true;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#session = options.session;
    const client = options.proxy &&
      Deno.createHttpClient({ proxy: options.proxy });
    this.#socket = new WebSocket(options.url, client ? { client } : {});
    this.#socket.onmessage = ({ data }) => this.#take(data);
    let cause: string | undefined;
    this.#socket.onerror = (event) => {
      cause = nameCause(event instanceof ErrorEvent ? event.message : "");
    };
    // It follows every error, too.
    this.#socket.onclose = ({ code }) => {
      client?.close();
      if (cause === undefined) this.#end(endingOf(code));
      else this.#breakOff(cause);
      this.#closed.resolve();
    };
    const helloMs = options.session === undefined ? HELLO_MS : RESUME_HELLO_MS;
    this.#endAfter(helloMs, () => !this.#greeted, "no Hello");
  }

  /** Lets go of the connection; a server that does not answer is not waited for. */
  close(code: number): void {
    this.#over.abort();
    this.#socket.onmessage = null;
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code);
    this.#breakOff("closed");
  }

  /** Ends the connection, but not the session. */
  #breakOff(why: string): void {
    this.#end({ next: "resume", why });
  }

  #end(ending: GatewayEnding): void {
    this.#over.abort();
    this.#ended.resolve(ending);
  }

  #endAfter(ms: number, isDue: () => boolean, why: string): void {
    this.#options.clock.sleep(ms, this.#over.signal).then(() => {
      if (isDue()) this.#breakOff(`${why} within ${ms / 1000} s`);
    }, () => {/* The connection has ended. */});
  }

  #take(data: unknown): void {
    const frame = this.#valid("frame", readFrame(data));
    if (frame === undefined) return;
    if (this.#session !== undefined && typeof frame.s === "number") {
      this.#session.sequence = frame.s;
    }
    switch (frame.op) {
      case OP.hello: {
        const hello = this.#valid("Hello", checkShape(Hello, frame.d));
        if (hello !== undefined) this.#greet(hello.heartbeat_interval);
        return;
      }
      case OP.heartbeat:
        return this.#send(OP.heartbeat, this.#session?.sequence ?? null);
      case OP.heartbeatAck:
        this.#isAlive = true;
        return;
      case OP.reconnect:
        return this.#breakOff("Discord asks to reconnect");
      case OP.invalidSession: {
        const mayResume = frame.d === true;
        if (mayResume) {
          return this.#breakOff("the session is not valid for now");
        }
        const why = "the session is not valid any more";
        const waitMs = 1000 + 4000 * this.#options.clock.random();
        return this.#end({ next: "identify", why, waitMs });
      }
      case OP.dispatch:
        return this.#dispatch(frame.t ?? "", frame.d, frame.s ?? 0);
    }
  }

  #greet(intervalMs: number): void {
    if (this.#greeted) return;
    this.#greeted = true;
    const token = this.#options.token.reveal();
    if (this.#session === undefined) {
      // Clicks belong to no intent: they are told without any.
      const os = Deno.build.os;
      const properties = { os, browser: "teleport-discord", device: "" };
      this.#send(OP.identify, { token, intents: 0, properties });
    } else {
      const { ready: { session_id }, sequence: seq } = this.#session;
      this.#send(OP.resume, { token, session_id, seq });
    }
    this.#endAfter(SESSION_MS, () => !this.#accepted, "no session");
    this.#beat(intervalMs).catch(() => {/* The connection has ended. */});
  }

  async #beat(intervalMs: number): Promise<void> {
    const { clock } = this.#options;
    await clock.sleep(intervalMs * clock.random(), this.#over.signal);
    while (this.#isAlive) {
      this.#isAlive = false;
      this.#send(OP.heartbeat, this.#session?.sequence ?? null);
      await clock.sleep(intervalMs, this.#over.signal);
    }
    this.#breakOff("a heartbeat was not answered");
  }

  #dispatch(name: string, data: unknown, sequence: number): void {
    if (name === "READY") {
      const ready = this.#valid("READY", checkShape(Ready, data));
      if (ready === undefined) return;
      this.#session = { ready, sequence };
    }
    if (name === "READY" || name === "RESUMED") {
      this.#accepted = true;
      if (this.#session !== undefined) this.#options.onSession(this.#session);
      return;
    }
    this.#options.onEvent(name, data);
  }

  #send(op: number, d: unknown): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ op, d }));
  }

  #valid<T>(what: string, read: CheckedFrame<T>): T | undefined {
    const { value, fault } = read;
    if (fault !== undefined) {
      const fields = { what, fault };
      this.#options.logger.warn(
        "the Gateway said what is not understood",
        fields,
      );
    }
    return value;
  }
}
