/**
 * The single lines of a message.
 *
 * Source: docs/design/official-message.md 1, 3. Lines of our own: how long access lasts, when
 * the request expires, and how many reviews there are (review_embeds.ts).
 *
 * @module
 */

import {
  type AccessRequest,
  formatResourceId,
} from "../ports/access_request.ts";
import type { Embed, RenderedMessage } from "../ports/rendered_message.ts";
import type { ShownState } from "../record/plugin_data.ts";
import type { Announcement } from "./announcement.ts";
import type { Catalogue, Label } from "./catalogue/catalogue.ts";
import { EN } from "./catalogue/en.ts";
import { isTitle, type TitleKind } from "./catalogue/titles.ts";
import { PLAIN_ID } from "./review_button.ts";
import { codeSpan, escapeName } from "./text/markdown.ts";
import {
  formatDuration,
  fullTimestamp,
  relativeTimestamp,
} from "./text/times.ts";

/** Bounds of the lines that never give way; together they leave room for the others. */
const ID_LIMIT = { chars: 64, units: 128 };
const CLUSTER_LIMIT = { chars: 128, units: 200 };
const ACCESS_LIST_LIMIT = { chars: 100, units: 150 };

/** More mentions than this would take the place of what they point to. */
const MAX_MENTIONS = 12;

/** Names that mean nothing but themselves to a shell, to a list with commas, and to Discord within code. */
const SHELL_SAFE = /^[0-9A-Za-z@%+=:./_-]+$/;

/** A command leaves room for the lines around it. */
const MAX_COMMAND_UNITS = 1200;

const EMOJI: Readonly<Record<ShownState, string>> = {
  PENDING: "⏳",
  APPROVED: "✅",
  DENIED: "❌",
  PROMOTED: "⏫",
  EXPIRED: "⌛",
};

/** Returns a message without buttons; its first two lines are those by which {@linkcode isAbout} knows it. */
export function messageOf(
  { texts, requestId }: Announcement,
  kind: Exclude<TitleKind, "announcement">,
  details: readonly string[],
  embeds: readonly Embed[] = [],
): RenderedMessage {
  const lines = [texts.titles[kind], idLine(requestId), ...details];
  return { content: lines.join("\n"), embeds, buttons: [] };
}

/** Returns what stands in front of a value. */
export function labelOf({ labels }: Catalogue, label: Label): string {
  return `*${labels[label]}*: `;
}

/** Returns the line by which a message is found again: it is the same in every language. */
export function idLine(requestId: string): string {
  return `*ID*: ${escapeName(requestId, ID_LIMIT, EN.fields)}`;
}

/** Whether a message of our own is of this kind and about this request, by its title and its ID. */
export function isAbout(
  content: string,
  kind: TitleKind,
  requestId: string,
): boolean {
  const [title = "", id] = asStored(content).split("\n", 2);
  return isTitle(title, kind) && id === asStored(idLine(requestId));
}

/** Returns a text as Discord gives it back: it trims messages, and takes out characters that nobody can see. */
export function asStored(content: string): string {
  return content.replace(/\p{Default_Ignorable_Code_Point}/gu, "").trim();
}

export function clusterLine({ texts, cluster }: Announcement): string {
  const name = escapeName(cluster, CLUSTER_LIMIT, texts.fields);
  return labelOf(texts, "cluster") + name;
}

/** Returns the line that alerts whom the message is meant for. */
export function mentionLines({ texts, mentions }: Announcement): string[] {
  if (mentions.length === 0) return [];
  const shown = mentions.slice(0, MAX_MENTIONS).map(mention).join(" ");
  const hidden = mentions.length - MAX_MENTIONS;
  const more = hidden > 0 ? texts.lines.moreMentions(hidden) : "";
  return [labelOf(texts, "attention") + shown + more];
}

/** Returns the part of a message that says whom it alerts: those that its text mentions. */
export function alertsOf(
  { mentions }: Announcement,
): Pick<RenderedMessage, "alerts"> {
  const alerts = mentions.slice(0, MAX_MENTIONS);
  return alerts.length === 0 ? {} : { alerts };
}

/** Returns what Discord shows as the name of a role or user. */
export function mention(target: string): string {
  return target.replace(/^role:/, "<@&").replace(/^user:/, "<@") + ">";
}

/**
 * Returns how long access lasts, when it begins where that is set, and when it ends. Nothing is said once
 * there is none, nor of long-term access: that is granted by an access list, which has an end of its own.
 */
export function accessLines(announcement: Announcement): string[] {
  const { texts, state, kind, created, accessStarts, accessExpires } =
    announcement;
  const { accessEnds, accessEndedAt } = texts.lines;
  if (state !== "PENDING" && state !== "APPROVED") return [];
  if (kind === "LONG_TERM") return [];
  const start = fullTimestamp(accessStarts);
  // Two points in time are compared more easily where both stand as such.
  const end = start === undefined
    ? relativeTimestamp(accessExpires)
    : fullTimestamp(accessExpires);
  const parts = [
    formatDuration(accessStarts ?? created, accessExpires, texts),
    start && texts.lines.accessStarts(start),
    end && (announcement.accessEnded ? accessEndedAt(end) : accessEnds(end)),
  ].filter((part) => part !== undefined);
  return start === undefined && end === undefined
    ? []
    : [labelOf(texts, "access") + parts.join(", ")];
}

/** Whether a message that tells of access tells this start of it: one that was moved is told again. */
export function tellsStart(
  content: string,
  announcement: Announcement,
): boolean {
  const start = fullTimestamp(announcement.accessStarts);
  return start === undefined || content.includes(start) ||
    accessLines(announcement).length === 0;
}

/** Returns what is said where a request asks for something that cannot be shown. */
export function hiddenPartsLines(
  { texts, state, hasHiddenParts }: Announcement,
): string[] {
  return hasHiddenParts && state === "PENDING" ? [texts.lines.hiddenParts] : [];
}

/** Returns when a pending request expires, so that a message nobody edits any more tells the truth. */
export function expiryLines(announcement: Announcement): string[] {
  const end = relativeTimestamp(announcement.requestExpires);
  if (end === undefined || announcement.state !== "PENDING") return [];
  return [announcement.texts.lines.requestExpires(end)];
}

/**
 * Returns the commands that answer a pending request: those of a reviewer, or where there can be none, of
 * an administrator. A request for long-term access is approved by promoting it in the web UI: to approve it
 * would grant short-term access, and it could no longer be promoted.
 *
 * Source: docs/design/teleport-behaviour.md 5.3.
 */
export function commandLines(announcement: Announcement): string[] {
  const { texts, requestId, state, kind, hasHiddenParts } = announcement;
  if (state !== "PENDING" || !PLAIN_ID.test(requestId)) return [];
  const [approve, deny] = announcement.takesReviews
    ? ["tsh request review --approve", "tsh request review --deny"]
    : ["tctl requests approve", "tctl requests deny"];
  return [
    hasHiddenParts || kind === "LONG_TERM"
      ? `${labelOf(texts, "show")}\`tsh request show ${requestId}\``
      : `${labelOf(texts, "approve")}\`${approve} ${requestId}\``,
    `${labelOf(texts, "deny")}\`${deny} ${requestId}\``,
  ];
}

/** What a request asks for. */
export type RequestedAccess = Pick<
  AccessRequest,
  "roles" | "resources" | "unknownFields"
>;

/**
 * Returns the command that asks for the same access again; nothing where it cannot be pasted into a shell as
 * it is, would ask for something else, or says what is hidden.
 */
export function askAgainLines(
  { texts, hidden }: Announcement,
  { roles, resources, unknownFields }: RequestedAccess,
): string[] {
  if (hidden.includes("roles") || hidden.includes("resources")) return [];
  const isNarrowed = resources.some((each) => each.constraints !== undefined);
  if (isNarrowed || unknownFields.length > 0) return [];
  const ids = resources.map(formatResourceId);
  const names = ids.length > 0 ? ids : roles;
  if (names.length === 0 || !names.every((name) => SHELL_SAFE.test(name))) {
    return [];
  }
  // Which roles it takes to reach resources, Teleport finds out again.
  const flags = ids.length > 0
    ? ids.map((id) => `--resource=${id}`).join(" ")
    : `--roles=${roles.join(",")}`;
  const line = `${labelOf(texts, "askAgain")}\`tsh request create ${flags}\``;
  return line.length > MAX_COMMAND_UNITS ? [] : [line];
}

export function statusLine(
  { texts, state, accessEnded }: Announcement,
): string {
  const line = stateLine(texts, state);
  return accessEnded ? line + texts.lines.accessEnded : line;
}

/** Returns what the line of the status begins with, and most often is. */
export function stateLine(texts: Catalogue, state: ShownState): string {
  const { states } = texts.lines;
  return `${labelOf(texts, "status")}${EMOJI[state]} ${states[state]}`;
}

/** Returns the status with the access list that a promoted request was turned into. */
export function namedStatusLine(announcement: Announcement): string {
  const { texts, state, promotedTo = "" } = announcement;
  const line = statusLine(announcement);
  if (state !== "PROMOTED" || promotedTo === "") return line;
  const title = codeSpan(promotedTo, ACCESS_LIST_LIMIT, texts.fields);
  return line + texts.lines.toAccessList(title);
}
