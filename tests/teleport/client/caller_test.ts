import { type Client, status } from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { StallDetector } from "../../../src/lib/async/stall_detector.ts";
import { Caller, type Timeout } from "../../../src/teleport/client/caller.ts";
import { FakeClock } from "../../fakes/clock.ts";

const { signal } = new AbortController();

const TIMEOUTS = { callMs: 10_000, bulkMs: 60_000 };

/** Returns a method whose messages are texts. */
function method(name: string) {
  return {
    path: `/proto.AuthService/${name}`,
    requestSerialize: () => Buffer.alloc(0),
    responseDeserialize: () => "",
  };
}

function callerOf(client: object, stalls: StallDetector): Caller {
  const timeouts = TIMEOUTS;
  return new Caller({ client: () => client as Client, timeouts, stalls });
}

Deno.test("a call that does not even end with its deadline shows that the program is stuck", async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  let answer = () => {};
  const makeUnaryRequest = (...args: unknown[]) => {
    const callback = args.at(-1) as (error: null, response: string) => void;
    answer = () => callback(null, "there");
    return { cancel() {} };
  };
  const caller = callerOf({ makeUnaryRequest }, stalls);
  const call = caller.unary(method("GetRole"), {}, signal);
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
  const streams: EventEmitter[] = [];
  const makeServerStreamRequest = () => {
    const stream = new EventEmitter();
    streams.push(stream);
    return Object.assign(stream, { cancel() {} });
  };
  const caller = callerOf({ makeServerStreamRequest }, stalls);
  const read = (name: string, timeout: Timeout) =>
    caller.stream(method(name), {}, () => {}, signal, timeout);
  const failure = { code: status.UNAVAILABLE, details: "gone" };
  const watch = read("WatchEvents", Infinity);
  await clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
  const users = read("GetUsers", "bulkMs");
  await clock.advance(180_001);
  assert.equal(stalls.stalledIn, "GetUsers");
  for (const stream of streams) stream.emit("error", failure);
  await assert.rejects(users);
  await assert.rejects(watch);
  assert.equal(stalls.stalledIn, undefined);
});
