/**
 * What it means that the Auth Service did not take a review.
 *
 * Most refusals have the same code, so its words have to be read. Words that nobody knows are a refusal
 * all the same.
 *
 * Source: docs/design/teleport-behaviour.md 2, 5; each was seen on 18.0.0.
 *
 * @module
 */

import { namedFinalState } from "../ports/access_request.ts";
import type { TeleportError } from "../ports/teleport_error.ts";
import type { ReviewOutcome } from "./review_outcome.ts";

/** Says what became of a review that was not taken. */
export function outcomeOf(error: TeleportError, author: string): ReviewOutcome {
  const { code, detail } = error;
  switch (code) {
    case "ALREADY_EXISTS":
      return { kind: "already reviewed", author };
    case "NOT_FOUND":
      return /access request/.test(detail)
        ? { kind: "gone" }
        : { kind: "may not review", author };
    case "PERMISSION_DENIED":
      return denialOf(detail, author);
    case "INVALID_ARGUMENT":
    case "FAILED_PRECONDITION":
    case "OUT_OF_RANGE":
    case "UNIMPLEMENTED":
    case "UNAUTHENTICATED":
      return { kind: "refused" };
    default:
      return { kind: "in doubt" };
  }
}

function denialOf(detail: string, author: string): ReviewOutcome {
  const [, state] = /has been already (\w+)/.exec(detail) ?? [];
  if (state !== undefined) {
    return { kind: "resolved", state: namedFinalState(state.toUpperCase()) };
  }
  if (/on behalf of|submit_for_users/.test(detail)) {
    return { kind: "not for others" };
  }
  if (/MFA/.test(detail)) return { kind: "second factor" };
  return { kind: "may not review", author };
}
