/**
 * Who else is told of a request that nobody has decided on for some time.
 *
 * Source: docs/design/timed.md 3.
 *
 * @module
 */

import type { Escalation } from "../../people/people_config.ts";
import {
  hasExpired,
  type MessageRef,
  OWED,
  type PluginData,
  SHOWS_GONE,
} from "../../record/plugin_data.ts";
import type { NoticeTerms } from "./notice_terms.ts";

/** A recipient that has the announcement already is called by a reply to it. */
export interface EscalationCall {
  readonly kind: "escalate";
  readonly recipient: string;
  /** The announcement, to which it is a reply. */
  readonly message: MessageRef;
  /** How old the request was then, by the configuration, in seconds. */
  readonly afterSeconds: number;
  /** Whom the reply mentions: `role:` or `user:` and an ID. */
  readonly mentions: readonly string[];
}

/**
 * Returns the data once everything is escalated whose time has come: whoever has no message yet is owed one.
 * It is the same object if there is nothing.
 *
 * @param self ID of this process.
 */
export function withEscalation(
  data: PluginData,
  terms: NoticeTerms,
  self: string,
): PluginData {
  if (!isUndecided(data, terms) || data.created === undefined) return data;
  const ageMs = terms.now.getTime() - data.created.getTime();
  const due = openEscalations(data, terms)
    .filter(({ afterMs }) => afterMs <= ageMs);
  if (due.length === 0) return data;
  const deliveries = new Map(data.deliveries);
  const mentionsAt = new Map(data.mentionsAt);
  const called = new Map(data.called);
  for (const recipient of new Set(due.flatMap((each) => each.recipients))) {
    if (deliveries.has(recipient)) continue;
    const its = due.filter(({ recipients }) => recipients.includes(recipient));
    deliveries.set(recipient, OWED);
    mentionsAt.set(recipient, mentionsOf(its));
    called.set(recipient, latestOf(its));
  }
  return {
    ...data,
    leaseHolder: self,
    deliveries,
    mentionsAt,
    called,
    escalated: latestOf(due),
  };
}

/** Returns the call that is due at a recipient that had a message before a request was escalated to it. */
export function callFor(
  data: PluginData,
  recipient: string,
  terms: NoticeTerms,
): EscalationCall | undefined {
  const delivery = data.deliveries.get(recipient);
  if (
    delivery?.kind !== "posted" || delivery.shows === SHOWS_GONE ||
    !isUndecided(data, terms)
  ) return undefined;
  const knownSeconds = data.called.get(recipient) ?? 0;
  const its = escalationsOf(data, terms).filter((each) =>
    each.recipients.includes(recipient) &&
    secondsOf(each) <= (data.escalated ?? 0) && secondsOf(each) > knownSeconds
  );
  if (its.length === 0) return undefined;
  return {
    kind: "escalate",
    recipient,
    message: delivery.message,
    afterSeconds: latestOf(its),
    mentions: mentionsOf(its),
  };
}

/** Returns the data after a call. */
export function withCalled(
  data: PluginData,
  { recipient, afterSeconds }: EscalationCall,
): PluginData {
  if ((data.called.get(recipient) ?? 0) >= afterSeconds) return data;
  const called = new Map(data.called).set(recipient, afterSeconds);
  return { ...data, called };
}

/** Returns when a request is to be escalated, in milliseconds. */
export function escalationTimes(
  data: PluginData,
  terms: NoticeTerms,
): number[] {
  const { created, resolution } = data;
  if (created === undefined || resolution !== "") return [];
  return openEscalations(data, terms)
    .map(({ afterMs }) => created.getTime() + afterMs);
}

/** Whether a request still waits for somebody to decide on it, and can. */
function isUndecided(
  data: PluginData,
  { request, isGone, now }: NoticeTerms,
): boolean {
  return !isGone && data.resolution === "" && request?.state === "PENDING" &&
    data.deliveries.size > 0 && !hasExpired(data, now);
}

/** Returns what concerns a request. */
function escalationsOf(
  { roles }: PluginData,
  { notices }: NoticeTerms,
): readonly Escalation[] {
  return notices.escalations.filter((each) =>
    each.roles === undefined || each.roles.some((role) => roles.includes(role))
  );
}

/** Returns what of it was not carried out yet. */
function openEscalations(
  data: PluginData,
  terms: NoticeTerms,
): readonly Escalation[] {
  return escalationsOf(data, terms)
    .filter((each) => secondsOf(each) > (data.escalated ?? 0));
}

function mentionsOf(escalations: readonly Escalation[]): readonly string[] {
  return [...new Set(escalations.flatMap(({ mentions }) => mentions))];
}

function latestOf(escalations: readonly Escalation[]): number {
  return Math.max(...escalations.map(secondsOf));
}

function secondsOf({ afterMs }: Escalation): number {
  return afterMs / 1000;
}
