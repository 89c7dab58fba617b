/**
 * A small HTTP endpoint: a few pages that only tell something.
 *
 * @module
 */

import { Backoff } from "../async/backoff.ts";
import type { Clock } from "../async/clock.ts";
import type { Logger } from "../log/logger.ts";

/** Where to listen. */
export type ListenAddress =
  /** An empty `host` stands for every address of the machine; an IPv6 address has no brackets. */
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** What a page says now. */
export interface Page {
  readonly status: number;
  /** Media type. */
  readonly type: string;
  readonly body: string;
}

/** Pages by path. */
export type Pages = Readonly<Record<string, () => Page>>;

/** What {@linkcode serveUntil} needs. */
export interface EndpointOptions {
  readonly pages: Pages;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_WAIT = { minMs: 1000, maxMs: 30_000 };

/**
 * Serves the pages until the signal aborts. An address that cannot be used is tried again: whoever has
 * it may be about to end, and the work of this process does not depend on it.
 */
export async function serveUntil(
  address: ListenAddress,
  { pages, clock, logger }: EndpointOptions,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(RETRY_WAIT, clock.random);
  const listen = formatAddress(address);
  for (let isTold = false; !signal.aborted; isTold = true) {
    try {
      const server = await open(address, { pages, logger }, signal);
      logger.info("offering health and metrics", { listen });
      return await server.finished;
    } catch (error) {
      if (signal.aborted) return;
      if (!isTold) {
        const why = REASONS.find(([type]) => error instanceof type)?.[1];
        logger.error("cannot offer health and metrics, will retry", {
          listen,
          err: why ?? error,
        });
      }
      await clock.sleep(backoff.nextMs(), signal).catch(() => {});
    }
  }
}

/** Returns an address as it is configured. */
export function formatAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const { host, port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function open(
  address: ListenAddress,
  { pages, logger }: Pick<EndpointOptions, "pages" | "logger">,
  signal: AbortSignal,
): Promise<{ readonly finished: Promise<void> }> {
  const onError = (error: unknown) => {
    logger.error("cannot render a page", { err: error });
    return reply({ status: 500, type: TEXT, body: "see the log\n" });
  };
  const common = { signal, onListen: () => {}, onError };
  const answer = (request: Request) => respond(request, pages);
  if (address.kind === "unix") {
    await removeLeftOver(address.path);
    return Deno.serve({ ...common, path: address.path }, answer);
  }
  const { host, port } = address;
  const serve = (hostname: string) =>
    Deno.serve({ ...common, hostname, port }, answer);
  if (host !== "") return serve(host);
  try {
    return serve("::");
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    // A machine without IPv6.
    return serve("0.0.0.0");
  }
}

/** Removes the socket of a process that ended without doing so; anything else stays. */
async function removeLeftOver(path: string): Promise<void> {
  const info = await Deno.lstat(path).catch(() => undefined);
  if (info?.isSocket !== true) return;
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) await Deno.remove(path);
  }
}

function respond({ method, url }: Request, pages: Pages): Response {
  const { pathname } = new URL(url);
  const render = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
  if (render === undefined) {
    const paths = Object.keys(pages).join(", ");
    return reply({ status: 404, type: TEXT, body: `there are ${paths}\n` });
  }
  if (method !== "GET" && method !== "HEAD") {
    const page = { status: 405, type: TEXT, body: "only GET and HEAD\n" };
    return reply(page, { allow: "GET, HEAD" });
  }
  const page = render();
  return method === "GET" ? reply(page) : reply({ ...page, body: "" });
}

const TEXT = "text/plain; charset=utf-8";

function reply(
  { status, type, body }: Page,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": type, "cache-control": "no-store", ...headers },
  });
}

/** What is wrong with an address, in words. */
const REASONS = [
  [Deno.errors.AddrInUse, "the address is in use"],
  [Deno.errors.NotCapable, "this program may not listen there"],
  [Deno.errors.PermissionDenied, "this user may not listen there"],
  [Deno.errors.NotFound, "its folder does not exist"],
] as const;
