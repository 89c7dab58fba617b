/**
 * Asking the endpoint of another process on this machine.
 *
 * @module
 */

import { readHttpBody } from "../net/http_body.ts";
import type { ListenAddress } from "./http_endpoint.ts";

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** More than any page of ours. */
const MAX_BODY_BYTES = 1024 * 1024;

/** What `fetch()` says before the words of the system. */
const WORDS_OF_FETCH = /^.*client error \(\w+\): /;

/**
 * Asks for a page. No proxy of the environment is in between: the address is what Deno takes for one.
 *
 * @throws {Error} If nobody answers, or not in HTTP, or with a page that never ends.
 * @throws The signal's reason if it aborts first.
 */
export async function ask(
  address: ListenAddress,
  path: string,
  signal: AbortSignal,
): Promise<Reply> {
  using client = Deno.createHttpClient({ proxy: routeTo(address) });
  try {
    const url = `http://localhost${path}`;
    const answer = await fetch(url, { client, signal, redirect: "manual" });
    const body = await readHttpBody(answer, MAX_BODY_BYTES);
    if (body === undefined) {
      throw new Error("the answer is too long, or breaks off");
    }
    return { status: answer.status, body };
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as Error;
    if (!(cause instanceof Error)) throw error;
    throw new Error(cause.message.replace(WORDS_OF_FETCH, ""));
  }
}

function routeTo(address: ListenAddress): Deno.Proxy {
  if (address.kind === "unix") return { transport: "unix", path: address.path };
  const { host, port } = address;
  // What listens at every address is asked at one of this machine.
  const everywhere: Readonly<Record<string, string>> = {
    "": "127.0.0.1",
    "0.0.0.0": "127.0.0.1",
    "::": "::1",
  };
  const name = everywhere[host] ?? host;
  // Deno makes a URL of it.
  const hostname = name.includes(":") ? `[${name}]` : name;
  return { transport: "tcp", hostname, port };
}
