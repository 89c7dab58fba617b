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
import { type EndNotice, endNoticeFor, withEndTold } from "./access_end.ts";
import { callFor, type EscalationCall, withCalled } from "./escalations.ts";
import { type Reminder, reminderFor, withReminder } from "./reminders.ts";
import type { NoticeSubject } from "./subject.ts";
import {
  type ThreadNotice,
  threadNotice,
  withStepDone,
} from "./thread_steps.ts";

/** One notice that is to be sent. */
export type Notice =
  | {
    readonly kind: "tell-requester";
    /** What the requester knows so far, and then; the latter is stored when it was sent. */
    readonly told: string;
    readonly verdict: string;
  }
  | Reminder
  | EndNotice
  | EscalationCall
  | ThreadNotice;

/** Returns the subjects of the notices that are due. */
export function dueNotices(
  data: PluginData,
  terms: NoticeTerms,
): NoticeSubject[] {
  const { requester, beforeEndMs, remindAfterMs, escalations } = terms.notices;
  const reminded = remindAfterMs.length > 0 ? [...data.deliveries.keys()] : [];
  const called = new Set(escalations.flatMap(({ recipients }) => recipients));
  const subjects: NoticeSubject[] = [
    ...requester ? [{ kind: "tell-requester" } as const] : [],
    ...beforeEndMs === undefined ? [] : [{ kind: "before-end" } as const],
    ...at("remind", reminded),
    ...at("escalate", called),
    ...at("thread", data.threads.keys()),
  ];
  return subjects.filter((each) => noticeFor(data, each, terms) !== undefined);
}

function at(
  kind: "remind" | "escalate" | "thread",
  recipients: Iterable<string>,
): NoticeSubject[] {
  return [...recipients].map((recipient) => ({ kind, recipient }));
}

/** Returns the notice that is due of a subject. */
export function noticeFor(
  data: PluginData,
  subject: NoticeSubject,
  terms: NoticeTerms,
): Notice | undefined {
  switch (subject.kind) {
    case "tell-requester":
      return newsFor(data, terms.notices);
    case "before-end":
      return endNoticeFor(data, terms);
    case "remind":
      return reminderFor(data, subject.recipient, terms);
    case "escalate":
      return callFor(data, subject.recipient, terms);
    case "thread":
      return threadNotice(data, subject.recipient, terms);
  }
}

/**
 * Returns the data once a notice was sent, or is not to be sent any more.
 *
 * @param messageId The message that it became, if there is one.
 */
export function withSettled(
  data: PluginData,
  notice: Notice,
  { notices, now }: Pick<NoticeTerms, "notices" | "now">,
  messageId?: string,
): PluginData {
  switch (notice.kind) {
    case "tell-requester":
      return data.told === notice.told
        ? { ...data, told: notice.verdict }
        : data;
    case "before-end":
      return withEndTold(data, notice.end);
    case "remind": {
      const repeats = notices.remindAfterMs.length > 1;
      return withReminder(data, notice, messageId, repeats, now);
    }
    case "escalate":
      return withCalled(data, notice);
    case "thread":
      return withStepDone(data, notice);
  }
}

function newsFor(
  data: PluginData,
  notices: NoticeSettings,
): Notice | undefined {
  const { told } = data;
  if (!notices.requester || told === undefined) return undefined;
  const verdict = verdictOf(data);
  return tellsMore(told, verdict)
    ? { kind: "tell-requester", told, verdict }
    : undefined;
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
