/**
 * Asking the endpoint of another process on this machine.
 *
 * @module
 */

import { onAbort } from "../async/cancellation.ts";
import type { ListenAddress } from "./http_endpoint.ts";

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Asks for a page. No proxy of the environment is in between, as there would be with `fetch()`.
 *
 * @throws {Error} If nobody answers, or not in HTTP.
 * @throws The signal's reason if it aborts first.
 */
export async function ask(
  address: ListenAddress,
  path: string,
  signal: AbortSignal,
): Promise<Reply> {
  signal.throwIfAborted();
  using connection = await connect(address);
  using _ = onAbort(signal, () => connection[Symbol.dispose]());
  try {
    // It may have come while the connection was made.
    signal.throwIfAborted();
    // HTTP/1.0: the answer is not chunked, and the connection ends with it.
    const request = `GET ${path} HTTP/1.0\r\nhost: localhost\r\n\r\n`;
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(request));
    return parse(await readToEnd(connection));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function connect(address: ListenAddress): Promise<Deno.Conn> {
  if (address.kind === "unix") {
    return await Deno.connect({ transport: "unix", path: address.path });
  }
  const { host, port } = address;
  // What listens at every address is asked at one of this machine.
  const everywhere: Readonly<Record<string, string>> = {
    "": "127.0.0.1",
    "0.0.0.0": "127.0.0.1",
    "::": "::1",
  };
  return await Deno.connect({ hostname: everywhere[host] ?? host, port });
}

async function readToEnd(connection: Deno.Conn): Promise<string> {
  let text = "";
  const decoder = new TextDecoderStream();
  for await (const part of connection.readable.pipeThrough(decoder)) {
    text += part;
    if (text.length >= MAX_BYTES) break;
  }
  return text;
}

function parse(text: string): Reply {
  const end = text.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.\d (\d{3})/.exec(text)?.[1];
  if (status === undefined || end < 0) throw new Error("no HTTP in the answer");
  return { status: Number(status), body: text.slice(end + 4) };
}
