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
  const listen = section.string("listen");
  if (listen === undefined) return undefined;
  const path = /^unix:(\/.+)$/.exec(listen)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const [, host, port] =
    /^(\[[\da-f:.]+\]|[^\s:/@[\]]*):(\d+)$/i.exec(listen) ?? [];
  const ipv6 = /^\[(.*)\]$/.exec(host ?? "")?.[1];
  const isAddress = ipv6 === undefined || isIpv6(ipv6);
  if (!isAddress || host === undefined || port === undefined || !isPort(port)) {
    return findings.fault(
      section.path("listen"),
      `expected "host:port" or "unix:/path", found ${describeValue(listen)}`,
      'write such as "127.0.0.1:8080"',
    );
  }
  if (!isLoopback(host)) {
    findings.warning(
      section.path("listen"),
      "Address that other machines can reach",
      'write "127.0.0.1" as the host unless a probe comes from outside',
    );
  }
  return {
    kind: "tcp",
    host: ipv6 ?? host,
    port: Number(port),
  };
}
