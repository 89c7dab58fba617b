/**
 * What both connection upgrades share: a load balancer ends TLS, speaks HTTP with the Proxy, and is
 * asked for a byte stream.
 *
 * Source: docs/design/teleport-routes.md 4.2.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { waitFor } from "../../lib/async/wait.ts";
import { readHttpHead } from "../../lib/net/http_head.ts";
import { connectWebTls } from "../../lib/net/web_tls.ts";
import { formatHostPort, type HostPort } from "./auth_route.ts";

/** The load balancer or the Proxy did not switch to a byte stream. */
export class UpgradeRefusedError extends Error {
  override readonly name = "UpgradeRefusedError";
}

/** The certificate of the web address cannot be trusted. */
export class WebCertificateError extends Error {
  override readonly name = "WebCertificateError";
}

/** Returns the authorities for public certificates; `undefined` for those of the runtime. */
export type WebTrust = () => Promise<readonly string[] | undefined>;

/** What to switch to. */
export interface UpgradeProtocol {
  /** For messages. */
  readonly name: string;
  /** Lines of the request that ask for it. */
  readonly headers: readonly string[];
  /** Whether the headers of an answer agree to it. */
  accepts(headers: ReadonlyMap<string, string>): boolean;
}

const PATH = "/webapi/connectionupgrade";

/**
 * Speaks TLS with what answers at the address, asks for the upgrade and reads the answer.
 *
 * @throws {UpgradeRefusedError} If the answer is another than 101 with this protocol.
 * @throws {WebCertificateError} If the certificate is not trusted.
 */
export async function requestUpgrade(
  tcp: Duplex,
  address: HostPort,
  trust: WebTrust,
  { name, headers, accepts }: UpgradeProtocol,
  signal: AbortSignal,
): Promise<Duplex> {
  const stream = await openWebTls(tcp, address.host, await trust(), signal);
  const lines = [
    `GET ${PATH} HTTP/1.1`,
    `Host: ${formatHostPort(address)}`,
    "Connection: Upgrade",
    ...headers,
  ];
  stream.write(`${lines.join("\r\n")}\r\n\r\n`);
  const head = await readHttpHead(stream, signal).catch((cause) => {
    signal.throwIfAborted();
    throw new UpgradeRefusedError(
      `it did not answer the connection upgrade: ${cause.message}`,
      { cause },
    );
  });
  if (head.status !== 101) {
    throw new UpgradeRefusedError(
      `it answered the connection upgrade with ${head.status}`,
    );
  }
  if (!accepts(head.headers)) {
    throw new UpgradeRefusedError(
      `it switched to another protocol than ${name}`,
    );
  }
  return stream;
}

async function openWebTls(
  tcp: Duplex,
  host: string,
  ca: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Duplex> {
  signal.throwIfAborted();
  const stream = connectWebTls(tcp, host, ca);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.once("secureConnect", resolve);
  stream.on("error", (error) => reject(asWebCertificateError(error)));
  stream.once("close", () => {
    reject(new Error("the connection was closed during the TLS handshake"));
  });
  await waitFor(promise, signal);
  return stream;
}

function asWebCertificateError(error: Error & { code?: string }): Error {
  const isAboutCertificate =
    /CERT|ISSUER|SIGNATURE|VERIFY_LEAF/.test(error.code ?? "") &&
    !/ALERT/.test(error.code ?? "");
  return isAboutCertificate
    ? new WebCertificateError(error.message, { cause: error })
    : error;
}
