/**
 * The single lines of a message.
 *
 * Source: docs/design/official-message.md 1, 3. Lines of our own: how long access lasts, when
 * the request expires, and how many reviews there are (message_reviews.ts).
 *
 * @module
 */

import type { ConstraintKind } from "../ports/access_request.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import type { ShownState } from "../record/plugin_data.ts";
import type { Announcement } from "./announcement.ts";
import type { FlexibleLine } from "./layout.ts";
import { codeBlock, codeList, codeSpan, escapeName } from "./markdown.ts";
import { formatDuration, fullTimestamp, relativeTimestamp } from "./times.ts";

/** Characters of one field that a person typed, as in the official plugin. */
export const MAX_FIELD_CHARS = 400;

/** Bounds of the lines that never give way; together they leave room for the others. */
const ID_LIMIT = { chars: 64, units: 128 };
const CLUSTER_LIMIT = { chars: 128, units: 200 };
const USER_LIMIT = { chars: 256, units: 400 };
const ACCESS_LIST_LIMIT = { chars: 100, units: 150 };

/** More mentions than this would take the place of what they point to. */
const MAX_MENTIONS = 12;

/** Room that even the shortest form of a field takes, with its marks and what is said of the cut. */
const LEAST_FIELD_UNITS = 35;

/** Bound of a line before it is fitted: no line can be longer than its message. */
const MAX_LINE_UNITS = 2000;

/** IDs that can be pasted into a shell. Those that Teleport makes are UUIDs. */
const PLAIN_ID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;

const EMOJI: Readonly<Record<ShownState, string>> = {
  PENDING: "⏳",
  APPROVED: "✅",
  DENIED: "❌",
  PROMOTED: "⏫",
  EXPIRED: "⌛",
};

export function idLine(requestId: string): string {
  return `*ID*: ${escapeName(requestId, ID_LIMIT)}`;
}

export function clusterLine(cluster: string): string {
  return `*Cluster*: ${escapeName(cluster, CLUSTER_LIMIT)}`;
}

/** Returns the line of the requester; a name in Discord stands behind the one in Teleport. */
export function userLine(user: string, userId: string | undefined): string {
  const name = `*User*: ${escapeName(user, USER_LIMIT)}`;
  return userId === undefined ? name : `${name} (${mention(`user:${userId}`)})`;
}

/** Returns the line that alerts whom the message is meant for. */
export function mentionLines(mentions: readonly string[]): string[] {
  if (mentions.length === 0) return [];
  const shown = mentions.slice(0, MAX_MENTIONS).map(mention).join(" ");
  const hidden = mentions.length - MAX_MENTIONS;
  return [`*Attention*: ${shown}${hidden > 0 ? ` …and ${hidden} more` : ""}`];
}

/** Returns the part of a message that says whom it alerts: those that its text mentions. */
export function alertsOf(
  mentions: readonly string[],
): Pick<RenderedMessage, "alerts"> {
  const alerts = mentions.slice(0, MAX_MENTIONS);
  return alerts.length === 0 ? {} : { alerts };
}

/** Returns what Discord shows as the name of a role or user. */
export function mention(target: string): string {
  return target.replace(/^role:/, "<@&").replace(/^user:/, "<@") + ">";
}

/** Returns one line for each role with its logins, each list of at most so many characters. */
export function roleAndLoginLines(
  roles: readonly string[],
  loginsByRole: ReadonlyMap<string, readonly string[]>,
  loginChars: number,
): string[] {
  const limit = { chars: MAX_FIELD_CHARS, units: MAX_LINE_UNITS };
  return roles.toSorted().map((role) => {
    const logins = (loginsByRole.get(role) ?? []).toSorted();
    const shown = codeList(logins.length > 0 ? logins : ["-"], ", ", {
      ...limit,
      chars: loginChars,
    });
    return `*Role*: ${codeSpan(role, limit)} *Login(s)*: ${shown}`;
  });
}

const CONSTRAINT_LABELS: Readonly<
  Record<Exclude<ConstraintKind, "unknown">, string>
> = {
  aws_console: "AWS roles",
  ssh: "SSH logins",
  windows_desktop: "Windows logins",
};

/** Returns the names of the resources, each with what the access to it is narrowed to. */
export function resourceNames(
  { resources, constraints }: Pick<Announcement, "resources" | "constraints">,
): string[] {
  return resources.map((name, place) => {
    const narrowed = constraints.get(place);
    if (narrowed === undefined) return name;
    const { kind, values } = narrowed;
    return kind === "unknown"
      ? `${name} (with constraints that this version cannot show)`
      : `${name} (${CONSTRAINT_LABELS[kind]}: ${values.join(", ")})`;
  });
}

/** Returns the line that lists names, sorted. */
export function listLine(
  label: string,
  names: readonly string[],
  rank: number,
): FlexibleLine {
  const sorted = names.toSorted();
  return flexibleLine(
    label,
    rank,
    (limit) => codeList(sorted, ",", limit),
  );
}

export function reasonLine(
  label: string,
  reason: string,
  rank: number,
): FlexibleLine {
  return flexibleLine(label, rank, (limit) => codeBlock(reason, limit));
}

/**
 * Returns how long access lasts, when it begins where that is set, and when it ends. Nothing is said once
 * there is none, nor of long-term access: that is granted by an access list, which has an end of its own.
 */
export function accessLines(announcement: Announcement): string[] {
  const { state, kind, created, accessStarts, accessExpires } = announcement;
  if (state !== "PENDING" && state !== "APPROVED") return [];
  if (kind === "LONG_TERM") return [];
  const start = fullTimestamp(accessStarts);
  // Two points in time are compared more easily where both stand as such.
  const end = start === undefined
    ? relativeTimestamp(accessExpires)
    : fullTimestamp(accessExpires);
  const parts = [
    formatDuration(accessStarts ?? created, accessExpires),
    start && `starts ${start}`,
    end && `ends ${end}`,
  ].filter((part) => part !== undefined);
  return start === undefined && end === undefined
    ? []
    : [`*Access*: ${parts.join(", ")}`];
}

/** Returns what is said where a request asks for something that cannot be shown. */
export function hiddenPartsLines(
  { state, hasHiddenParts }: Announcement,
): string[] {
  if (!hasHiddenParts || state !== "PENDING") return [];
  return [
    "⚠️ This request has parts that this version of the plugin cannot show: look at it in Teleport before you approve it.",
  ];
}

/** Returns when a pending request expires, so that a message nobody edits any more tells the truth. */
export function expiryLines(announcement: Announcement): string[] {
  const end = relativeTimestamp(announcement.requestExpires);
  if (end === undefined || announcement.state !== "PENDING") return [];
  return [`Request expires ${end}`];
}

/**
 * Returns the commands that review a pending request. One for long-term access is approved by promoting it
 * in the web UI: to approve it would grant short-term access, and it could no longer be promoted.
 */
export function commandLines(announcement: Announcement): string[] {
  const { requestId, state, kind, hasHiddenParts } = announcement;
  if (state !== "PENDING" || !PLAIN_ID.test(requestId)) return [];
  return [
    hasHiddenParts || kind === "LONG_TERM"
      ? `*Show*: \`tsh request show ${requestId}\``
      : `*Approve*: \`tsh request review --approve ${requestId}\``,
    `*Deny*: \`tsh request review --deny ${requestId}\``,
  ];
}

export function statusLine(state: ShownState): string {
  return `*Status*: ${EMOJI[state]} ${state}`;
}

/** Returns the status with the access list that a promoted request was turned into. */
export function namedStatusLine(announcement: Announcement): string {
  const { state, promotedTo } = announcement;
  const line = statusLine(state);
  if (state !== "PROMOTED" || (promotedTo ?? "") === "") return line;
  const title = codeSpan(promotedTo ?? "", ACCESS_LIST_LIMIT);
  return `${line} to access list ${title}`;
}

function flexibleLine(
  label: string,
  rank: number,
  renderField: (limit: { chars: number; units: number }) => string,
): FlexibleLine {
  return {
    rank,
    leastUnits: label.length + LEAST_FIELD_UNITS,
    render: (units) =>
      label +
      renderField({ chars: MAX_FIELD_CHARS, units: units - label.length }),
  };
}
