/**
 * The `[http]` section.
 *
 * @module
 */

import type { ListenAddress } from "../../lib/host/http_endpoint.ts";
import { describeValue } from "../reading/problem.ts";
import type { Section } from "../reading/section.ts";
import { isLoopback, isPort, splitAddress } from "./addresses.ts";

/** Reads where to listen: `host:port`, or `unix:` and a path; `undefined` if nowhere. */
export function readListen(section: Section): ListenAddress | undefined {
  if (!section.isSet("listen")) return undefined;
  const value = section.raw("listen");
  const listen = typeof value === "string" ? parseListen(value) : undefined;
  if (listen === undefined) {
    return section.fault(
      "listen",
      `expected ${LISTEN_FORMS}, found ${describeValue(value)}`,
      suggestListen(value),
    );
  }
  const isReached = listen.kind === "tcp" && listen.host !== "::1" &&
    !isLoopback(listen.host);
  if (isReached) {
    section.warning(
      "listen",
      "Address that other machines can reach",
      'write "127.0.0.1" as the host unless a probe comes from outside',
    );
  }
  return listen;
}

/** What {@linkcode parseListen} takes, as a message says it. */
export const LISTEN_FORMS = '"host:port" or "unix:/path"';

/** What to do about another value. */
export const LISTEN_HINT = 'write such as "127.0.0.1:8080"';

/** Takes a port for one of this machine, and removes what is around an address and a path. */
function suggestListen(value: unknown): string {
  const text = Number.isInteger(value) || typeof value === "string"
    ? `${value}`
    : "";
  const inUrl = /^\w+:\/\/([^/@]+:\d+)(?:\/|$)/.exec(text)?.[1];
  const suggestion = [
    isPort(text) ? `127.0.0.1:${text}` : inUrl,
    text.startsWith("/") ? `unix:${text}` : undefined,
  ].find((each) => each !== undefined && parseListen(each) !== undefined);
  return suggestion === undefined
    ? LISTEN_HINT
    : `write listen = "${suggestion}"`;
}

/** Reads `host:port`, or `unix:` and a path; `undefined` for anything else. */
export function parseListen(text: string): ListenAddress | undefined {
  const path = /^unix:(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const { host, port = "" } = splitAddress(text) ?? {};
  return host === undefined || !isPort(port)
    ? undefined
    : { kind: "tcp", host, port: Number(port) };
}
