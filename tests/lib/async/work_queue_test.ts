import fc from "fast-check";
import assert from "node:assert/strict";
import { WorkQueue } from "../../../src/lib/async/work_queue.ts";
import { FakeClock } from "../../fakes/clock.ts";

const permissions = "none";

const { signal } = new AbortController();

/** A queue whose work ends when the test says so. */
function setUp(concurrency = 10) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const started: string[] = [];
  const running = new Map<string, () => void>();
  const queue = new WorkQueue({
    concurrency,
    clock,
    signal: controller.signal,
    work: (key) => {
      assert.ok(!running.has(key), `${key} runs twice at the same time`);
      started.push(key);
      const { promise, resolve } = Promise.withResolvers<void>();
      running.set(key, () => {
        running.delete(key);
        resolve();
      });
      return promise;
    },
  });
  return {
    clock,
    controller,
    queue,
    /** Every key whose work was started, in order. */
    started,
    running,
    /** Ends the work on a key, and lets the queue go on. */
    finish: async (key: string) => {
      const end = running.get(key);
      assert.ok(end !== undefined, `${key} does not run`);
      end();
      await clock.advance(0);
    },
  };
}

Deno.test("keys start at once, as long as there is room", {
  permissions,
}, async () => {
  const { queue, started, finish } = setUp(2);
  for (const key of ["a", "b", "c", "d"]) queue.add(key);
  assert.deepEqual(started, ["a", "b"]);
  assert.equal(queue.depth, 4);
  await finish("b");
  assert.deepEqual(started, ["a", "b", "c"]);
  await finish("a");
  await finish("c");
  await finish("d");
  assert.deepEqual(started, ["a", "b", "c", "d"]);
  assert.equal(queue.depth, 0);
});

Deno.test("a key that waits already keeps its place", {
  permissions,
}, async () => {
  const { queue, started, finish } = setUp(1);
  for (const key of ["a", "b", "c", "b", "c", "b"]) queue.add(key);
  assert.equal(queue.depth, 3);
  await finish("a");
  await finish("b");
  await finish("c");
  assert.deepEqual(started, ["a", "b", "c"]);
});

Deno.test("ten events during a round cost one more round", {
  permissions,
}, async () => {
  const { queue, started, finish } = setUp();
  for (let n = 0; n < 11; n++) queue.add("a");
  assert.deepEqual(started, ["a"]);
  await finish("a");
  assert.deepEqual(started, ["a", "a"]);
  await finish("a");
  assert.deepEqual(started, ["a", "a"]);
});

Deno.test("a key that runs again goes behind those that wait", {
  permissions,
}, async () => {
  const { queue, started, finish } = setUp(1);
  for (const key of ["a", "b", "a"]) queue.add(key);
  await finish("a");
  await finish("b");
  await finish("a");
  assert.deepEqual(started, ["a", "b", "a"]);
});

Deno.test("work may add its own key and others", { permissions }, async () => {
  const clock = new FakeClock();
  const started: string[] = [];
  const queue: WorkQueue = new WorkQueue({
    concurrency: 2,
    clock,
    signal: new AbortController().signal,
    work: (key) => {
      started.push(key);
      if (started.length === 1) {
        for (const k of ["a", "b", "c"]) queue.add(k);
      }
      return Promise.resolve();
    },
  });
  queue.add("a");
  await queue.idle();
  assert.deepEqual(started, ["a", "b", "c", "a"]);
});

Deno.test("addAfter() starts a key at its time", { permissions }, async () => {
  const { queue, clock, started } = setUp();
  queue.addAfter("a", 2000);
  queue.addAfter("b", 1000);
  assert.equal(queue.depth, 0);
  await clock.advance(999);
  assert.deepEqual(started, []);
  await clock.advance(1);
  assert.deepEqual(started, ["b"]);
  await clock.advance(1000);
  assert.deepEqual(started, ["b", "a"]);
});

Deno.test("of several times of a key the earliest counts", {
  permissions,
}, async () => {
  const { queue, clock, started, finish } = setUp();
  queue.addAfter("a", 3000);
  await clock.advance(500);
  for (const ms of [5000, 1000, 2000]) {
    queue.addAfter("a", ms);
    await clock.advance(0);
    assert.equal(clock.sleepers, 1);
  }
  await clock.advance(1000);
  assert.deepEqual(started, ["a"]);
  await finish("a");
  // The time has been used up: the next one counts again, however late.
  queue.addAfter("a", 9000);
  await clock.advance(8999);
  assert.deepEqual(started, ["a"]);
  await clock.advance(1);
  assert.deepEqual(started, ["a", "a"]);
});

Deno.test("a time that comes while its key runs makes it run again", {
  permissions,
}, async () => {
  const { queue, clock, started, finish } = setUp();
  queue.add("a");
  queue.addAfter("a", 1000);
  await clock.advance(1000);
  assert.deepEqual(started, ["a"]);
  await finish("a");
  assert.deepEqual(started, ["a", "a"]);
});

Deno.test("after the signal nothing starts, and no timer is left", {
  permissions,
}, async () => {
  const { queue, clock, controller, started, finish } = setUp(1);
  for (const key of ["a", "b", "a"]) queue.add(key);
  queue.addAfter("c", 1000);
  await clock.advance(0);
  assert.equal(clock.sleepers, 1);
  controller.abort(new Error("stop"));
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
  queue.add("d");
  queue.addAfter("e", 0);
  await clock.advance(2000);
  await finish("a");
  queue.add("f");
  assert.deepEqual(started, ["a"]);
  assert.equal(queue.depth, 0);
});

Deno.test("idle() waits for what runs and for what waits", {
  permissions,
}, async () => {
  const { queue, clock, finish } = setUp(1);
  await queue.idle();
  for (const key of ["a", "b", "b"]) queue.add(key);
  queue.addAfter("c", 1000);
  let idle = 0;
  const waits = [queue.idle(), queue.idle()].map((wait) =>
    wait.then(() => idle++)
  );
  await finish("a");
  assert.equal(idle, 0);
  await finish("b");
  await Promise.all(waits);
  assert.equal(idle, 2);
  // What is due later does not hold it up.
  await queue.idle();
  await clock.advance(1000);
  const again = queue.idle().then(() => idle++);
  await clock.advance(0);
  assert.equal(idle, 2);
  await finish("c");
  await again;
});

Deno.test(
  "idle() waits for what runs when the queue ends, but for nothing else",
  {
    permissions,
  },
  async () => {
    const { queue, controller, started, finish } = setUp(2);
    for (const key of ["a", "b", "c", "a"]) queue.add(key);
    controller.abort(new Error("stop"));
    let idle = false;
    const wait = queue.idle().then(() => idle = true);
    await finish("a");
    assert.ok(!idle);
    await finish("b");
    await wait;
    assert.deepEqual(started, ["a", "b"]);
  },
);

Deno.test("no key overtakes itself, none is lost, and never do too many run", {
  permissions,
}, async () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom("a", "b", "c", "d", "e") }),
    fc.record({
      add: fc.constantFrom("a", "b", "c", "d", "e"),
      afterMs: fc.nat(50),
    }),
    fc.record({ finish: fc.nat(4) }),
    fc.record({ advance: fc.nat(30) }),
  );
  const steps = fc.array(step, { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), steps, async (
      concurrency,
      steps,
    ) => {
      const { queue, clock, started, running, finish } = setUp(concurrency);
      /** When each key was last asked for, counted in starts; its work has to start after that. */
      const askedAt = new Map<string, number>();
      for (const step of steps) {
        if ("add" in step) {
          askedAt.set(step.add, started.length);
          if ("afterMs" in step) queue.addAfter(step.add, step.afterMs);
          else queue.add(step.add);
        } else if ("finish" in step) {
          const key = [...running.keys()][step.finish];
          if (key !== undefined) await finish(key);
        } else await clock.advance(step.advance);
        assert.ok(running.size <= concurrency);
      }
      await clock.advance(50);
      while (running.size > 0) {
        for (const key of [...running.keys()]) await finish(key);
      }
      await queue.idle();
      assert.equal(queue.depth, 0);
      assert.equal(clock.sleepers, 0);
      for (const [key, at] of askedAt) {
        assert.ok(started.lastIndexOf(key) >= at, `${key} was lost`);
      }
    }),
  );
});

Deno.test("what fails is told, and keeps nothing from being worked on", {
  permissions,
}, async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const queue = new WorkQueue<string>({
    concurrency: 1,
    work: async (key) => {
      await clock.sleep(10, signal);
      if (key === "bad") throw new Error("no");
      return `did ${key}`;
    },
    onEnd: (key, outcome, ms) => {
      const how = outcome.status === "fulfilled"
        ? outcome.value
        : outcome.reason.message;
      told.push(`${key}: ${how} after ${ms}`);
    },
    clock,
    signal,
  });
  for (const key of ["bad", "good"]) queue.add(key);
  await clock.advance(20);
  assert.deepEqual(told, ["bad: no after 10", "good: did good after 10"]);
  assert.equal(queue.depth, 0);
});
