import assert from "node:assert/strict";
import { FirstTimes } from "../../../src/lib/log/first_times.ts";

const permissions = "none";

Deno.test("only the first time counts", { permissions }, () => {
  const said = new FirstTimes();
  assert.deepEqual(["a", "b", "a"].map((each) => said.add(each)), [
    true,
    true,
    false,
  ]);
});

Deno.test("the newest ten thousand are remembered", { permissions }, () => {
  const said = new FirstTimes();
  for (let i = 0; i <= 10_000; i++) said.add(`${i}`);
  assert.equal(said.add("1"), false);
  assert.equal(said.add("0"), true);
});
