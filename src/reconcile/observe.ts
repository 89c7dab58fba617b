/**
 * What was seen of a request, and what that changes in plugin data.
 *
 * Source: docs/design/reconciler.md 4, 5.
 *
 * @module
 */

import type {
  AccessRequest,
  ResourceConstraints,
} from "../ports/access_request.ts";
import {
  type Delivery,
  isPast,
  OWED,
  type PluginData,
  type Resolution,
  type ShownState,
  withEachDelivery,
} from "../record/plugin_data.ts";
import { encodeTime } from "../record/plugin_data_codec.ts";
import type { Snapshot } from "../record/request_record.ts";
import { countReviews, factsOf, shownState } from "../record/shown_facts.ts";

/** Where a state was seen: in an event, in a read by ID, or in a list, which may lag behind. */
export type ObservationSource = "put" | "read" | "list";

/** The newest that is known of a request. */
export interface Observation {
  readonly request: AccessRequest | undefined;
  readonly source: ObservationSource;
  /**
   * How the request went away, if it did: `event` after a DELETE event, `inferred` when a read by ID found
   * nothing although absence proves something (it has expired, or the list showed other requests).
   */
  readonly gone: "event" | "inferred" | undefined;
}

/** The further along a state is, the higher; nothing moves back, but for an inferred EXPIRED. */
const RANK: Readonly<Record<ShownState, number>> = {
  PENDING: 0,
  EXPIRED: 1,
  APPROVED: 2,
  PROMOTED: 3,
  DENIED: 3,
};

/**
 * Returns the plugin data as it should be after the observation; the same object if nothing is new.
 * "doubtful": a list contradicts what is stored, and either may be older, so read the request by its ID first.
 */
export function observe(
  data: PluginData,
  observation: Observation,
): PluginData | "doubtful" {
  const { request, gone } = observation;
  const next = request === undefined
    ? data
    : observeRequest(data, request, observation);
  if (gone === undefined) return next;
  // Of what is gone, no read tells any more which of the two is older.
  return observeAbsence(next === "doubtful" ? data : next, gone === "inferred");
}

function observeRequest(
  data: PluginData,
  request: AccessRequest,
  observation: Observation,
): PluginData | "doubtful" {
  if (
    request.state === "UNKNOWN" || request.reviews.length < data.reviewsCount
  ) return data;
  const stored = shownState(data);
  const reappeared = request.state === "PENDING" && stored === "EXPIRED" &&
    data.inferred && observation.gone === undefined;
  // What was concluded from absence was wrong, unless it is the list that is old.
  if (reappeared && observation.source === "list") return "doubtful";
  if (RANK[request.state] < RANK[stored] && !reappeared) return data;
  // Neither of two final states of one rank follows the other.
  if (RANK[request.state] === RANK[stored] && request.state !== stored) {
    return data;
  }
  const next = withFacts(data, request);
  if (sameFacts(data, next)) return data;
  const maybeOlder = request.state === stored &&
    request.reviews.length === data.reviewsCount &&
    (request.resolveReason !== data.resolveReason ||
      encodeTime(request.accessStarts) !== encodeTime(data.accessStarts));
  if (maybeOlder && observation.source === "list") return "doubtful";
  if (!reappeared) return next;
  // What was dropped because the request seemed gone is owed again.
  const oweAgain = (each: Delivery) => each.kind === "dropped" ? OWED : each;
  return withEachDelivery(next, oweAgain);
}

function withFacts(data: PluginData, request: AccessRequest): PluginData {
  const resolution: Resolution =
    request.state === "PENDING" || request.state === "UNKNOWN"
      ? ""
      : request.state;
  return {
    ...data,
    resolution,
    inferred: false,
    resolveReason: request.resolveReason,
    reviewsCount: request.reviews.length,
    reviewCounts: countReviews(request),
    ...askedFor(request),
  };
}

/** Returns what is asked for beyond what the official plugin stores. */
export function askedFor(
  { accessStarts, resources, unknownFields }: AccessRequest,
): Pick<PluginData, "accessStarts" | "constraints" | "unknownFields"> {
  const constraints = new Map<number, ResourceConstraints>();
  for (const [place, { constraints: each }] of resources.entries()) {
    if (each !== undefined) constraints.set(place, each);
  }
  return { accessStarts, constraints, unknownFields };
}

function observeAbsence(data: PluginData, inferred: boolean): PluginData {
  if (data.resolution === "EXPIRED" && data.inferred && !inferred) {
    return { ...data, inferred: false };
  }
  if (data.resolution !== "") return data;
  return { ...data, resolution: "EXPIRED", inferred };
}

function sameFacts(a: PluginData, b: PluginData): boolean {
  return a.resolution === b.resolution && a.inferred === b.inferred &&
    a.resolveReason === b.resolveReason &&
    a.reviewsCount === b.reviewsCount && factsOf(a) === factsOf(b);
}

/** Returns the newer of two observations; `later` is the one that arrived later. */
export function newerObservation(
  earlier: Observation | undefined,
  later: Observation,
): Observation {
  if (earlier === undefined) return later;
  const takeLater = later.request !== undefined &&
    (earlier.request === undefined ||
      !isOlder(later, earlier.request, earlier.source));
  const { request, source } = takeLater ? later : earlier;
  return { request, source, gone: newerAbsence(earlier, later) };
}

function isOlder(
  later: Observation,
  known: AccessRequest,
  knownBy: ObservationSource,
): boolean {
  const { request, source } = later;
  if (request === undefined || request.state === "UNKNOWN") return true;
  if (known.state === "UNKNOWN") return false;
  const step = RANK[request.state] - RANK[known.state] ||
    request.reviews.length - known.reviews.length;
  // Of two lists the later one is the newer more often than not.
  return step < 0 ||
    (step === 0 && source === "list" && knownBy !== "list");
}

/** A request that was found again by ID, or in an event, is not gone; a list cannot tell. */
function newerAbsence(
  earlier: Observation,
  later: Observation,
): Observation["gone"] {
  if (earlier.gone === "event" || later.gone === "event") return "event";
  if (later.request !== undefined && later.source !== "list") return later.gone;
  return later.gone ?? earlier.gone;
}

/**
 * Whether a request that cannot be found has expired: its own expiry or that of the access has passed.
 * Plugin data of the official plugin tells the latter by its own expiry, which is an hour later.
 */
export function absenceMeansExpired(
  { data, expires }: Snapshot,
  now: Date,
): boolean {
  const accessExpires = data?.accessExpires ??
    (expires && new Date(expires.getTime() - DATA_OUTLIVES_ACCESS_MS));
  return isPast(data?.requestExpires, now) || isPast(accessExpires, now);
}

/** Source: docs/design/plugin-data.md 1. */
const DATA_OUTLIVES_ACCESS_MS = 3_600_000;
