/**
 * The first part of an HTTP/1.1 answer, read from a byte stream that goes on as something else.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

/** Status and headers of an answer; names of headers are in lower case. */
export interface HttpHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** Longer than any that makes sense; what is behind it is never looked at. */
const MAX_HEAD_BYTES = 16 * 1024;

const END = Buffer.from("\r\n\r\n");

/**
 * Reads up to the blank line. Bytes behind it stay in the stream.
 *
 * @throws {Error} If what comes is no HTTP answer, is too long, or ends too soon.
 * @throws The signal's reason if it is or becomes aborted.
 */
export function readHttpHead(
  stream: Duplex,
  signal: AbortSignal,
): Promise<HttpHead> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (finish: () => void) => {
      stream.off("readable", read).off("end", ended).off("close", ended)
        .off("error", reject);
      signal.removeEventListener("abort", abort);
      finish();
    };
    const abort = () => settle(() => reject(signal.reason));
    const fail = (text: string) => settle(() => reject(new Error(text)));
    const ended = () => fail("the connection was closed without an answer");
    const read = () => {
      for (;;) {
        const chunk: Buffer | null = stream.read();
        if (chunk === null) return;
        bytes = Buffer.concat([bytes, chunk]);
        const end = bytes.indexOf(END);
        if (end >= 0 && end <= MAX_HEAD_BYTES) {
          const rest = bytes.subarray(end + END.length);
          if (rest.length > 0) stream.unshift(rest);
          const head = parseHead(bytes.subarray(0, end).toString("latin1"));
          if (head === undefined) return fail("the answer is not HTTP");
          return settle(() => resolve(head));
        }
        if (!"HTTP/1.".startsWith(bytes.toString("latin1", 0, 7))) {
          return fail("the answer is not HTTP");
        }
        if (bytes.length > MAX_HEAD_BYTES) {
          return fail("the head of the answer is too long");
        }
      }
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", abort);
    stream.on("readable", read).once("end", ended).once("close", ended)
      .once("error", reject);
  });
}

function parseHead(text: string): HttpHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0) headers.set(name, line.slice(colon + 1).trim());
  }
  return { status: Number(status), headers };
}
