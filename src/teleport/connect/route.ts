/**
 * Ways to reach the Auth Service.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * One way from a TCP connection to the Auth Service.
 *
 * Mutual TLS with the Auth Service runs inside what `open` returns; a route neither sees nor ends it.
 */
export interface Route {
  /** For log lines. */
  readonly name: string;
  /**
   * Turns a fresh TCP connection into a byte stream that the Auth Service answers.
   *
   * @param tcp Connected to the configured address.
   * @param signal Ends the attempt; the caller destroys `tcp` itself.
   */
  open(tcp: Socket, signal: AbortSignal): Promise<Duplex>;
  /** Returns the protocols to offer, in this order; `h2` is one of them. */
  alpn(clusterName: string): string[];
}
