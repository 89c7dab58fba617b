import assert from "node:assert/strict";
import { V8_FLAGS } from "../../../packaging/permissions.ts";
import { run } from "../../../programs/command.ts";
import { PauseCollector } from "../../../src/lib/host/memory.ts";
import { FakeClock } from "../../fakes/clock.ts";

const MIB = 2 ** 20;

/** A process that uses as much memory as is said, until it is collected. */
function collectorOf(clock: FakeClock) {
  const stopping = new AbortController();
  const memory = { heldBytes: 16 * MIB, collections: 0 };
  const collector = new PauseCollector({
    clock,
    stop: stopping.signal,
    collect: () => {
      memory.collections++;
      memory.heldBytes = 18 * MIB;
    },
    heldBytes: () => memory.heldBytes,
  });
  return { memory, collector, stopping };
}

Deno.test("garbage is collected once there is a pause", async () => {
  const clock = new FakeClock();
  const { memory, collector } = collectorOf(clock);
  memory.heldBytes = 30 * MIB;
  for (let i = 0; i < 10; i++) {
    collector.worked();
    await clock.advance(900);
  }
  assert.equal(memory.collections, 0);
  await clock.advance(100);
  assert.equal(memory.collections, 1);
  await clock.advance(60_000);
  assert.equal(memory.collections, 1);
  assert.equal(clock.sleepers, 0);
});

Deno.test("little garbage is left alone", async () => {
  const clock = new FakeClock();
  const { memory, collector } = collectorOf(clock);
  memory.heldBytes = 23 * MIB;
  collector.worked();
  await clock.advance(1000);
  assert.equal(memory.collections, 0);
  memory.heldBytes = 24 * MIB;
  collector.worked();
  await clock.advance(1000);
  assert.equal(memory.collections, 1);
  // Counted from what that left.
  memory.heldBytes = 25 * MIB;
  collector.worked();
  await clock.advance(1000);
  assert.equal(memory.collections, 1);
});

Deno.test("nothing is collected once the program ends", async () => {
  const clock = new FakeClock();
  const { memory, collector, stopping } = collectorOf(clock);
  memory.heldBytes = 30 * MIB;
  collector.worked();
  stopping.abort();
  await clock.advance(1000);
  assert.equal(memory.collections, 0);
  assert.equal(clock.sleepers, 0);
});

Deno.test("the flags that are shipped let the program collect garbage", async () => {
  const module = new URL("../../../src/lib/host/memory.ts", import.meta.url);
  const out = await run(Deno.execPath(), [
    "eval",
    `--v8-flags=${V8_FLAGS.join()}`,
    `import { collectGarbage } from ${JSON.stringify(module.href)};
    let garbage = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const before = Deno.memoryUsage().heapUsed;
    garbage = undefined;
    collectGarbage();
    console.log(before - Deno.memoryUsage().heapUsed);`,
  ]);
  assert(Number(out) > 2 * MIB, out);
});
