/**
 * Renders what stands in the thread at an announcement, and its name.
 *
 * Source: docs/design/threads.md 2.
 *
 * @module
 */

import type { Embed, RenderedMessage } from "../ports/rendered_message.ts";
import type { ShownState } from "../record/plugin_data.ts";
import type { Announcement } from "./announcement.ts";
import type { TitleKind } from "./catalogue/titles.ts";
import {
  accessLines,
  clusterLine,
  isAbout,
  labelOf,
  messageOf,
  namedStatusLine,
  tellsStart,
} from "./lines.ts";
import { reasonEmbeds } from "./notice_message.ts";
import { renderReviews, reviewCountLines } from "./review_embeds.ts";
import { cleanLine, cutText } from "./text/text.ts";

/** What one message in a thread tells. */
export type ThreadText =
  /** One review; the first has number 1. */
  | { readonly kind: "review"; readonly number: number }
  /** How many reviews there are by now. */
  | { readonly kind: "reviews"; readonly number: number }
  | {
    readonly kind: "outcome";
    readonly state: Exclude<ShownState, "PENDING">;
  };

/** Characters of a thread's name. Source: docs/design/threads.md 1. */
const MAX_NAME = 100;

/** Characters of the request's ID at the end of a name. */
const ID_CHARS = 8;

/**
 * Returns the name of a request's thread: who asks for what, as far as that is shown, and the beginning of the
 * request's ID.
 *
 * @param minimal Leaves out what a person typed.
 */
export function threadName(
  { requestId, user, roles, hidden, texts }: Announcement,
  minimal: boolean,
): string {
  const end = endOfName(requestId);
  const shown = [
    ...(hidden.includes("user") ? [] : [user]),
    ...(hidden.includes("roles") ? [] : [roles.toSorted().join(", ")]),
  ];
  const subject = minimal || shown.length === 0
    ? texts.lines.threadName
    : cleanLine(shown.join(": "));
  const room = MAX_NAME - end.length;
  return cutText(subject, { chars: room, units: room }).kept + end;
}

/** Whether a thread has the name of this request's, whatever else it says; others may have it as well. */
export function isNameFor(name: string, requestId: string): boolean {
  return name.endsWith(endOfName(requestId));
}

function endOfName(requestId: string): string {
  return ` · ${requestId.slice(0, ID_CHARS)}`;
}

/**
 * Renders one message of a thread.
 *
 * Its text depends on stored facts alone, and holds nothing that a person typed, so that a message which
 * was sent before is recognised. What was typed is in the embeds.
 */
export function renderThreadMessage(
  announcement: Announcement,
  text: ThreadText,
): RenderedMessage {
  const lines = detailLines(announcement, text);
  const embeds = embedsOf(announcement, text);
  return messageOf(announcement, titleKind(text), lines, embeds);
}

/** Whether a message of the bot in the thread tells this, in whatever language. */
export function isThreadMessage(
  content: string,
  announcement: Announcement,
  text: ThreadText,
): boolean {
  if (!isAbout(content, titleKind(text), announcement.requestId)) return false;
  const [, , detail = ""] = content.split("\n");
  if (text.kind !== "outcome") return numberIn(detail) === text.number;
  return text.state !== "APPROVED" || tellsStart(content, announcement);
}

function titleKind(text: ThreadText): Exclude<TitleKind, "announcement"> {
  return text.kind === "outcome"
    ? `thread ${text.state}`
    : `thread ${text.kind}`;
}

function detailLines(announcement: Announcement, text: ThreadText): string[] {
  if (text.kind === "review") return [numberLine(announcement, text)];
  if (text.kind === "reviews") {
    const counts = reviewCountLines(announcement);
    // Counted by verdict, they may be others than those that this message is about.
    const isWhole = counts.some((line) => numberIn(line) === text.number);
    return isWhole ? counts : [numberLine(announcement, text)];
  }
  return [
    clusterLine(announcement),
    ...(text.state === "APPROVED" ? accessLines(announcement) : []),
    namedStatusLine(announcement),
  ];
}

function numberLine(
  { texts }: Announcement,
  { kind, number }: Exclude<ThreadText, { readonly kind: "outcome" }>,
): string {
  return `${labelOf(texts, kind)}${number}`;
}

/** Returns the number in such a line, or the sum of its counts by verdict. */
function numberIn(line: string): number {
  const [, counts = ""] = /: ([^:]*)$/.exec(line) ?? [];
  const numbers = counts.match(/\d+/g) ?? [];
  return numbers.reduce((sum, number) => sum + Number(number), 0);
}

function embedsOf(
  announcement: Announcement,
  text: ThreadText,
): readonly Embed[] {
  if (text.kind === "outcome") return reasonEmbeds(announcement);
  if (text.kind === "reviews") return [];
  const { reviews = [] } = announcement;
  const told = reviews.slice(text.number - 1, text.number);
  return renderReviews(told, announcement);
}
