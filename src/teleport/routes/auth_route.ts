/**
 * Routes to reach the Auth Service.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** Name of a route, as it is logged. */
export type RouteName =
  | "direct"
  | "tls_routing"
  | "upgrade_websocket"
  | "upgrade_legacy";

/**
 * One route from a TCP connection to the Auth Service.
 *
 * Mutual TLS with the Auth Service runs inside what `open` returns; a route neither sees nor ends it.
 */
export interface AuthRoute {
  readonly name: RouteName;
  /**
   * Turns a fresh connection into a byte stream that the Auth Service answers.
   *
   * @param stream Connected to the configured address.
   * @param address That address.
   * @param signal Ends the attempt; the caller destroys `stream` itself.
   */
  open(stream: Duplex, address: HostPort, signal: AbortSignal): Promise<Duplex>;
  /** Returns the protocols to offer, in this order; `h2` is one of them. */
  alpn(clusterName: string): string[];
}

/** A place in the network. */
export interface HostPort {
  /** Name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Returns `host:port`, with brackets around an IPv6 address. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `host:port`; an IPv6 address stands in brackets. */
export function parseHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(text.slice(colon + 1)) };
}
