/**
 * What a condition may look at: the request, the requester's traits, the labels of the resources.
 *
 * Source: docs/design/routing-rules.md 4.2.
 *
 * @module
 */

import type { AccessRequest } from "../../ports/access_request.ts";
import type { Dict, StringSet, Type, ValueByType } from "./functions/value.ts";

/** How the language names each input, and what type it has there. */
export const INPUT_TYPES = {
  "access_request.spec.roles": "set",
  "access_request.spec.suggested_reviewers": "set",
  "access_request.spec.system_annotations": "dict",
  "access_request.spec.user": "string",
  "access_request.spec.request_reason": "string",
  "access_request.spec.creation_time": "time",
  "access_request.spec.expiry": "time",
  "access_request.spec.resource_labels_union": "dict",
  "access_request.spec.resource_labels_intersection": "dict",
  "user.traits": "dict",
} as const satisfies Readonly<Record<string, Type>>;

/** Name of an input. */
export type InputName = keyof typeof INPUT_TYPES;

/** What has to be looked up beside the request itself. */
export type Lookup = "userTraits" | "resourceLabels";

/**
 * The value of each input, ready for any number of conditions.
 *
 * What was not looked up is `undefined`; a condition that comes upon it cannot be evaluated.
 */
export type ConditionInput = {
  readonly [N in InputName]: ValueByType[(typeof INPUT_TYPES)[N]] | undefined;
};

/** What was looked up for a request; what is missing was not looked up. */
export interface LookedUp {
  /** Traits of the requester; empty if they may not be read. */
  readonly userTraits?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Labels of each requested resource; empty if the request is not for resources. */
  readonly resourceLabels?: readonly Labels[] | undefined;
}

/** Labels of a resource by name. */
type Labels = Readonly<Record<string, string>>;

/** The parts of a request that a condition may look at. */
export type RequestFacts = Pick<
  AccessRequest,
  | "user"
  | "roles"
  | "suggestedReviewers"
  | "systemAnnotations"
  | "reason"
  | "created"
  | "requestExpires"
>;

/** What Go has where a time was not set. */
const ZERO_TIME = new Date("0001-01-01T00:00:00Z");

/** Puts together what conditions about a request look at; once for any number of conditions. */
export function createInput(
  request: RequestFacts,
  { userTraits, resourceLabels }: LookedUp = {},
): ConditionInput {
  return {
    "access_request.spec.roles": new Set(request.roles),
    "access_request.spec.suggested_reviewers": new Set(
      request.suggestedReviewers,
    ),
    "access_request.spec.system_annotations": toDict(request.systemAnnotations),
    "access_request.spec.user": request.user,
    "access_request.spec.request_reason": request.reason,
    "access_request.spec.creation_time": request.created,
    "access_request.spec.expiry": request.requestExpires ?? ZERO_TIME,
    "access_request.spec.resource_labels_union": resourceLabels &&
      uniteLabels(resourceLabels),
    "access_request.spec.resource_labels_intersection": resourceLabels &&
      intersectLabels(resourceLabels),
    "user.traits": userTraits && toDict(userTraits),
  };
}

/** Returns the look-up that an input comes from; `undefined` for what the request itself has. */
export function lookupFor(name: InputName): Lookup | undefined {
  if (name === "user.traits") return "userTraits";
  if (name.startsWith("access_request.spec.resource_labels_")) {
    return "resourceLabels";
  }
  return undefined;
}

function toDict(lists: Readonly<Record<string, readonly string[]>>): Dict {
  return new Map(
    Object.entries(lists).map(([key, values]) => [key, new Set(values)]),
  );
}

/** Returns all values of each label. */
function uniteLabels(resources: readonly Labels[]): Dict {
  const all = new Map<string, Set<string>>();
  for (const labels of resources) {
    for (const [key, value] of Object.entries(labels)) {
      all.getOrInsertComputed(key, () => new Set()).add(value);
    }
  }
  return all;
}

/** Returns the labels that every resource has with the same value. */
function intersectLabels(resources: readonly Labels[]): Dict {
  const [first = {}, ...others] = resources;
  const shared = Object.entries(first).filter(([key, value]) =>
    others.every((labels) =>
      Object.hasOwn(labels, key) && labels[key] === value
    )
  );
  return new Map<string, StringSet>(
    shared.map(([key, value]) => [key, new Set([value])]),
  );
}
