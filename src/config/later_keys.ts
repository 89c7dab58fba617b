/**
 * Keys that a file may have already, although this build does nothing with them yet.
 *
 * They are checked, so that a mistake shows now and not after an upgrade.
 *
 * @module
 */

import { isLoopback, isPort } from "./address.ts";
import type { Findings } from "./findings.ts";
import { describeValue } from "./problem.ts";
import { Section, type Table } from "./section.ts";

/** Checks the keys of later versions and warns of each that would change something. */
export function checkLaterKeys(
  root: Table,
  discord: Section,
  findings: Findings,
): void {
  const warnIf = (isSet: unknown, section: Section, key: string) => {
    if (isSet) findings.warning(section.path(key), ...NOT_YET);
  };
  if (discord.has("recipients")) {
    findings.warning(
      discord.path("recipients"),
      "Key without effect",
      "write the recipients below [role_to_recipients]",
    );
  }
  const http = new Section(root, "http", findings);
  warnIf(readListen(http, findings), http, "listen");
}

const NOT_YET = [
  "Key not supported yet",
  "it is ignored until a later version",
] as const;

/** Reads an address to listen at: `host:port`, or `unix:` and a path. */
function readListen(section: Section, findings: Findings): string | undefined {
  const listen = section.string("listen");
  if (listen === undefined || /^unix:\/./.test(listen)) return listen;
  const [, host, port] =
    /^(\[[\da-f:.]+\]|[^\s:/@[\]]*):(\d+)$/i.exec(listen) ?? [];
  if (host === undefined || port === undefined || !isPort(port)) {
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
  return listen;
}
