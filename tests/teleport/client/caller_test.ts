import { status } from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { StallDetector } from "../../../src/lib/async/stall_detector.ts";
import { Caller } from "../../../src/teleport/client/caller.ts";
import { FakeClock } from "../../fakes/clock.ts";

const { signal } = new AbortController();

Deno.test("a call that does not even end with its deadline shows that the program is stuck", async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  const caller = new Caller(() => undefined, stalls);
  let answer = () => {};
  const method = (
    _request: unknown,
    _metadata: unknown,
    _options: unknown,
    callback: (error: null, response: string) => void,
  ) => {
    answer = () => callback(null, "there");
    return { cancel() {} } as never;
  };
  const call = caller.unary("GetRole", method, {}, 10_000, signal);
  await clock.advance(170_000);
  assert.equal(stalls.stalledIn, undefined);
  await clock.advance(20_000);
  assert.equal(stalls.stalledIn, "GetRole");
  answer();
  assert.equal(await call, "there");
  assert.equal(stalls.stalledIn, undefined);
});

Deno.test("so does a stream with a deadline, but not a watch", async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  const caller = new Caller(() => undefined, stalls);
  const streams: EventEmitter[] = [];
  const open = () => {
    const stream = new EventEmitter();
    streams.push(stream);
    return Object.assign(stream, { cancel() {} }) as never;
  };
  const failure = { code: status.UNAVAILABLE, details: "gone" };
  const watch = caller.stream("WatchEvents", open, () => {}, Infinity, signal);
  await clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
  const users = caller.stream("GetUsers", open, () => {}, 60_000, signal);
  await clock.advance(180_001);
  assert.equal(stalls.stalledIn, "GetUsers");
  for (const stream of streams) stream.emit("error", failure);
  await assert.rejects(users);
  await assert.rejects(watch);
  assert.equal(stalls.stalledIn, undefined);
});
