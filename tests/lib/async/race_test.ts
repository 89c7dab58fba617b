import assert from "node:assert/strict";
import { race } from "../../../src/lib/async/race.ts";
import { FakeClock } from "../../fakes/clock.ts";

const never = new AbortController().signal;
const pure = { permissions: "none" } as const;

/** An attempt that a test settles, and whether it was started and ended. */
function attempt() {
  const settled = Promise.withResolvers<string>();
  const started = Promise.withResolvers<void>();
  const state = { isStarted: false, isEnded: false };
  const run = (signal: AbortSignal): Promise<string> => {
    state.isStarted = true;
    started.resolve();
    signal.addEventListener("abort", () => {
      state.isEnded = true;
      settled.reject(signal.reason);
    });
    return settled.promise;
  };
  return { ...settled, started: started.promise, state, run };
}

function options(clock: FakeClock) {
  const discarded: string[] = [];
  return {
    clock,
    staggerMs: 250,
    discarded,
    discard: (late: string) => {
      discarded.push(late);
      return Promise.resolve();
    },
  };
}

Deno.test(
  "race() starts the next attempt after a while, and ends the losers",
  pure,
  async () => {
    const clock = new FakeClock();
    const [a, b, c] = [attempt(), attempt(), attempt()];
    const won = race([a.run, b.run, c.run], options(clock), never);
    await a.started;
    assert.equal(b.state.isStarted, false);
    await clock.advance(250);
    await b.started;
    b.resolve("b");
    assert.equal(await won, "b");
    assert.equal(a.state.isEnded, true);
    assert.equal(c.state.isStarted, false);
    assert.equal(clock.sleepers, 0);
  },
);

Deno.test(
  "race() does not wait where an attempt has failed",
  pure,
  async () => {
    const [a, b] = [attempt(), attempt()];
    const won = race([a.run, b.run], options(new FakeClock()), never);
    await a.started;
    a.reject(new Error("a"));
    await b.started;
    b.resolve("b");
    assert.equal(await won, "b");
  },
);

Deno.test(
  "race() tells all errors in the order of the attempts",
  pure,
  async () => {
    const clock = new FakeClock();
    const [a, b] = [attempt(), attempt()];
    const lost = race([a.run, b.run], options(clock), never).catch((e) => e);
    await a.started;
    await clock.advance(250);
    await b.started;
    b.reject(new Error("b"));
    a.reject(new Error("a"));
    const error = await lost;
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(error.errors.map(({ message }) => message), ["a", "b"]);
  },
);

Deno.test("race() ends with an error that is final", pure, async () => {
  const [a, b] = [attempt(), attempt()];
  const lost = race([a.run, b.run], {
    ...options(new FakeClock()),
    isFinal: (error) => error instanceof RangeError,
  }, never).catch((error) => error);
  await a.started;
  a.reject(new RangeError("a"));
  const error = await lost;
  assert.deepEqual(error.errors.map(({ message }: Error) => message), ["a"]);
  assert.equal(b.state.isStarted, false);
});

Deno.test("race() discards what comes too late", pure, async () => {
  const clock = new FakeClock();
  const over = options(clock);
  const late = Promise.withResolvers<string>();
  const b = attempt();
  const won = race([() => late.promise, b.run], over, never);
  await clock.advance(250);
  await b.started;
  b.resolve("b");
  late.resolve("a");
  assert.equal(await won, "b");
  assert.deepEqual(over.discarded, ["a"]);
});

Deno.test("race() ends with the reason of the signal", pure, async () => {
  const stop = new AbortController();
  const a = attempt();
  const lost = race([a.run], options(new FakeClock()), stop.signal)
    .catch((error) => error);
  await a.started;
  const reason = new Error("stopping");
  stop.abort(reason);
  assert.equal(await lost, reason);
  assert.equal(a.state.isEnded, true);
});
