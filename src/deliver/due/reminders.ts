/**
 * When a recipient is reminded of a request that nobody has reviewed.
 *
 * Source: docs/design/timed.md 2.
 *
 * @module
 */

import type { NoticeSettings } from "../../people/people_config.ts";
import {
  type Delivery,
  hasExpired,
  type MessageRef,
  type PluginData,
  type SentReminder,
  SHOWS_GONE,
} from "../../record/plugin_data.ts";
import type { NoticeTerms } from "./notice_terms.ts";
import { snowflakeMs } from "./snowflake.ts";
import { getsThread, threadAt } from "./thread_steps.ts";

/** A reminder that is to be sent. */
export interface Reminder {
  readonly kind: "remind";
  readonly recipient: string;
  /** The announcement. */
  readonly message: MessageRef;
  readonly generation: number;
  /** The thread that it goes to, if there is one. */
  readonly threadId: string | undefined;
  /** Whether it goes to the channel or to the thread, as that is made or not. */
  readonly mayMove: boolean;
  /** Its place in the configuration, from 1 on. */
  readonly number: number;
  /** Since when it is due, in milliseconds. */
  readonly dueMs: number;
  /** The message that it comes after: the reminder before, else the announcement. */
  readonly after: string;
}

/** Returns the reminder that is due at a recipient; of several that fell due meanwhile, the latest. */
export function reminderFor(
  data: PluginData,
  recipient: string,
  { notices, request, now }: NoticeTerms,
): Reminder | undefined {
  const delivery = data.deliveries.get(recipient);
  const due = openTimes(data, recipient, notices)
    .findLast(({ atMs }) => atMs <= now.getTime());
  if (
    delivery?.kind !== "posted" || due === undefined ||
    request?.state !== "PENDING" || request.reviews.length > 0 ||
    hasExpired(data, now)
  ) return undefined;
  const { message, generation } = delivery;
  const { number, atMs: dueMs } = due;
  return {
    kind: "remind",
    recipient,
    message,
    generation,
    threadId: threadAt(data, recipient),
    mayMove: getsThread(data, recipient),
    number,
    dueMs,
    after: data.reminders.get(recipient)?.messageId ?? message.messageId,
  };
}

/**
 * Returns the data after a reminder.
 *
 * @param messageId Its message; `undefined` if none is there, and none will be.
 * @param repeats Whether there can be more than one at a recipient: only then its number is stored.
 */
export function withReminder(
  data: PluginData,
  { recipient, number, after }: Reminder,
  messageId: string | undefined,
  repeats: boolean,
  now: Date,
): PluginData {
  if (countReminders(data, recipient) >= number) return data;
  const reminded = new Map(data.reminded).set(recipient, now);
  if (!repeats && number === 1) return { ...data, reminded };
  const sent: SentReminder = { number, messageId: messageId ?? after };
  const reminders = new Map(data.reminders).set(recipient, sent);
  return { ...data, reminded, reminders };
}

/** Returns when recipients are to be reminded, in milliseconds. */
export function reminderTimes(
  data: PluginData,
  { notices }: NoticeTerms,
): number[] {
  return [...data.deliveries.keys()].flatMap((recipient) =>
    openTimes(data, recipient, notices).map(({ atMs }) => atMs)
  );
}

/** A message that comes so much later than its request has a time of its own: nobody could see it before. */
const LATE_MS = 60_000;

/** Returns the reminders that a recipient has not had, and when they are due, the earliest first. */
function openTimes(
  data: PluginData,
  recipient: string,
  { remindAfterMs }: NoticeSettings,
): { readonly number: number; readonly atMs: number }[] {
  const delivery = data.deliveries.get(recipient);
  if (
    remindAfterMs.length === 0 || data.created === undefined ||
    data.resolution !== "" || data.reviewsCount > 0 ||
    delivery === undefined || !canBeReminded(recipient, delivery)
  ) return [];
  const createdMs = data.created.getTime();
  const postedMs = delivery.kind === "posted"
    ? snowflakeMs(delivery.message.messageId)
    : createdMs;
  const isLate = postedMs - createdMs > LATE_MS;
  const fromMs = isLate ? postedMs : createdMs;
  return remindAfterMs
    .map((afterMs, i) => ({ number: i + 1, atMs: fromMs + afterMs }))
    .slice(countReminders(data, recipient));
}

/** Returns how many reminders a recipient has had, those that others took the place of included. */
function countReminders(data: PluginData, recipient: string): number {
  return data.reminders.get(recipient)?.number ??
    (data.reminded.has(recipient) ? 1 : 0);
}

/** A second message in a channel is not followed by reminders of its own. */
function canBeReminded(recipient: string, delivery: Delivery): boolean {
  return !recipient.includes("/") && delivery.kind !== "dropped" &&
    !(delivery.kind === "posted" && delivery.shows === SHOWS_GONE);
}
