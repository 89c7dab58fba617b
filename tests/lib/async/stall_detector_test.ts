import assert from "node:assert/strict";
import {
  StallDetector,
  withStallDetection,
} from "../../../src/lib/async/stall_detector.ts";
import { FakeClock } from "../../fakes/clock.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "a wait that outlives its time shows, until it is over",
  pure,
  async () => {
    const clock = new FakeClock();
    const stalls = new StallDetector(clock);
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = stalls.watch("call", 100, promise);
    const failing = stalls.watch("other", 50, Promise.reject(new Error("no")));
    await assert.rejects(failing, /no/);
    await clock.advance(100);
    assert.equal(stalls.stalledIn, undefined);
    await clock.advance(1);
    assert.equal(stalls.stalledIn, "call");
    resolve("done");
    assert.equal(await waiting, "done");
    assert.equal(stalls.stalledIn, undefined);
  },
);

Deno.test("sleeping is no fault, but not waking is", pure, async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  const stop = new AbortController();
  const watched = withStallDetection(clock, stalls);
  const slept = watched.sleep(3_600_000, stop.signal);
  await clock.advance(3_000_000);
  assert.equal(stalls.stalledIn, undefined);
  await clock.advance(1_000_000);
  await slept;
  const broken = withStallDetection(
    { ...watched, sleep: () => new Promise<void>(() => {}) },
    stalls,
  );
  broken.sleep(1000, stop.signal);
  await clock.advance(60_000);
  assert.equal(stalls.stalledIn, undefined);
  await clock.advance(2000);
  assert.equal(stalls.stalledIn, "sleep");
});
