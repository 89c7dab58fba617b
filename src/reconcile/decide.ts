/**
 * What one request needs now.
 *
 * Source: docs/design/reconciler.md 2 to 5.
 *
 * @module
 */

import { withShortAccessTold } from "../deliver/due/access_end.ts";
import { allDue, type DueTerms } from "../deliver/due/due.ts";
import { withEscalation } from "../deliver/due/escalations.ts";
import { withNews } from "../deliver/due/notices.ts";
import type { Subject } from "../deliver/due/subject.ts";
import { type Enrichment, nameResources } from "../people/enrichment.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import {
  isPast,
  OWED,
  type PluginData,
  SHOWS_UNKNOWN,
  withEachDelivery,
  withOwed,
  withOwedTimes,
} from "../record/plugin_data.ts";
import { NOTHING_STORED } from "../record/plugin_data_codec.ts";
import { countReviews, isShown, shownState } from "../record/shown_facts.ts";
import { askedFor, type Observation, observe } from "./observe.ts";

/** What one request needs now. A `reason` is logged: each reads as a phrase. */
export type Plan =
  | { readonly kind: "ignore"; readonly reason: IgnoreReason }
  /** Read the request by its ID, then decide again. */
  | {
    readonly kind: "confirm";
    readonly reason:
      | "the list contradicts what is stored"
      | "it may not wait any more";
  }
  /** Wait until it is known who is told of the request today. */
  | { readonly kind: "route" }
  /** Claim the request by creating its plugin data, which owes every recipient a message. */
  | {
    readonly kind: "announce";
    readonly request: AccessRequest;
    readonly recipients: readonly string[];
  }
  /** Store these facts, then bring in step what is due. */
  | {
    readonly kind: "follow";
    readonly data: PluginData;
    readonly due: readonly Subject[];
  }
  /** Store these facts; somebody else brings the messages in step, unless it turns out to be gone. */
  | { readonly kind: "wait"; readonly data: PluginData };

/** How a round ended: the kind of its plan, or that it failed. */
export const ROUND_RESULTS = [
  "ignore",
  "confirm",
  "route",
  "announce",
  "follow",
  "wait",
  "failed",
] as const;

export type RoundResult = typeof ROUND_RESULTS[number];

/** Why a request needs nothing. */
export type IgnoreReason =
  | "up to date"
  | "never announced"
  | "no recipients"
  | "access has expired"
  | "state is unknown";

/** All that a decision depends on. */
export interface Situation {
  readonly observation: Observation;
  readonly stored: PluginData | undefined;
  /**
   * Recipients by today's routing, which only count for a request that has none yet; `undefined` if they
   * were not asked for.
   */
  readonly recipients: readonly string[] | undefined;
  /** Whom today's configuration mentions; so with them. */
  readonly mentions: readonly string[];
  /** What else today's configuration says, and what time it is. */
  readonly terms: DueTerms;
  /** ID of this process. */
  readonly self: string;
  /** Whether the process that holds the lease is gone. */
  readonly holderIsGone: boolean;
  /** Whether a read by ID has just shown the request. */
  readonly isFreshlyRead: boolean;
  /** Whether it was read by its ID for this decision already, which may have shown nothing. */
  readonly isConfirmed: boolean;
}

/** Decides what one request needs now. */
export function decide(situation: Situation): Plan {
  const { observation, stored, recipients, terms } = situation;
  const isAsked = recipients !== undefined;
  if (!isAsked && asksForRecipients(observation, stored, terms.now)) {
    return { kind: "route" };
  }
  return stored === undefined
    ? decideNew(situation)
    : decideKnown(situation, stored);
}

type ObservedRequest = Observation & { readonly request: AccessRequest };

/** Whether it depends on today's routing what a request needs: it is to be announced, or adopted while it is pending. */
export function asksForRecipients(
  observation: Observation,
  stored: PluginData | undefined,
  now: Date,
): observation is ObservedRequest {
  if (stored === undefined) return isAnnounceable(observation, now);
  if (isAdopted(stored) || observation.request === undefined) return false;
  const data = observe(stored, observation);
  return data !== "doubtful" && shownState(data) === "PENDING";
}

/**
 * Whether all is stored that only a request tells: of what the official plugin announced nothing is, even where
 * messages were edited since, as long as the request could not be read.
 */
function isAdopted({ own, created }: PluginData): boolean {
  return own && created !== undefined;
}

/** Whether a request that nothing is stored of may be announced. */
export function isAnnounceable(
  observation: Observation,
  now: Date,
): observation is ObservedRequest {
  return observation.request !== undefined &&
    whyNotAnnounced(observation.request, observation.gone, now) === undefined;
}

/** Whether a request was seen being made: nothing has happened to it yet. */
export function isJustMade({ request, source, gone }: Observation): boolean {
  return source === "put" && gone === undefined &&
    request?.state === "PENDING" && request.reviews.length === 0;
}

function whyNotAnnounced(
  { state, accessExpires }: AccessRequest,
  gone: Observation["gone"],
  now: Date,
): IgnoreReason | undefined {
  if (gone !== undefined) return "never announced";
  if (state === "UNKNOWN") return "state is unknown";
  if (state !== "PENDING") return "never announced";
  // Its plugin data would vanish an hour later, and it would be announced again.
  return isPast(accessExpires, now) ? "access has expired" : undefined;
}

function decideNew({ observation, recipients = [], terms }: Situation): Plan {
  const { request, gone } = observation;
  if (request === undefined) return ignore("never announced");
  const reason = whyNotAnnounced(request, gone, terms.now);
  if (reason !== undefined) return ignore(reason);
  if (recipients.length === 0) return ignore("no recipients");
  return { kind: "announce", request, recipients };
}

function decideKnown(situation: Situation, stored: PluginData): Plan {
  const { observation, holderIsGone, terms, self } = situation;
  const observed = observe(stored, observation);
  if (observed === "doubtful") {
    return { kind: "confirm", reason: "the list contradicts what is stored" };
  }
  let data = withRepeatsDoubted(stored, observed);
  const claimedOnly = data.deliveries.size === 0;
  const isPending = shownState(data) === "PENDING";
  // Of a claim that has resolved only that is stored: who holds it may yet record a message.
  const isAdoptable = !isAdopted(data) && (!claimedOnly || isPending);
  if (isAdoptable && observation.request !== undefined) {
    const recipients = isPending ? situation.recipients ?? [] : [];
    // Adopting it would freeze that nobody is told, whatever the routing says later.
    if (claimedOnly && recipients.length === 0) return ignore("no recipients");
    if (claimedOnly && !holderIsGone) return { kind: "wait", data };
    data = adopt(data, observation.request, recipients, situation);
  }
  // Of a claim that nobody has acted on, nobody is told anything.
  if (data.own || !claimedOnly) {
    data = withNews(stored, data, terms.notices);
  }
  // Only an event tells that something has just happened.
  if (observation.source === "put") {
    data = withShortAccessTold(stored, data, terms);
  }
  const isActing = mayAct(data, self, holderIsGone);
  const escalated = withEscalation(data, terms, self);
  const isEscalating = escalated !== data;
  if (isEscalating && isActing) {
    // Others are disturbed only if that is needed by the newest there is; all else is done without that.
    if (situation.isFreshlyRead) data = escalated;
    else if (!situation.isConfirmed) {
      return { kind: "confirm", reason: "it may not wait any more" };
    }
  }
  // The official plugin may have posted without recording it, ever since the request was made.
  if (isAdopted(stored)) data = withOwedTimes(stored, data, terms.now);
  const due = allDue(data, terms);
  if (isActing || (due.length === 0 && !isEscalating)) {
    return due.length === 0 && data === stored
      ? ignore("up to date")
      : { kind: "follow", data, due };
  }
  return { kind: "wait", data };
}

/**
 * Returns the data after a change of facts. Where a message is in step only because the facts are again
 * what it once showed, an edit that nobody has recorded may have come in between: what it shows is unknown.
 */
function withRepeatsDoubted(before: PluginData, after: PluginData): PluginData {
  if (after === before) return after;
  return withEachDelivery(after, (delivery) => {
    const isRepeated = delivery.kind === "posted" &&
      !isShown(delivery.shows, before) && isShown(delivery.shows, after);
    return isRepeated ? { ...delivery, shows: SHOWS_UNKNOWN } : delivery;
  });
}

/**
 * The lease holder acts; everybody on what a holder gave back when it stopped, and on messages of the official
 * plugin, which cannot tell who it is.
 */
function mayAct(
  data: PluginData,
  self: string,
  holderIsGone: boolean,
): boolean {
  if (holderIsGone || data.leaseHolder === self) return true;
  if (data.leaseHolder !== "") return false;
  return data.own ||
    data.deliveries.values().every(({ kind }) => kind === "posted");
}

function ignore(reason: IgnoreReason): Plan {
  return { kind: "ignore", reason };
}

/** Returns the plugin data that claims a request: every recipient is owed its first message. */
export function claimFor(
  request: AccessRequest,
  recipients: readonly string[],
  enrichment: Enrichment,
  self: string,
): PluginData {
  return {
    ...NOTHING_STORED,
    user: request.user,
    roles: request.roles,
    reason: request.reason,
    resources: nameResources(request, enrichment),
    ...askedFor(request),
    reviewsCount: request.reviews.length,
    resolveReason: request.resolveReason,
    annotations: new Map(Object.entries(request.systemAnnotations)),
    loginsByRole: enrichment.loginsByRole,
    ...ownFactsOf(request),
    leaseHolder: self,
    reviewCounts: countReviews(request),
    deliveries: new Map(recipients.map((recipient) => [recipient, OWED])),
  };
}

/**
 * Returns data of the official plugin with what this plugin adds.
 *
 * @param recipients Whom it should have told: those that it did not are owed a message.
 */
function adopt(
  data: PluginData,
  request: AccessRequest,
  recipients: readonly string[],
  { mentions, self }: Situation,
): PluginData {
  return {
    ...withOwed(data, recipients),
    ...ownFactsOf(request),
    leaseHolder: data.leaseHolder === "" ? self : data.leaseHolder,
    // A request seen with fewer reviews than are stored does not tell what the others said.
    reviewCounts: request.reviews.length === data.reviewsCount
      ? countReviews(request)
      : data.reviewCounts,
    mentions,
  };
}

/** Returns what this plugin stores of a request once, and the official one does not. */
function ownFactsOf(request: AccessRequest) {
  const { kind, created, requestExpires, accessExpires } = request;
  return { own: true, kind, created, requestExpires, accessExpires };
}
