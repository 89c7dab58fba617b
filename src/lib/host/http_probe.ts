/**
 * Asking the endpoint of another process on this machine.
 *
 * @module
 */

import type { ListenAddress } from "./http_endpoint.ts";

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** What `fetch()` says before the words of the system. */
const WORDS_OF_FETCH = /^.*client error \(\w+\): /;

/**
 * Asks for a page. No proxy of the environment is in between: the address is what Deno takes for one.
 *
 * @throws {Error} If nobody answers, or not in HTTP.
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
    return { status: answer.status, body: await answer.text() };
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
