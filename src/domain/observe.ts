/**
 * What was seen of a request, and what that changes in plugin data.
 *
 * Source: design.md, sections 5 and 6.
 *
 * @module
 */

import type {
  AccessRequest,
  RequestState,
  ResourceConstraints,
} from "../ports/access_request.ts";
import type { ReviewCounts, ShownState } from "./announcement.ts";
import { encodeStringLists } from "./go_json.ts";
import { isTemplate } from "./login_template.ts";
import {
  encodeTime,
  NOT_KNOWN,
  type PluginData,
  type Resolution,
} from "./plugin_data.ts";

/** Where a state was seen: in an event, in a read by ID, or in a list, which may lag behind. */
export type Source = "put" | "read" | "list";

/** The newest that is known of a request. */
export interface Sighting {
  readonly request: AccessRequest | undefined;
  readonly source: Source;
  /**
   * How the request went away, if it did: `event` after a DELETE event, `inferred` when a read by ID found
   * nothing although absence proves something (it has expired, or the list showed other requests).
   */
  readonly gone: "event" | "inferred" | undefined;
}

/** What a sighting makes of plugin data. */
export type Observation =
  /** The facts to store; the same object if nothing is new. */
  | { readonly kind: "facts"; readonly data: PluginData }
  /** A list contradicts what is stored, and either may be older: read the request by its ID first. */
  | { readonly kind: "doubtful" };

/** The further along a state is, the higher; nothing moves back, but for an inferred EXPIRED. */
const RANK: Readonly<Record<ShownState, number>> = {
  PENDING: 0,
  EXPIRED: 1,
  APPROVED: 2,
  PROMOTED: 3,
  DENIED: 3,
};

/** Returns the state that a message of this request shows. */
export function shownState(data: Pick<PluginData, "resolution">): ShownState {
  return data.resolution === "" ? "PENDING" : data.resolution;
}

/** Counts the verdicts of a request's reviews. */
export function countReviews(
  request: Pick<AccessRequest, "reviews">,
): ReviewCounts {
  const count = (state: RequestState) =>
    request.reviews.filter((r) => r.proposedState === state).length;
  return {
    approvals: count("APPROVED"),
    denials: count("DENIED"),
    promotions: count("PROMOTED"),
  };
}

/** Returns the plugin data as it should be after the sighting. */
export function observe(data: PluginData, sighting: Sighting): Observation {
  const seen = sighting.request === undefined
    ? { kind: "facts" as const, data }
    : observeRequest(data, sighting.request, sighting);
  if (seen.kind === "doubtful" || sighting.gone === undefined) return seen;
  return {
    kind: "facts",
    data: observeAbsence(seen.data, sighting.gone === "inferred"),
  };
}

function observeRequest(
  data: PluginData,
  request: AccessRequest,
  sighting: Sighting,
): Observation {
  const unchanged: Observation = { kind: "facts", data };
  if (
    request.state === "UNKNOWN" || request.reviews.length < data.reviewsCount
  ) return unchanged;
  const stored = shownState(data);
  const reappeared = request.state === "PENDING" && stored === "EXPIRED" &&
    data.inferred && sighting.gone === undefined;
  // What was concluded from absence was wrong, unless it is the list that is old.
  if (reappeared && sighting.source === "list") return { kind: "doubtful" };
  if (RANK[request.state] < RANK[stored] && !reappeared) return unchanged;
  // Neither of two final states of one rank follows the other.
  if (RANK[request.state] === RANK[stored] && request.state !== stored) {
    return unchanged;
  }
  const next = withFacts(data, request);
  if (sameFacts(data, next)) return unchanged;
  const maybeOlder = request.state === stored &&
    request.reviews.length === data.reviewsCount &&
    (request.resolveReason !== data.resolveReason ||
      encodeTime(request.accessStarts) !== encodeTime(data.accessStarts));
  if (maybeOlder && sighting.source === "list") return { kind: "doubtful" };
  return { kind: "facts", data: reappeared ? withDroppedOwed(next) : next };
}

/** Returns the data with those deliveries owed again that were dropped because the request seemed gone. */
function withDroppedOwed(data: PluginData): PluginData {
  const deliveries = new Map(data.deliveries);
  for (const [recipient, delivery] of deliveries) {
    if (delivery.kind === "dropped") {
      deliveries.set(recipient, { kind: "owed", generation: 1 });
    }
  }
  return { ...data, deliveries };
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
    // Adopted while it could not be read, it has neither kind nor times yet.
    ...data.own && data.created === undefined && {
      kind: request.kind,
      created: request.created,
      requestExpires: request.requestExpires,
      accessExpires: request.accessExpires,
    },
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

/**
 * Returns a short digest of the facts that a message shows: state, reviews, start, resolve reason, what is
 * asked for. Never of rendered text, so that a new release does not edit every message again. For the same
 * reason what came with a later release stands in it only where a request has it.
 */
export function factsOf(data: PluginData): string {
  const reason = data.resolveReason === ""
    ? ""
    : `-${fnv1a(data.resolveReason)}`;
  return `${verdictOf(data)}${reason}${digestOfParts(data)}`;
}

/**
 * Returns state, reviews, and the start of access where one is set: `PENDING-1-0-0`, or
 * `APPROVED-1-0-0@2026-11-30T08:00:00Z`. Where only the number of reviews is known, `PENDING-1`.
 */
export function verdictOf(data: PluginData): string {
  const { reviewCounts: counts, accessStarts } = data;
  const reviews = counts === undefined
    ? String(data.reviewsCount)
    : `${counts.approvals}-${counts.denials}-${counts.promotions}`;
  const start = accessStarts === undefined
    ? ""
    : `@${encodeTime(accessStarts)}`;
  return `${shownState(data)}-${reviews}${start}`;
}

/** Constraints, and parts that this build does not know. */
function digestOfParts({ constraints, unknownFields }: PluginData): string {
  if (constraints.size === 0 && unknownFields.length === 0) return "";
  const parts = [...constraints].map(([place, { kind, values }]) =>
    [String(place), [kind, ...values]] as const
  );
  const text = encodeStringLists(new Map(parts));
  return `#${fnv1a(text + unknownFields.join())}`;
}

/**
 * Which look-ups failed so far, as letters: `l` logins of the roles, `t` traits that logins depend on, `r`
 * names of the resources, `u` Discord users.
 */
export function missingEnrichment(
  data: Pick<
    PluginData,
    "loginsByRole" | "resources" | "userId" | "mentions"
  >,
): string {
  const logins = missingLogins(data.loginsByRole);
  // A friendly name does not begin with a slash, the text form of a resource ID does.
  const names = data.resources.some((name) => name.startsWith("/")) ? "r" : "";
  const isUnknown = data.userId === NOT_KNOWN ||
    data.mentions.includes(NOT_KNOWN);
  return logins + names + (isUnknown ? "u" : "");
}

/** Returns what is missing of the logins: `l` for all, `t` for those that depend on who asks. */
export function missingLogins(
  loginsByRole: PluginData["loginsByRole"],
): "l" | "t" | "" {
  if (loginsByRole === undefined) return "l";
  const isRaw = [...loginsByRole.values()].some((all) => all.some(isTemplate));
  return isRaw ? "t" : "";
}

/** Returns what a message rendered from this data shows. */
export function digestOf(data: PluginData): string {
  return `${factsOf(data)}.${missingEnrichment(data)}`;
}

/** Whether a message that shows `shows` tells another state than the data: not merely less about it. */
export function showsOtherState(shows: string, data: PluginData): boolean {
  return shows.slice(0, shows.lastIndexOf(".")) !== factsOf(data);
}

/**
 * Whether a message that shows `shows` is in step with the data. Less missing enrichment than shown is a
 * difference, more is not: what a message once showed it keeps.
 */
export function isShown(shows: string, data: PluginData): boolean {
  const dot = shows.lastIndexOf(".");
  if (dot < 0 || shows.slice(0, dot) !== factsOf(data)) return false;
  // Without logins it is not known either which of them depend on traits.
  const missing = missingEnrichment(data).replace("l", "lt");
  return [...shows.slice(dot + 1)].every((letter) => missing.includes(letter));
}

/** FNV-1a, 32 bits, over UTF-16 units: enough to notice that a text changed. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Returns the newer of two sightings; `later` is the one that arrived later. */
export function newerSighting(
  earlier: Sighting | undefined,
  later: Sighting,
): Sighting {
  if (earlier === undefined) return later;
  const takeLater = later.request !== undefined &&
    (earlier.request === undefined || !isOlder(later, earlier.request));
  const { request, source } = takeLater ? later : earlier;
  return { request, source, gone: newerAbsence(earlier, later) };
}

function isOlder(later: Sighting, known: AccessRequest): boolean {
  const { request, source } = later;
  if (request === undefined || request.state === "UNKNOWN") return true;
  if (known.state === "UNKNOWN") return false;
  const step = RANK[request.state] - RANK[known.state] ||
    request.reviews.length - known.reviews.length;
  return step < 0 || (step === 0 && source === "list");
}

/** A request that was found again by ID, or in an event, is not gone; a list cannot tell. */
function newerAbsence(earlier: Sighting, later: Sighting): Sighting["gone"] {
  if (earlier.gone === "event" || later.gone === "event") return "event";
  if (later.request !== undefined && later.source !== "list") return later.gone;
  return later.gone ?? earlier.gone;
}
