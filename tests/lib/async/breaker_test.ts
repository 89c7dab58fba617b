import assert from "node:assert/strict";
import { Breaker } from "../../../src/lib/async/breaker.ts";
import { FakeClock } from "../../fakes/clock.ts";

const permissions = "none";
const REASON = new Error("stop");
const TIMES = { firstMs: 60_000, maxMs: 300_000 };

function setUp() {
  const clock = new FakeClock();
  const breaker = new Breaker(TIMES, clock);
  const controller = new AbortController();
  const { signal } = controller;
  const admitted: string[] = [];
  return {
    clock,
    breaker,
    controller,
    signal,
    /** Names who has been let in, in order. */
    admitted,
    enter: async (name = "") => {
      const pass = await breaker.enter(signal);
      admitted.push(name);
      return pass;
    },
  };
}

/** Opens a closed breaker. */
async function trip(breaker: Breaker, signal: AbortSignal): Promise<void> {
  const pass = await breaker.enter(signal);
  assert.ok(pass.fail());
  assert.ok(!breaker.isClosed);
}

Deno.test("a closed breaker lets all calls pass at once", {
  permissions,
}, async () => {
  const { breaker, enter } = setUp();
  const passes = await Promise.all([enter(), enter(), enter()]);
  passes[0]?.succeed();
  passes[1]?.abandon();
  assert.ok(breaker.isClosed);
});

Deno.test("of the calls that fail together the first is news", {
  permissions,
}, async () => {
  const { breaker, clock, enter } = setUp();
  const [first, second, third] = [await enter(), await enter(), await enter()];
  assert.equal(first.fail(), true);
  await clock.advance(1000);
  assert.equal(second.fail(), false);
  // A call from before it opened proves nothing, and the second failure did not double the time.
  third.succeed();
  assert.ok(!breaker.isClosed);
  const trial = enter();
  await clock.advance(58_999);
  assert.equal(clock.sleepers, 1);
  await clock.advance(1);
  (await trial).succeed();
  assert.ok(breaker.isClosed);
});

Deno.test("after its time one call is tried, and the others wait for its end", {
  permissions,
}, async () => {
  const { breaker, signal, clock, enter, admitted } = setUp();
  await trip(breaker, signal);
  const [a, b, c] = [enter("a"), enter("b"), enter("c")];
  await clock.advance(59_999);
  assert.deepEqual(admitted, []);
  await clock.advance(1);
  assert.deepEqual(admitted, ["a"]);
  const late = enter("late");
  await clock.advance(600_000);
  assert.deepEqual(admitted, ["a"]);
  (await a).succeed();
  await Promise.all([b, c, late]);
  assert.deepEqual(new Set(admitted), new Set(["a", "b", "c", "late"]));
  assert.ok(breaker.isClosed);
});

Deno.test("those that wait are tried in turns, whoever fails", {
  permissions,
}, async () => {
  const { breaker, controller, signal, clock, enter, admitted } = setUp();
  await trip(breaker, signal);
  const insist = async (name: string): Promise<void> => {
    (await enter(name)).fail();
    return await insist(name);
  };
  const stopped = ["a", "b", "c"].map((name) =>
    assert.rejects(insist(name), REASON)
  );
  await clock.advance(1_800_000);
  assert.deepEqual(admitted.slice(0, 7), ["a", "b", "c", "a", "b", "c", "a"]);
  controller.abort(REASON);
  await Promise.all(stopped);
});

Deno.test("whoever waits anew keeps the turn", { permissions }, async () => {
  const { breaker, signal, clock } = setUp();
  await trip(breaker, signal);
  const callers = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const tried: string[] = [];
  for (const waitMs of [60_000, 120_000, 240_000, 300_000, 300_000, 300_000]) {
    // All come once more, in the same order, before it is time.
    const left = new AbortController();
    const waits = Promise.allSettled(callers.map(async (caller) => {
      const pass = await breaker.enter(left.signal, caller);
      tried.push(caller.name);
      left.abort(REASON);
      pass.fail();
    }));
    await clock.advance(waitMs);
    await waits;
  }
  assert.deepEqual(tried, ["a", "b", "c", "a", "b", "c"]);
});

Deno.test("whoever is next and gives up lets the next try", {
  permissions,
}, async () => {
  const { breaker, signal, clock, enter, admitted } = setUp();
  await trip(breaker, signal);
  const other = new AbortController();
  const first = assert.rejects(breaker.enter(other.signal), REASON);
  const second = enter("second");
  await clock.advance(30_000);
  other.abort(REASON);
  await first;
  await clock.advance(30_000);
  assert.deepEqual(admitted, ["second"]);
  (await second).succeed();
});

Deno.test("a trial that fails doubles the time, up to the longest", {
  permissions,
}, async () => {
  const { breaker, signal, clock, enter } = setUp();
  await trip(breaker, signal);
  for (const waitMs of [60_000, 120_000, 240_000, 300_000, 300_000]) {
    const startMs = clock.monotonic();
    const trial = await clock.run(enter());
    assert.equal(clock.monotonic() - startMs, waitMs);
    assert.equal(trial.fail(), false);
  }
});

Deno.test("those who wait while a trial fails wait for the next one", {
  permissions,
}, async () => {
  const { breaker, signal, clock, enter, admitted } = setUp();
  await trip(breaker, signal);
  const [a, b] = [enter("a"), enter("b")];
  await clock.advance(60_000);
  (await a).fail();
  await clock.advance(119_999);
  assert.deepEqual(admitted, ["a"]);
  await clock.advance(1);
  (await b).succeed();
  assert.ok(breaker.isClosed);
});

Deno.test("success starts the times over", { permissions }, async () => {
  const { breaker, signal, clock, enter } = setUp();
  await trip(breaker, signal);
  (await clock.run(enter())).fail();
  (await clock.run(enter())).succeed();
  await trip(breaker, signal);
  const startMs = clock.monotonic();
  await clock.run(enter());
  assert.equal(clock.monotonic() - startMs, 60_000);
});

Deno.test(
  "an abandoned trial tells nothing: the next is tried alone, at once",
  {
    permissions,
  },
  async () => {
    const { breaker, signal, clock, enter, admitted } = setUp();
    await trip(breaker, signal);
    const [a, b, c] = [enter("a"), enter("b"), enter("c")];
    await clock.advance(60_000);
    (await a).abandon();
    assert.ok(!breaker.isClosed);
    const second = await b;
    await clock.advance(0);
    assert.deepEqual(admitted, ["a", "b"]);
    assert.equal(second.fail(), false);
    await clock.advance(119_999);
    assert.deepEqual(admitted, ["a", "b"]);
    await clock.advance(1);
    (await c).succeed();
  },
);

Deno.test("the signal ends every wait, and leaves no timer", {
  permissions,
}, async () => {
  const { breaker, signal, controller, clock, enter } = setUp();
  await trip(breaker, signal);
  const other = new AbortController();
  const first = breaker.enter(other.signal);
  const sleeping = enter();
  await clock.advance(0);
  assert.equal(clock.sleepers, 2);
  other.abort(REASON);
  await assert.rejects(first, REASON);
  assert.equal(clock.sleepers, 1);
  controller.abort(REASON);
  await assert.rejects(sleeping, REASON);
  assert.equal(clock.sleepers, 0);
});

Deno.test("the signal ends the wait behind a trial", {
  permissions,
}, async () => {
  const { breaker, signal, controller, clock, enter } = setUp();
  await trip(breaker, signal);
  const trial = await clock.run(enter());
  const behind = enter();
  controller.abort(REASON);
  await assert.rejects(behind, REASON);
  trial.succeed();
  // Even a closed breaker lets nobody in who has been told to stop.
  await assert.rejects(enter(), REASON);
});
