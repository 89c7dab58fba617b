import assert from "node:assert/strict";
import { Pulse, withPulse } from "../../../src/lib/async/stall_detector.ts";
import { FakeClock } from "../../fakes/clock.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "a wait that outlives its time shows, until it is over",
  pure,
  async () => {
    const clock = new FakeClock();
    const pulse = new Pulse(clock);
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = pulse.within("call", 100, promise);
    const failing = pulse.within("other", 50, Promise.reject(new Error("no")));
    await assert.rejects(failing, /no/);
    await clock.advance(100);
    assert.equal(pulse.stuckIn, undefined);
    await clock.advance(1);
    assert.equal(pulse.stuckIn, "call");
    resolve("done");
    assert.equal(await waiting, "done");
    assert.equal(pulse.stuckIn, undefined);
  },
);

Deno.test("sleeping is no fault, but not waking is", pure, async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const stop = new AbortController();
  const watched = withPulse(clock, pulse);
  const slept = watched.sleep(3_600_000, stop.signal);
  await clock.advance(3_000_000);
  assert.equal(pulse.stuckIn, undefined);
  await clock.advance(1_000_000);
  await slept;
  const broken = withPulse(
    { ...watched, sleep: () => new Promise<void>(() => {}) },
    pulse,
  );
  broken.sleep(1000, stop.signal);
  await clock.advance(60_000);
  assert.equal(pulse.stuckIn, undefined);
  await clock.advance(2000);
  assert.equal(pulse.stuckIn, "sleep");
});
