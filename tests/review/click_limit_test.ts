import assert from "node:assert/strict";
import { ClickLimit } from "../../src/review/click_limit.ts";

const permissions = "none";

Deno.test("a person, and all together, may click so often in a minute", {
  permissions,
}, () => {
  const limit = new ClickLimit({ perPerson: 2, inAll: 3 });
  assert.equal(limit.take("a", 0), true);
  assert.equal(limit.take("a", 10_000), true);
  assert.equal(limit.take("a", 20_000), false);
  assert.equal(limit.take("b", 20_000), true);
  assert.equal(limit.take("c", 59_999), false);
  // The first is a minute ago; what was refused did not count.
  assert.equal(limit.take("a", 60_000), true);
  assert.equal(limit.take("a", 60_001), false);
  assert.equal(limit.take("c", 70_000), true);
});
