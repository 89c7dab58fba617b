import assert from "node:assert/strict";
import { TimedCache } from "../../../src/lib/async/timed_cache.ts";
import { FakeClock } from "../../fakes/clock.ts";

Deno.test("an answer is remembered for its time", async () => {
  const clock = new FakeClock();
  const cache = new TimedCache<string>(1000, clock);
  assert.equal(cache.get("a"), undefined);
  cache.set("a", Promise.resolve("one"));
  await clock.advance(1000);
  assert.equal(await cache.get("a"), "one");
  await clock.advance(1);
  assert.equal(cache.get("a"), undefined);
});

Deno.test("an answer on its way is shared", async () => {
  const cache = new TimedCache<string>(1000, new FakeClock());
  const { promise, resolve } = Promise.withResolvers<string>();
  cache.set("a", promise);
  assert.equal(cache.get("a"), cache.get("a"));
  resolve("late");
  assert.equal(await cache.get("a"), "late");
});

Deno.test("a failure is forgotten, but not what was asked for since", async () => {
  const cache = new TimedCache<string>(1000, new FakeClock());
  const first = Promise.withResolvers<string>();
  cache.set("a", first.promise);
  cache.set("b", first.promise);
  cache.set("a", Promise.resolve("second"));
  first.reject(new Error("refused"));
  await assert.rejects(first.promise, /refused/);
  assert.equal(await cache.get("a"), "second");
  assert.equal(cache.get("b"), undefined);
});

Deno.test("it never holds more than ten thousand answers, nor old ones", async () => {
  const clock = new FakeClock();
  const cache = new TimedCache<number>(1000, clock);
  for (let i = 0; i < 10_001; i++) cache.set(`${i}`, Promise.resolve(i));
  assert.equal(cache.size, 10_000);
  assert.equal(cache.get("0"), undefined);
  assert.equal(await cache.get("1"), 1);
  await clock.advance(1001);
  cache.set("new", Promise.resolve(0));
  assert.equal(cache.size, 1);
});
