/**
 * Renders what is sent beside announcements.
 *
 * @module
 */

import type { Embed, RenderedMessage } from "../ports/rendered_message.ts";
import type { Announcement } from "./announcement.ts";
import type { Label } from "./catalogue/catalogue.ts";
import {
  accessLines,
  alertsOf,
  askAgainLines,
  asStored,
  clusterLine,
  expiryLines,
  isAbout,
  labelOf,
  mentionLines,
  messageOf,
  type RequestedAccess,
  statusLine,
  tellsStart,
} from "./lines.ts";
import { codeBlock } from "./text/markdown.ts";
import {
  renderReviews,
  reviewCountLines,
  reviewCountsOf,
} from "./review_embeds.ts";
import { relativeTimestamp } from "./text/times.ts";

const MAX_REASON = { chars: 400, units: 1500 };

/**
 * Returns what the requester is told of reviews and the outcome.
 *
 * Its text depends on stored facts alone, and holds nothing that a person typed: {@linkcode isNews} knows a
 * message that was sent before. What was typed is in the embeds.
 *
 * @param known How many reviews the requester knows already.
 */
export function renderNews(
  announcement: Announcement,
  known: number,
): RenderedMessage {
  const { state, reviews } = announcement;
  const lines = [
    clusterLine(announcement),
    ...(tellsAccess(announcement) ? accessLines(announcement) : []),
    ...reviewCountLines(announcement),
    statusLine(announcement),
  ];
  const latest = (reviews ?? []).slice(known).slice(-MAX_REVIEWS);
  return messageOf(announcement, `news ${state}`, lines, [
    ...reasonEmbeds(announcement),
    ...renderReviews(latest, announcement),
  ]);
}

/**
 * Tells whether a message of our own has told the requester this, whatever the language and the release: by
 * title and ID, the counts of reviews, and the start of access where one is set.
 */
export function isNews(content: string, announcement: Announcement): boolean {
  const { requestId, state } = announcement;
  if (!isAbout(content, `news ${state}`, requestId)) return false;
  const lines = asStored(content).split("\n").slice(3);
  const counts = lines.flatMap((line) => COUNTS.exec(line)?.[1] ?? []);
  return counts[0] === reviewCountsOf(announcement) &&
    (!tellsAccess(announcement) || tellsStart(content, announcement));
}

/** The line that counts reviews, in any language. */
const COUNTS = /^\*[^*]+\*: (\d+|✅ \d+ ❌ \d+(?: ⏫ \d+)?)$/;

/** Of a pending request the access is told only where a reviewer may have moved its start. */
function tellsAccess({ state, accessStarts }: Announcement): boolean {
  return state === "APPROVED" ||
    (state === "PENDING" && accessStarts !== undefined);
}

/** With the reason there are at most ten embeds, and together they stay within their limit. */
const MAX_REVIEWS = 4;

/** Returns why a request was resolved so, where somebody said it. */
export function reasonEmbeds(
  { texts, hidden, state, resolveReason }: Announcement,
): Embed[] {
  if (state === "PENDING" || resolveReason === "") return [];
  const description = hidden.includes("review_reasons")
    ? texts.fields.hidden
    : codeBlock(resolveReason, MAX_REASON, texts.fields);
  return [{ title: texts.labels.resolutionReason, description }];
}

/**
 * Returns what the requester is told before access ends.
 *
 * @param request The request, for the command that asks for the same again.
 */
export function renderBeforeEnd(
  announcement: Announcement,
  request: RequestedAccess | undefined,
): RenderedMessage {
  return messageOf(announcement, "before end", [
    clusterLine(announcement),
    ...accessLines(announcement),
    ...(request === undefined ? [] : askAgainLines(announcement, request)),
  ]);
}

/** Tells whether a message of our own told the requester of this end. */
export function isBeforeEndOf(
  content: string,
  requestId: string,
  end: Date,
): boolean {
  const time = relativeTimestamp(end)?.replace(/R>$/, "") ?? "";
  return isAbout(content, "before end", requestId) && content.includes(time);
}

/** Tells whether a message of our own is a reminder of this request. */
export function isReminderOf(content: string, requestId: string): boolean {
  return isAbout(content, "reminder", requestId);
}

/** Returns the reminder of a request that nobody has reviewed; it alerts whom the announcement alerted. */
export function renderReminder(announcement: Announcement): RenderedMessage {
  return renderCall(announcement, "reminder");
}

/**
 * Returns the reply that calls others to a request that nobody has decided on.
 *
 * @param since When it was to be decided at the latest.
 */
export function renderEscalation(
  announcement: Announcement,
  since: Date | undefined,
): RenderedMessage {
  return renderCall(
    announcement,
    "escalation",
    timeLines(announcement, "escalated", since),
    reviewCountLines(announcement),
  );
}

/** Renders a message about a request that waits; the lines of its own stand before and after its times. */
function renderCall(
  announcement: Announcement,
  kind: "reminder" | "escalation",
  before: readonly string[] = [],
  after: readonly string[] = [],
): RenderedMessage {
  const lines = [
    ...before,
    ...timeLines(announcement, "requested", announcement.created),
    ...expiryLines(announcement),
    ...after,
    ...mentionLines(announcement),
  ];
  const message = messageOf(announcement, kind, lines);
  return { ...message, ...alertsOf(announcement) };
}

/** Returns the line that tells a time; none where it is not known. */
function timeLines(
  { texts }: Announcement,
  label: Label,
  time: Date | undefined,
): string[] {
  const shown = relativeTimestamp(time);
  return shown === undefined ? [] : [labelOf(texts, label) + shown];
}

/** Tells whether a message of our own is this very escalation of a request, in whatever language. */
export function isEscalationOf(
  content: string,
  requestId: string,
  since: Date | undefined,
): boolean {
  const [, , escalated = ""] = content.split("\n", 3);
  return isAbout(content, "escalation", requestId) &&
    escalated.endsWith(relativeTimestamp(since) ?? "");
}
