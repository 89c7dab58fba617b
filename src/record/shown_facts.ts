/**
 * Digest of the facts that a message shows.
 *
 * @module
 */

import type { AccessRequest, RequestState } from "../ports/access_request.ts";
import { type MissingLookup, missingLookups } from "./missing.ts";
import type { PluginData, ReviewCounts, ShownState } from "./plugin_data.ts";
import { encodeConstraints, encodeTime } from "./plugin_data_codec.ts";

/** What a requester who was told nothing knows. */
export const TOLD_NOTHING = "PENDING-0-0-0";

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

/** A verdict, taken apart. */
export interface ShownVerdict {
  readonly state: ShownState;
  readonly reviews: number;
  /** RFC 3339; `""` if access begins as soon as it is granted. */
  readonly start: string;
}

/** Takes apart what {@linkcode verdictOf} returned. */
export function parseVerdict(verdict: string): ShownVerdict {
  const [counted = "", start = ""] = verdict.split("@");
  const [state = "", ...counts] = counted.split("-");
  const reviews = counts.reduce((sum, n) => sum + Number(n), 0);
  return { state: state as ShownState, reviews, start };
}

/** Constraints, and parts that this build does not know. */
function digestOfParts({ constraints, unknownFields }: PluginData): string {
  if (constraints.size === 0 && unknownFields.length === 0) return "";
  const text = encodeConstraints(constraints) || "{}";
  return `#${fnv1a(text + unknownFields.join())}`;
}

/** Returns what a message rendered from this data shows. */
export function digestOf(data: PluginData): string {
  return `${factsOf(data)}.${missingLetters(data)}`;
}

/** How a digest names what is missing. Digests are stored: another letter would edit every message. */
const LETTERS: Readonly<Record<MissingLookup, string>> = {
  "logins": "l",
  "login traits": "t",
  "resource names": "r",
  "Discord users": "u",
};

function missingLetters(data: PluginData): string {
  return [...missingLookups(data)].map((each) => LETTERS[each]).join("");
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
  const missing = missingLetters(data).replace("l", "lt");
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
