import assert from "node:assert/strict";
import { watchCalls, watchDialer } from "../../src/daemon/watched_calls.ts";
import { Pulse, withPulse } from "../../src/lib/async/stall_detector.ts";
import { FakeClock } from "../fakes/clock.ts";
import { World } from "./pipeline/world.ts";

const never = new Promise<never>(() => {});

/** Runs the service of a world with calls that are watched. */
async function watched(world: World): Promise<Pulse> {
  const pulse = new Pulse(world.clock);
  await world.start({
    auth: watchCalls(world.auth, pulse),
    clock: withPulse(world.clock, pulse),
  });
  return pulse;
}

Deno.test("a service that does its work, or cannot connect, has a pulse", async () => {
  await using world = new World();
  const pulse = await watched(world);
  await world.clock.advance(3_600_000);
  assert.equal(pulse.stuckIn, undefined);
  world.auth.listAccessRequests = async function* () {
    yield await Promise.reject(new Error("down"));
  };
  world.auth.endWatches(new Error("down"));
  await world.clock.advance(3_600_000);
  assert.equal(pulse.stuckIn, undefined);
});

Deno.test("a list that never ends shows in the pulse", async () => {
  await using world = new World();
  const { promise, reject } = Promise.withResolvers<never>();
  world.auth.listAccessRequests = async function* () {
    yield await promise;
  };
  const pulse = await watched(world);
  await world.clock.advance(170_000);
  assert.equal(pulse.stuckIn, undefined);
  await world.clock.advance(20_000);
  assert.equal(pulse.stuckIn, "listAccessRequests");
  reject(new Error("let go"));
});

Deno.test("an attempt to connect that never ends shows in the pulse", async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const dialer = watchDialer({ connect: () => never }, pulse);
  dialer.connect({} as never, new AbortController().signal);
  await clock.advance(300_001);
  assert.equal(pulse.stuckIn, "connect");
});

Deno.test("a watch that does not end although it should shows in the pulse", async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const stop = new AbortController();
  const stuck = { watchEvents: () => never } as unknown as World["auth"];
  watchCalls(stuck, pulse).watchEvents(() => {}, stop.signal);
  await clock.advance(3_600_000);
  assert.equal(pulse.stuckIn, undefined);
  stop.abort();
  await clock.advance(60_001);
  assert.equal(pulse.stuckIn, "watchEvents");
});
