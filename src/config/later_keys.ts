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
import { type Read, readMention, readUserId } from "./recipient.ts";
import { Section, type Table } from "./section.ts";

const REVIEWER_NOTICES = { mention: true, dm: true, off: false };

/** Checks the keys of later versions and warns of each that would change something. */
export function checkLaterKeys(
  root: Table,
  discord: Section,
  findings: Findings,
): void {
  const warnIf = (isSet: unknown, section: Section, key: string) => {
    if (isSet) findings.warning(section.path(key), ...NOT_YET);
  };
  const notices = Object.keys(REVIEWER_NOTICES);
  for (
    const [key, isSet] of [
      ["notify_requester", discord.boolean("notify_requester")],
      [
        "notify_suggested_reviewers",
        discord.choice("notify_suggested_reviewers", REVIEWER_NOTICES, notices),
      ],
      ["remind_after", discord.durationMs("remind_after")],
      ["user_id_trait", discord.string("user_id_trait")],
    ] as const
  ) warnIf(isSet, discord, key);
  if (discord.has("recipients")) {
    findings.warning(
      discord.path("recipients"),
      "Key without effect",
      "write the recipients below [role_to_recipients]",
    );
  }
  const http = new Section(root, "http", findings);
  warnIf(readListen(http, findings), http, "listen");
  checkEntries(new Section(root, "role_to_mentions", findings), findings, {
    lists: true,
    read: readMention,
  });
  checkEntries(new Section(root, "users", findings), findings, {
    lists: false,
    read: readUserId,
  });
}

const NOT_YET = [
  "Key not supported yet",
  "it is ignored until a later version",
] as const;

function checkEntries(
  section: Section,
  findings: Findings,
  form: { lists: boolean; read: (value: unknown) => Read },
): void {
  for (const [key, value] of section.entries) {
    const isList = form.lists && Array.isArray(value);
    for (const [i, item] of (isList ? value : [value]).entries()) {
      const read = form.read(item);
      if ("value" in read) continue;
      const path = section.path(key);
      findings.error(
        isList ? [...path, i] : path,
        `${read.detail}; it is left out`,
        read.hint,
      );
    }
  }
  if (section.entries.length > 0) {
    findings.warning(
      [section.name],
      "Section not supported yet",
      "it is ignored until a later version",
    );
  }
}

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
