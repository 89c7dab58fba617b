/**
 * What is sent beside announcements: news to the requester, and reminders.
 *
 * Source: docs/design/plugin-data.md 3; docs/design/reconciler.md 2, 3.
 *
 * @module
 */

import type { Notices } from "../people/people_config.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import {
  type Delivery,
  type PluginData,
  SHOWS_GONE,
} from "../record/plugin_data.ts";
import { verdictOf } from "../record/shown_facts.ts";
import { snowflakeMs } from "./snowflake.ts";

/** One notice that is to be sent. */
export type Notice =
  | {
    readonly kind: "tell";
    /** What the requester knows so far, and then; the latter is stored when it was sent. */
    readonly told: string;
    readonly verdict: string;
  }
  | {
    readonly kind: "remind";
    readonly recipient: string;
    readonly delivery: Delivery & { readonly kind: "posted" };
  };

/** What decides whether a notice is due. */
export interface NoticeTerms {
  readonly notices: Notices;
  /** The request, as far as it is known to exist. */
  readonly request: AccessRequest | undefined;
  readonly now: Date;
}

const REQUESTER = "requester";
const REMINDER_PREFIX = "reminder ";

/** Returns the keys of the notices that are due: they stand beside the recipients of announcements. */
export function dueNotices(data: PluginData, terms: NoticeTerms): string[] {
  const { notices } = terms;
  const keys = notices.requester ? [REQUESTER] : [];
  if (notices.remindAfterMs !== undefined) {
    for (const recipient of data.deliveries.keys()) {
      keys.push(REMINDER_PREFIX + recipient);
    }
  }
  return keys.filter((key) => noticeFor(data, key, terms) !== undefined);
}

/** Whether a key is that of a notice, not a recipient. */
export function isNoticeKey(key: string): boolean {
  return key === REQUESTER || key.startsWith(REMINDER_PREFIX);
}

/** Returns the notice of a key, if it is due. */
export function noticeFor(
  data: PluginData,
  key: string,
  terms: NoticeTerms,
): Notice | undefined {
  return key === REQUESTER
    ? newsFor(data, terms.notices)
    : reminderFor(data, key.slice(REMINDER_PREFIX.length), terms);
}

function newsFor(data: PluginData, notices: Notices): Notice | undefined {
  const { told } = data;
  if (!notices.requester || told === undefined) return undefined;
  const verdict = verdictOf(data);
  return isNews(told, verdict) ? { kind: "tell", told, verdict } : undefined;
}

/**
 * Returns the data after a change of facts, with what the requester knew before it. From then on it is
 * stored that the requester is owed news, whatever becomes of this process.
 */
export function withNews(
  before: PluginData,
  after: PluginData,
  notices: Notices,
): PluginData {
  if (!notices.requester || after.told !== undefined) return after;
  // A start that is stored for the first time was not moved.
  const { accessStarts = after.accessStarts } = before;
  const known = verdictOf({ ...before, accessStarts });
  return isNews(known, verdictOf(after)) ? { ...after, told: known } : after;
}

/**
 * Whether a verdict says more: an end is news, so is each review, and a start that was moved; that an end
 * was none is not.
 */
function isNews(told: string, verdict: string): boolean {
  const [before, after] = [parseVerdict(told), parseVerdict(verdict)];
  if (after.reviews > before.reviews) return true;
  if (after.state === "APPROVED" && after.start !== before.start) return true;
  return after.state !== "PENDING" && after.state !== before.state;
}

/** Returns how many reviews a verdict counts. */
export function reviewsIn(verdict: string): number {
  return parseVerdict(verdict).reviews;
}

function parseVerdict(
  verdict: string,
): { state: string; reviews: number; start: string } {
  const [counted = "", start = ""] = verdict.split("@");
  const [state = "", ...counts] = counted.split("-");
  const reviews = counts.reduce((sum, n) => sum + Number(n), 0);
  return { state, reviews, start };
}

function reminderFor(
  data: PluginData,
  recipient: string,
  { notices, request, now }: NoticeTerms,
): Notice | undefined {
  const delivery = data.deliveries.get(recipient);
  const dueMs = dueTimeMs(data, recipient, notices);
  if (
    delivery?.kind !== "posted" || dueMs === undefined ||
    dueMs > now.getTime() ||
    request?.state !== "PENDING" || request.reviews.length > 0
  ) return undefined;
  // What has expired needs no review, even if nobody has said so yet.
  const ends = [data.requestExpires, data.accessExpires];
  if (ends.some((end) => end !== undefined && end <= now)) return undefined;
  return { kind: "remind", recipient, delivery };
}

/** Returns when the next recipient is to be reminded, in milliseconds; `undefined` if nobody is any more. */
export function nextReminderMs(
  data: PluginData,
  notices: Notices,
  nowMs: number,
): number | undefined {
  const times = [...data.deliveries.keys()].flatMap((recipient) => {
    const dueMs = dueTimeMs(data, recipient, notices);
    return dueMs === undefined || dueMs <= nowMs ? [] : [dueMs];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** A message that comes so much later than its request has a time of its own: nobody could see it before. */
const LATE_MS = 60_000;

/** Returns when a recipient is to be reminded, in milliseconds; `undefined` for never. */
function dueTimeMs(
  data: PluginData,
  recipient: string,
  { remindAfterMs }: Notices,
): number | undefined {
  const delivery = data.deliveries.get(recipient);
  if (
    remindAfterMs === undefined || data.created === undefined ||
    data.resolution !== "" || data.reviewsCount > 0 ||
    delivery === undefined || !isWaiting(data, recipient, delivery)
  ) return undefined;
  const createdMs = data.created.getTime();
  const postedMs = delivery.kind === "posted"
    ? snowflakeMs(delivery.message.messageId)
    : createdMs;
  const isLate = postedMs - createdMs > LATE_MS;
  return (isLate ? postedMs : createdMs) + remindAfterMs;
}

/** Whether a recipient can still be reminded. A second message in a channel is not followed by a second reminder. */
function isWaiting(
  data: PluginData,
  recipient: string,
  delivery: Delivery,
): boolean {
  return !data.reminded.has(recipient) && !recipient.includes("/") &&
    delivery.kind !== "dropped" &&
    !(delivery.kind === "posted" && delivery.shows === SHOWS_GONE);
}
