import assert from "node:assert/strict";
import { FailureStreak } from "../../../src/lib/log/failure_streak.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "of failures in a row, the first and each other one is news",
  pure,
  () => {
    const failures = new FailureStreak();
    assert.equal(failures.last, undefined);
    assert.equal(failures.end(), false);
    assert.equal(failures.add(new Error("no route")), true);
    assert.equal(failures.add(new Error("no route")), false);
    assert.equal(failures.add("refused"), true);
    assert.equal(failures.last, "refused");
    assert.equal(failures.add(new Error("no route")), true);
  },
);

Deno.test("a failure after a success is news again", pure, () => {
  const failures = new FailureStreak();
  failures.add("refused");
  assert.equal(failures.end(), true);
  assert.equal(failures.last, undefined);
  assert.equal(failures.add("refused"), true);
});
