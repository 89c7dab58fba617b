/**
 * What comes of a condition, as a value that tests can compare.
 *
 * @module
 */

import {
  type ConditionInput,
  createInput,
  evaluate,
  parseCondition,
  PredicateError,
} from "../../../src/route/predicate/condition.ts";

/** What comes of a condition. */
export type Verdict = boolean | "parse error" | "evaluation error";

/** Parses and evaluates a condition; an error that is no `PredicateError` passes through. */
export function judge(text: string, input: ConditionInput): Verdict {
  return attempt(
    "parse error",
    () => {
      const condition = parseCondition(text);
      return attempt("evaluation error", () => evaluate(condition, input));
    },
  );
}

/** A request with something under every name. */
export const INPUT: ConditionInput = createInput({
  user: "alice",
  roles: ["dev", "ops"],
  suggestedReviewers: ["rita"],
  systemAnnotations: { service: ["on-call"] },
  reason: "fix prod",
  created: new Date("2026-03-09T14:30:00Z"),
  requestExpires: new Date("2026-03-09T22:30:00Z"),
}, {
  userTraits: { team: ["blue", "Red"] },
  resourceLabels: [
    { env: "prod", team: "blue" },
    { env: "prod", team: "red", tier: "1" },
  ],
});

function attempt(failure: Verdict, run: () => Verdict): Verdict {
  try {
    return run();
  } catch (error) {
    if (error instanceof PredicateError) return failure;
    throw error;
  }
}
