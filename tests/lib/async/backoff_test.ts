import fc from "fast-check";
import assert from "node:assert/strict";
import { Backoff } from "../../../src/lib/async/backoff.ts";

const permissions = "none";
const BOUNDS = { minMs: 100, maxMs: 2000 };

/** Returns the first waits, in milliseconds. */
function take(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.nextMs());
}

Deno.test("waits grow from the least to the greatest", { permissions }, () => {
  const luckless = new Backoff(BOUNDS, () => 0.5);
  assert.deepEqual(take(luckless, 8), [
    200,
    350,
    575,
    912.5,
    1418.75,
    2000,
    2000,
    2000,
  ]);
});

Deno.test("with the least random numbers, waits stay at the least", {
  permissions,
}, () => {
  assert.deepEqual(take(new Backoff(BOUNDS, () => 0), 3), [100, 100, 100]);
});

Deno.test("reset() starts over", { permissions }, () => {
  const backoff = new Backoff(BOUNDS, () => 0.5);
  take(backoff, 5);
  backoff.reset();
  assert.equal(backoff.nextMs(), 200);
});

Deno.test("each wait lies in its bounds and below three times the one before", {
  permissions,
}, () => {
  const bounds = fc.tuple(fc.nat(60_000), fc.nat(3_600_000)).map((
    [minMs, moreMs],
  ) => ({ minMs, maxMs: minMs + moreMs }));
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const randoms = fc.array(random, { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(bounds, randoms, (bounds, randoms) => {
    const left = randoms.values();
    const backoff = new Backoff(bounds, () => left.next().value ?? 0);
    let previousMs = bounds.minMs;
    for (const ms of take(backoff, randoms.length)) {
      assert.ok(ms >= bounds.minMs && ms <= bounds.maxMs, `${ms}`);
      assert.ok(ms <= previousMs * 3, `${ms} after ${previousMs}`);
      previousMs = ms;
    }
  }));
});
