/**
 * What it is that answers at a port without speaking TLS.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { systemClock } from "../../lib/async/clock.ts";
import { rest } from "../../lib/async/wait.ts";

/** What can be told apart. */
export type PortKind = "ssh" | "plain HTTP" | "not TLS";

/** How long a greeting or an answer may take. */
const GREETING_MS = 1000;

const MAX_BYTES = 64;

/**
 * Looks at what a fresh connection says: an SSH server greets first, an HTTP server has to be asked.
 * Of what comes, only the beginning is read.
 */
export async function identifyPort(
  stream: Duplex,
  signal: AbortSignal,
): Promise<PortKind> {
  try {
    const greeting = await readSome(stream, signal);
    if (greeting.startsWith("SSH-")) return "ssh";
    if (greeting !== "") return "not TLS";
    stream.write("HEAD / HTTP/1.0\r\n\r\n");
    const answer = await readSome(stream, signal);
    return answer.startsWith("HTTP/") ? "plain HTTP" : "not TLS";
  } finally {
    stream.destroy();
  }
}

/** Reads the first bytes as text; empty if none come in time. */
async function readSome(stream: Duplex, signal: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const none = () => resolve("");
  const take = (bytes: Uint8Array) =>
    resolve(new TextDecoder("latin1").decode(bytes.subarray(0, MAX_BYTES)));
  stream.on("data", take).once("close", none).on("error", none).resume();
  await rest(GREETING_MS, promise, systemClock, signal);
  stream.off("data", take).off("close", none).pause();
  none();
  return await promise;
}
