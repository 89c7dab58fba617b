import assert from "node:assert/strict";
import { UnstoredOutcomes } from "../../src/reconcile/unstored_outcomes.ts";
import { accessRequest } from "../fakes/samples.ts";

const permissions = "none";

function remembered(): { outcomes: UnstoredOutcomes; pass(ms: number): void } {
  let nowMs = 0;
  const outcomes = new UnstoredOutcomes({ monotonic: () => nowMs });
  return { outcomes, pass: (ms) => nowMs += ms };
}

Deno.test("a resolved request is remembered, any other is not", {
  permissions,
}, () => {
  const { outcomes } = remembered();
  for (const state of ["PENDING", "UNKNOWN", "DENIED"] as const) {
    outcomes.add(accessRequest({ id: state, state }));
  }
  outcomes.add(undefined);
  assert.equal(outcomes.of("PENDING"), undefined);
  assert.equal(outcomes.of("UNKNOWN"), undefined);
  assert.equal(outcomes.of("DENIED")?.request?.state, "DENIED");
});

Deno.test("the newest thousand are remembered, for minutes", {
  permissions,
}, () => {
  const { outcomes, pass } = remembered();
  const add = (id: string) =>
    outcomes.add(accessRequest({ id, state: "APPROVED" }));
  for (let i = 0; i <= 1000; i++) add(`r${i}`);
  assert.equal(outcomes.of("r0"), undefined);
  assert.ok(outcomes.of("r1"));
  pass(11 * 60_000);
  add("r1001");
  assert.equal(outcomes.of("r1000"), undefined);
  assert.ok(outcomes.of("r1001"));
});
