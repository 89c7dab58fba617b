/**
 * Mutual TLS with the Auth Service, for grpc-js.
 *
 * Source: docs/design/teleport-credentials.md 5; docs/design/teleport-behaviour.md 3.2.
 *
 * @module
 */

import {
  CallCredentials,
  ChannelCredentials,
  type experimental,
} from "@grpc/grpc-js";
import type { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Credentials } from "../credentials/identity.ts";
import type { AuthRoute, HostPort } from "./auth_route.ts";

/** The name that every Auth Service has a certificate for. */
const SERVER_NAME = "teleport.cluster.local";

/** What {@linkcode RouteCredentials} needs. */
export interface RouteCredentialsOptions {
  readonly route: AuthRoute;
  /** Where the route leads to. */
  readonly address: HostPort;
  /** Returns the newest credentials; asked at each new connection. */
  readonly credentials: () => Credentials;
  /** How long a TCP connection may take until the Auth Service has answered on it. */
  readonly handshakeTimeoutMs: number;
  /** Whether HTTP/2 runs on the newest connection. */
  readonly isReady: () => boolean;
}

/**
 * Opens the TLS connection itself, because grpc-js would give a handshake no time limit, offer
 * nothing but `h2` and keep the credentials of its start.
 *
 * TLS sessions are never resumed: a resumed one keeps the identity of the old certificate.
 */
export class RouteCredentials extends ChannelCredentials {
  readonly #options: RouteCredentialsOptions;
  /** TLS socket by the TCP socket under it; the latter alone until there is TLS. */
  readonly #open = new Map<Socket, Socket>();
  #generation = 0;
  #closed = false;
  #lastError: Error | undefined;

  constructor(options: RouteCredentialsOptions) {
    super();
    this.#options = options;
  }

  /** Whether a connection is open, or on its way. */
  get isOpen(): boolean {
    return [...this.#open].some(([tcp, socket]) =>
      !tcp.destroyed && !socket.destroyed
    );
  }

  /** Stays the same for as long as one connection lasts. */
  get generation(): number {
    return this.#generation;
  }

  /** Why the newest connection failed or was lost, as far as that showed behind TCP. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Closes all connections and waits until they are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    const closed = [...this.#open.keys()].map((tcp) =>
      new Promise<void>((resolve) => tcp.once("close", () => resolve()))
    );
    this.drop();
    await Promise.all(closed);
  }

  /** Closes all connections; others may follow. */
  drop(): void {
    for (const tcp of this.#open.keys()) tcp.destroy();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials?: CallCredentials,
  ): experimental.SecureConnector {
    const calls = callCredentials ?? CallCredentials.createEmpty();
    return {
      connect: async (tcp) => ({
        socket: await this.#connect(tcp),
        secure: true,
      }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => calls,
      destroy: () => {},
    };
  }

  async #connect(tcp: Socket): Promise<TLSSocket> {
    if (this.#closed) throw new Error("the client is closed");
    const { route, address, credentials, handshakeTimeoutMs, isReady } =
      this.#options;
    const current = credentials();
    this.#generation += 1;
    this.#lastError = undefined;
    this.#open.set(tcp, tcp);
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const attempt = new AbortController();
    const fail = (error: Error) => {
      this.#lastError ??= error;
      attempt.abort(error);
      reject(error);
    };
    let tls: TLSSocket | undefined;
    let isSecure = false;
    // A server that is silent after the handshake leaves grpc-js waiting for its settings.
    const timer = setTimeout(() => {
      if (isReady()) return;
      const error = new Error(
        `the server did not answer within ${handshakeTimeoutMs / 1000} s`,
      );
      fail(error);
      // Once grpc-js has the TLS socket, it learns the reason from there.
      tls?.destroy(error);
      tcp.destroy();
    }, handshakeTimeoutMs);
    tcp.once("close", () => {
      clearTimeout(timer);
      this.#open.delete(tcp);
      this.#generation += 1;
      fail(
        new Error(
          isSecure
            ? "the connection was closed"
            : "connection closed during the TLS handshake",
        ),
      );
    });
    tcp.on("error", fail);
    route.open(tcp, address, attempt.signal).then((stream) => {
      attempt.signal.throwIfAborted();
      const socket = tls = connectTls({
        socket: stream,
        ca: [...current.caCertificates],
        cert: current.certificate,
        key: current.privateKey.reveal(),
        servername: SERVER_NAME,
        ALPNProtocols: route.alpn(current.clusterName),
        // Else NODE_TLS_REJECT_UNAUTHORIZED would have a say.
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
      }, () => {
        isSecure = true;
        resolve(socket);
      });
      this.#open.set(tcp, socket);
      socket.on("error", fail);
      socket.once("close", () => tcp.destroy());
    }).catch(fail);
    return await promise;
  }
}
