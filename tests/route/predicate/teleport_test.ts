/**
 * What Teleport 18.0.0 itself says of conditions, and what this language says.
 *
 * `predicate-18.0.0.json` is of Teleport's own parser. `predicate-tried-18.0.0.json` was made by storing
 * each condition in a rule of a channel of its own on a real Auth Service, which refuses what does not
 * parse; then one request was made, and the official plugin posted to the channels of the rules that
 * match and logged those that it could not evaluate. Some are what people write, and what they write
 * wrongly; the rest was drawn at random.
 */

import assert from "node:assert/strict";
import { createInput } from "../../../src/route/predicate/condition.ts";
import samples from "../../fixtures/predicate-18.0.0.json" with {
  type: "json",
};
import tried from "../../fixtures/predicate-tried-18.0.0.json" with {
  type: "json",
};
import { judge, type Verdict } from "./judge.ts";

const permissions = "none";

interface Env {
  readonly User: string;
  readonly Roles: readonly string[] | null;
  readonly SuggestedReviewers: readonly string[] | null;
  readonly Annotations: unknown;
  readonly RequestReason: string;
  readonly CreationTime: string;
  readonly Expiry: string;
  readonly UserTraits: unknown;
}

/** Newer than 18.0.0, which calls it a parse error. */
const NEWER_MATCH = 'regexp.match(access_request.spec.roles, "^d.*$")';

/** Where this language differs from that of 18.0.0. */
const DIFFERENT: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  // Newer than 18.0.0.
  ['regexp.match(set("a"), "a")', true],
  ['between("1.2.0", "1.0.0", "2.0.0")', true],
  ['newer_than("2.0.0", "1.0.0")', true],
  ['older_than("1.0.0", "2.0.0")', true],
  ['access_request.spec.resource_labels_union["env"].isempty()', true],
  ['access_request.spec.resource_labels_intersection["env"].isempty()', true],
  // Seen when it is parsed, which Teleport sees when it is evaluated.
  ['strings.lower(1) == "a"', "parse error"],
  ['strings.lower(true) == "a"', "parse error"],
  ['strings.replaceall(1, "a", "b") == "1"', "parse error"],
  [
    "between(access_request.spec.creation_time, access_request.spec.expiry)",
    "parse error",
  ],
  [
    "access_request.spec.creation_time.between(access_request.spec.expiry)",
    "parse error",
  ],
  // Bytes that are no text, and an argument list of Go's.
  ['"\\xff" == "\\xfe"', true],
  ['set("a"...).contains("a")', "parse error"],
]);

for (const [name, env] of Object.entries(samples.envs)) {
  Deno.test(`conditions for the request "${name}"`, { permissions }, () => {
    const rows = samples.rows.filter((row) =>
      row.env === name && row.condition !== NEWER_MATCH
    );
    assert.ok(rows.length > 100);
    assert.equal(judge(NEWER_MATCH, toInput(env)), env.Roles !== null);
    assert.deepEqual(findWrong(rows, env), []);
  });
}

Deno.test("conditions that were tried on a server", { permissions }, () => {
  assert.ok(tried.rows.length > 800);
  assert.deepEqual(findWrong(tried.rows, tried.env), []);
});

function findWrong(
  rows: readonly { readonly condition: string; readonly result: unknown }[],
  env: Env,
) {
  const input = toInput(env);
  return rows.flatMap(({ condition, result }) => {
    const expected = DIFFERENT.get(condition) ?? result;
    const found = judge(condition, input);
    return found === expected ? [] : [{ condition, expected, found }];
  });
}

function toInput(env: Env) {
  const expiry = new Date(env.Expiry);
  const lists = (value: unknown) =>
    (value ?? {}) as Readonly<Record<string, readonly string[]>>;
  return createInput({
    user: env.User,
    roles: env.Roles ?? [],
    suggestedReviewers: env.SuggestedReviewers ?? [],
    systemAnnotations: lists(env.Annotations),
    reason: env.RequestReason,
    created: new Date(env.CreationTime),
    requestExpires: expiry.getUTCFullYear() === 1 ? undefined : expiry,
  }, { userTraits: lists(env.UserTraits), resourceLabels: [] });
}
