/**
 * What Teleport 18.0.0 itself says of conditions, and what this language says.
 */

import assert from "node:assert/strict";
import {
  type ConditionInput,
  createInput,
  evaluate,
  parseCondition,
  PredicateError,
} from "../../../src/domain/predicate/condition.ts";
import samples from "../../fixtures/predicate-18.0.0.json" with {
  type: "json",
};

const permissions = "none";

/** What came after 18.0.0: that server refuses what is fine by later ones. */
const NEWER = new Set([
  'regexp.match(access_request.spec.roles, "^d.*$")',
]);

type Env = (typeof samples.envs)[keyof typeof samples.envs];

for (const [name, env] of Object.entries(samples.envs)) {
  Deno.test(`conditions for the request "${name}"`, { permissions }, () => {
    const input = toInput(env);
    const rows = samples.rows.filter((row) => row.env === name);
    assert.ok(rows.length > 100);
    const wrong = rows.filter(({ condition, result }) =>
      !NEWER.has(condition) && judge(condition, input) !== result
    );
    assert.deepEqual(wrong, []);
  });
}

Deno.test("what is newer than 18.0.0 is taken", { permissions }, () => {
  for (const condition of NEWER) {
    assert.equal(judge(condition, toInput(samples.envs.full)), true);
    assert.equal(judge(condition, toInput(samples.envs.none)), false);
  }
});

function judge(
  text: string,
  input: ConditionInput,
): boolean | "parse error" | "evaluation error" {
  let condition;
  try {
    condition = parseCondition(text);
  } catch (error) {
    assert.ok(error instanceof PredicateError);
    return "parse error";
  }
  try {
    return evaluate(condition, input);
  } catch (error) {
    assert.ok(error instanceof PredicateError);
    return "evaluation error";
  }
}

function toInput(env: Env): ConditionInput {
  const expiry = new Date(env.Expiry);
  return createInput({
    user: env.User,
    roles: env.Roles ?? [],
    suggestedReviewers: env.SuggestedReviewers ?? [],
    systemAnnotations: env.Annotations ?? {},
    reason: env.RequestReason,
    created: new Date(env.CreationTime),
    requestExpires: expiry.getUTCFullYear() === 1 ? undefined : expiry,
  }, { userTraits: env.UserTraits ?? {} });
}
