/**
 * A connection through an HTTP proxy.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { readHttpHead } from "./http_head.ts";
import type { HttpProxy } from "./http_proxy.ts";
import { connectWebTls } from "./web_tls.ts";

/** A proxy did not open the connection that it was asked for. */
export class HttpProxyError extends Error {
  override readonly name = "HttpProxyError";
}

function refusal(status: number): string {
  return status === 407
    ? "the HTTP proxy asks for another user or password (407)"
    : `the HTTP proxy answered CONNECT with ${status}`;
}

/**
 * Asks a proxy for a connection.
 *
 * Source: RFC 9110, section 9.3.6.
 *
 * @param tcp Connected to the proxy.
 * @param target `host:port` to be reached through it.
 * @param ca Authorities for a proxy that is spoken to over TLS; those of the runtime if not given.
 * @throws {HttpProxyError} If the proxy refuses.
 */
export async function openHttpTunnel(
  tcp: Duplex,
  proxy: HttpProxy,
  target: string,
  ca: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Duplex> {
  const stream = proxy.isTls ? connectWebTls(tcp, proxy.host, ca) : tcp;
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (proxy.authorization !== undefined) {
    lines.push(`Proxy-Authorization: ${proxy.authorization.reveal()}`);
  }
  stream.write(`${lines.join("\r\n")}\r\n\r\n`);
  const { status } = await readHttpHead(stream, signal).catch((cause) => {
    signal.throwIfAborted();
    throw new HttpProxyError(`the HTTP proxy: ${cause.message}`, { cause });
  });
  if (status < 200 || status > 299) throw new HttpProxyError(refusal(status));
  return stream;
}
