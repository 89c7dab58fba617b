/**
 * When a web certificate that was not trusted is valid.
 *
 * Deno reports an expired certificate as one of an unknown authority
 * (findings/deno-tls-expired-as-unknown.sh), which would send an admin to look for the wrong file.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import { systemClock } from "../../lib/async/clock.ts";
import { rest } from "../../lib/async/wait.ts";
import { serverNameOf } from "../../lib/net/web_tls.ts";
import type { Validity } from "../credentials/identity.ts";

/** How long the handshake may take. */
const LOOK_MS = 2000;

/**
 * Reads the certificate that a server shows, on a fresh connection on which nothing is sent; the
 * certificate is not verified, and nothing but its dates is used.
 *
 * @returns `undefined` if none was shown in time.
 */
export async function readWebValidity(
  tcp: Duplex,
  host: string,
  signal: AbortSignal,
): Promise<Validity | undefined> {
  const stream = connect({
    socket: tcp,
    host,
    servername: serverNameOf(host),
    rejectUnauthorized: false,
  });
  const { promise, resolve } = Promise.withResolvers<Validity | undefined>();
  const none = () => resolve(undefined);
  stream.once("secureConnect", () => {
    const { valid_from, valid_to } = stream.getPeerCertificate();
    resolve({
      notBefore: new Date(valid_from),
      notAfter: new Date(valid_to),
    });
  });
  stream.on("error", none).once("close", none);
  await rest(LOOK_MS, promise, systemClock, signal);
  stream.destroy();
  none();
  return await promise;
}
