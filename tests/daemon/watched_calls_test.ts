import assert from "node:assert/strict";
import { watchCalls, watchDialer } from "../../src/daemon/watched_calls.ts";
import {
  StallDetector,
  withStallDetection,
} from "../../src/lib/async/stall_detector.ts";
import { FakeClock } from "../fakes/clock.ts";
import { World } from "./pipeline/world.ts";

const never = new Promise<never>(() => {});

/** Runs the service of a world with calls that are watched. */
async function watched(world: World): Promise<StallDetector> {
  const stalls = new StallDetector(world.clock);
  await world.start({
    auth: watchCalls(world.auth, stalls),
    clock: withStallDetection(world.clock, stalls),
  });
  return stalls;
}

Deno.test("a service that does its work, or cannot connect, is not stalled", async () => {
  await using world = new World();
  const stalls = await watched(world);
  await world.clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
  world.auth.listAccessRequests = async function* () {
    yield await Promise.reject(new Error("down"));
  };
  world.auth.endWatches(new Error("down"));
  await world.clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
});

Deno.test("a list that never ends shows as a stall", async () => {
  await using world = new World();
  const { promise, reject } = Promise.withResolvers<never>();
  world.auth.listAccessRequests = async function* () {
    yield await promise;
  };
  const stalls = await watched(world);
  await world.clock.advance(170_000);
  assert.equal(stalls.stalledIn, undefined);
  await world.clock.advance(20_000);
  assert.equal(stalls.stalledIn, "listAccessRequests");
  reject(new Error("let go"));
});

Deno.test("an attempt to connect that never ends shows as a stall", async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  const dialer = watchDialer({ connect: () => never }, stalls);
  dialer.connect({} as never, new AbortController().signal);
  await clock.advance(300_001);
  assert.equal(stalls.stalledIn, "connect");
});

Deno.test("a watch that does not end although it should shows as a stall", async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  const stop = new AbortController();
  const stuck = { watchEvents: () => never } as unknown as World["auth"];
  watchCalls(stuck, stalls).watchEvents(() => {}, stop.signal);
  await clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
  stop.abort();
  await clock.advance(60_001);
  assert.equal(stalls.stalledIn, "watchEvents");
});
