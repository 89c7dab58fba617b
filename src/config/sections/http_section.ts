/**
 * The `[http]` section.
 *
 * @module
 */

import { describeValue } from "../reading/problem.ts";
import type { Findings } from "../reading/problem_list.ts";
import type { Section } from "../reading/section.ts";
import { isIpv6, isLoopback, isPort } from "./addresses.ts";

/** Where health and metrics are offered. */
export type HttpListen =
  /** An empty `host` stands for every address of the machine; an IPv6 address has no brackets. */
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Reads where to listen: `host:port`, or `unix:` and a path; `undefined` if nowhere. */
export function readListen(
  section: Section,
  findings: Findings,
): HttpListen | undefined {
  const text = section.string("listen");
  if (text === undefined) return undefined;
  const listen = parseListen(text);
  if (listen === undefined) {
    return findings.fault(
      section.path("listen"),
      `expected ${LISTEN_FORMS}, found ${describeValue(text)}`,
      LISTEN_HINT,
    );
  }
  const isReached = listen.kind === "tcp" && listen.host !== "::1" &&
    !isLoopback(listen.host);
  if (isReached) {
    findings.warning(
      section.path("listen"),
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

/** Reads `host:port`, or `unix:` and a path; `undefined` for anything else. */
export function parseListen(text: string): HttpListen | undefined {
  const path = /^unix:(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const [, host, port] = /^(\[[\da-f:.]+\]|[^\s:/@[\]]*):(\d+)$/i.exec(text) ??
    [];
  if (host === undefined || port === undefined || !isPort(port)) {
    return undefined;
  }
  const ipv6 = /^\[(.*)\]$/.exec(host)?.[1];
  if (ipv6 !== undefined && !isIpv6(ipv6)) return undefined;
  return { kind: "tcp", host: ipv6 ?? host, port: Number(port) };
}
