/**
 * The first part of an HTTP/1.1 answer, read from a byte stream that goes on as something else.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { on } from "node:events";
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
export async function readHttpHead(
  stream: Duplex,
  signal: AbortSignal,
): Promise<HttpHead> {
  let bytes: Buffer = Buffer.alloc(0);
  try {
    const arrivals = on(stream, "readable", {
      signal,
      close: ["end", "close"],
    });
    for await (const _ of arrivals) {
      for (let chunk: Buffer | null; (chunk = stream.read()) !== null;) {
        bytes = Buffer.concat([bytes, chunk]);
        const end = bytes.indexOf(END);
        if (end >= 0 && end <= MAX_HEAD_BYTES) {
          const rest = bytes.subarray(end + END.length);
          if (rest.length > 0) stream.unshift(rest);
          return parseHead(bytes.subarray(0, end).toString("latin1"));
        }
        if (!"HTTP/1.".startsWith(bytes.toString("latin1", 0, 7))) {
          throw new Error(NOT_HTTP);
        }
        if (bytes.length > MAX_HEAD_BYTES) {
          throw new Error("the head of the answer is too long");
        }
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  throw new Error("the connection was closed without an answer");
}

const NOT_HTTP = "the answer is not HTTP";

function parseHead(text: string): HttpHead {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error(NOT_HTTP);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0) headers.set(name, line.slice(colon + 1).trim());
  }
  return { status: Number(status), headers };
}
