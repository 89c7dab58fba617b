/**
 * What is sent beside announcements: news to the requester, and reminders.
 *
 * Source: docs/design/plugin-data.md 3; docs/design/reconciler.md 2, 3.
 *
 * @module
 */

import type { NoticeSettings } from "../../people/people_config.ts";
import type { PluginData } from "../../record/plugin_data.ts";
import { parseVerdict, verdictOf } from "../../record/shown_facts.ts";
import type { NoticeTerms } from "./notice_terms.ts";
import { type EndNotice, endNoticeFor } from "./access_end.ts";
import { callFor, type EscalationCall } from "./escalations.ts";
import { type Reminder, reminderFor } from "./reminders.ts";
import { type ThreadNotice, threadNotice } from "./thread_steps.ts";

/** One notice that is to be sent. */
export type Notice =
  | {
    readonly kind: "tell";
    /** What the requester knows so far, and then; the latter is stored when it was sent. */
    readonly told: string;
    readonly verdict: string;
  }
  | Reminder
  | EndNotice
  | EscalationCall
  | ThreadNotice;

const REQUESTER = "requester";
const BEFORE_END = "end of access";
const REMINDER_PREFIX = "reminder ";
const THREAD_PREFIX = "thread ";
const ESCALATION_PREFIX = "escalation ";

/** Returns the keys of the notices that are due: they stand beside the recipients of announcements. */
export function dueNotices(data: PluginData, terms: NoticeTerms): string[] {
  const { notices } = terms;
  const keys = notices.requester ? [REQUESTER] : [];
  if (notices.beforeEndMs !== undefined) keys.push(BEFORE_END);
  if (notices.remindAfterMs.length > 0) {
    for (const recipient of data.deliveries.keys()) {
      keys.push(REMINDER_PREFIX + recipient);
    }
  }
  for (const { recipients } of notices.escalations) {
    for (const recipient of recipients) {
      keys.push(ESCALATION_PREFIX + recipient);
    }
  }
  for (const recipient of data.threads.keys()) {
    keys.push(THREAD_PREFIX + recipient);
  }
  return [...new Set(keys)].filter((key) =>
    noticeFor(data, key, terms) !== undefined
  );
}

/** Whether a key is that of a notice, not a recipient. */
export function isNoticeKey(key: string): boolean {
  return key === REQUESTER || key === BEFORE_END ||
    [REMINDER_PREFIX, THREAD_PREFIX, ESCALATION_PREFIX].some((prefix) =>
      key.startsWith(prefix)
    );
}

/** Whether a notice falls due because time passes: whatever keeps it from that has to be known by then. */
export function isTimed(key: string): boolean {
  return key === BEFORE_END || key.startsWith(REMINDER_PREFIX) ||
    key.startsWith(ESCALATION_PREFIX);
}

/** Returns the notice of a key, if it is due. */
export function noticeFor(
  data: PluginData,
  key: string,
  terms: NoticeTerms,
): Notice | undefined {
  switch (key) {
    case REQUESTER:
      return newsFor(data, terms.notices);
    case BEFORE_END:
      return endNoticeFor(data, terms);
  }
  if (key.startsWith(THREAD_PREFIX)) {
    return threadNotice(data, key.slice(THREAD_PREFIX.length), terms);
  }
  return key.startsWith(ESCALATION_PREFIX)
    ? callFor(data, key.slice(ESCALATION_PREFIX.length), terms)
    : reminderFor(data, key.slice(REMINDER_PREFIX.length), terms);
}

function newsFor(
  data: PluginData,
  notices: NoticeSettings,
): Notice | undefined {
  const { told } = data;
  if (!notices.requester || told === undefined) return undefined;
  const verdict = verdictOf(data);
  return tellsMore(told, verdict) ? { kind: "tell", told, verdict } : undefined;
}

/**
 * Returns the data after a change of facts, with what the requester knew before it. From then on it is
 * stored that the requester is owed news, whatever becomes of this process.
 */
export function withNews(
  before: PluginData,
  after: PluginData,
  notices: NoticeSettings,
): PluginData {
  if (!notices.requester || after.told !== undefined) return after;
  // A start that is stored for the first time was not moved.
  const { accessStarts = after.accessStarts } = before;
  const known = verdictOf({ ...before, accessStarts });
  return tellsMore(known, verdictOf(after)) ? { ...after, told: known } : after;
}

/**
 * Whether a verdict says more: an end is news, so is each review, and a start that was moved; that an end
 * was none is not.
 */
function tellsMore(told: string, verdict: string): boolean {
  const [before, after] = [parseVerdict(told), parseVerdict(verdict)];
  if (after.reviews > before.reviews) return true;
  if (after.state === "APPROVED" && after.start !== before.start) return true;
  return after.state !== "PENDING" && after.state !== before.state;
}
