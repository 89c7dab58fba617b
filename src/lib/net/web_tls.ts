/**
 * TLS with what has a certificate of the web: a proxy, a load balancer.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";

/**
 * Begins the handshake on a connection, which ends with what is made of it.
 *
 * @param host Whom the certificate has to be for.
 * @param ca Authorities that may have signed it; those of the runtime if not given.
 */
export function connectWebTls(
  socket: Duplex,
  host: string,
  ca: readonly string[] | undefined,
): TLSSocket {
  const stream = connect({
    socket,
    host,
    servername: serverNameOf(host),
    // Else NODE_TLS_REJECT_UNAUTHORIZED would have a say.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...ca === undefined ? {} : { ca: [...ca] },
  });
  // Whoever reads has its own listener; before, between and behind readers nothing may throw.
  stream.on("error", () => {});
  stream.once("close", () => socket.destroy());
  return stream;
}

/** Returns what to ask for: an IP address is no server name, but the certificate has to have it. */
export function serverNameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}
