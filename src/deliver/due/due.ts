/**
 * What is due at one recipient.
 *
 * @module
 */

import {
  type HiddenFields,
  NOTHING_HIDDEN,
} from "../../record/hidden_fields.ts";
import {
  isPast,
  type PluginData,
  type PostedDelivery,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
} from "../../record/plugin_data.ts";
import { factsOf, isShown, showsOtherState } from "../../record/shown_facts.ts";
import { endTimes, hasEnded } from "./access_end.ts";
import { escalationTimes } from "./escalations.ts";
import type { NoticeTerms } from "./notice_terms.ts";
import { dueNotices } from "./notices.ts";
import { reminderTimes } from "./reminders.ts";
import { announcementAt, type Subject } from "./subject.ts";

/** Returns what a recipient is not to be shown. */
export type HiddenFor = (recipient: string) => HiddenFields;

/** What decides whether something is due. */
export interface DueTerms extends NoticeTerms {
  readonly hiddenFor: HiddenFor;
}

/** Returns the subjects for which something is to be done now. */
export function allDue(data: PluginData, terms: DueTerms): Subject[] {
  return [
    ...dueRecipients(data, terms).map(announcementAt),
    ...dueNotices(data, terms),
  ];
}

/** What one delivery needs to be in step. */
export type DeliveryTask =
  | { readonly kind: "post"; readonly generation: number }
  | {
    readonly kind: "edit";
    readonly delivery: PostedDelivery;
    /** The message has to say that access is over. */
    readonly isOver: boolean;
    readonly hides: HiddenFields;
  }
  /** Owed, but the request has resolved: drop it, unless it turns out to have been posted. */
  | { readonly kind: "settle"; readonly generation: number };

/**
 * Returns what one delivery needs; `undefined` if it is in step. What its message hides without need waits
 * for the next edit.
 *
 * @param terms Not given, only the facts of the request count.
 */
export function taskFor(
  data: PluginData,
  recipient: string,
  terms?: DueTerms,
): DeliveryTask | undefined {
  const delivery = data.deliveries.get(recipient);
  switch (delivery?.kind) {
    case undefined:
    case "dropped":
      return undefined;
    case "owed": {
      const { generation } = delivery;
      if (data.resolution !== "") return { kind: "settle", generation };
      // Past the access expiry nothing is announced any more.
      const isLate = terms && isPast(data.accessExpires, terms.now);
      return isLate ? undefined : { kind: "post", generation };
    }
    case "posted": {
      const isOver = terms !== undefined && hasEnded(data, terms);
      const hides = terms?.hiddenFor(recipient) ?? NOTHING_HIDDEN;
      const isInStep = isShown(delivery.shows, data) &&
        (!isOver || data.ended.has(recipient)) &&
        hides.every((field) => delivery.hides.includes(field));
      return delivery.shows === SHOWS_GONE || isInStep
        ? undefined
        : { kind: "edit", delivery, isOver, hides };
    }
  }
}

/** Returns the recipients for whose delivery something is to be done now. */
export function dueRecipients(data: PluginData, terms: DueTerms): string[] {
  return [...data.deliveries.keys()].filter((recipient) =>
    taskFor(data, recipient, terms) !== undefined
  );
}

/** Returns when something falls due next because time passes, in milliseconds; `undefined` if nothing does. */
export function nextDueMs(
  data: PluginData,
  terms: NoticeTerms,
): number | undefined {
  const nowMs = terms.now.getTime();
  const times = [
    ...reminderTimes(data, terms),
    ...escalationTimes(data, terms),
    ...endTimes(data, terms),
  ].filter((ms) => ms > nowMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * Returns a digest of the state that some message is yet to tell, `undefined` if there is none. That is
 * what look-ups are made for, once a state: neither for a message that only lacks what was looked up in
 * vain, nor for one of which it is not known what it shows, as after a start.
 */
export function untoldState(
  data: PluginData,
  due: readonly Subject[],
): string | undefined {
  const isUntold = due.some((subject) => {
    if (subject.kind !== "announce") return false;
    const task = taskFor(data, subject.recipient);
    if (task?.kind !== "edit") return task?.kind === "post";
    const { shows } = task.delivery;
    return shows !== SHOWS_UNKNOWN && showsOtherState(shows, data);
  });
  return isUntold ? factsOf(data) : undefined;
}
