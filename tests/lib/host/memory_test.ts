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

/** Runs a program that has imported the module, with the flags that are shipped, and returns what it prints. */
async function runWithFlags(program: string): Promise<string> {
  const module = new URL("../../../src/lib/host/memory.ts", import.meta.url);
  return await run(Deno.execPath(), [
    "eval",
    `--v8-flags=${V8_FLAGS.join()}`,
    `import * as memory from ${JSON.stringify(module.href)}; ${program}`,
  ]);
}

Deno.test("the flags that are shipped let the program collect garbage", async () => {
  const out = await runWithFlags(`
    let garbage = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const before = Deno.memoryUsage().heapUsed;
    garbage = undefined;
    memory.collectGarbage();
    console.log(before - Deno.memoryUsage().heapUsed);`);
  assert(Number(out) > 2 * MIB, out);
});

Deno.test("a large answer leaves no buffers behind, on the way and in the end", async () => {
  const out = await runWithFlags(`
    const heldMib = () => Deno.memoryUsage().external / ${MIB};
    let onTheWayMib = 0;
    async function arrive(parts) {
      for (let i = 0; i < 32; i++) {
        for (let j = 0; j < 64; j++) {
          const part = new Uint8Array(16 * 1024).fill(1);
          parts?.push(part);
        }
        await new Promise((resolve) => setTimeout(resolve, 6));
        if (!parts) onTheWayMib = Math.max(onTheWayMib, heldMib());
      }
      return parts?.length;
    }
    await memory.receiveLarge(arrive());
    const parts = await memory.receiveLarge(arrive([]));
    console.log(JSON.stringify({ onTheWayMib, parts, leftMib: heldMib() }));`);
  const { onTheWayMib, parts, leftMib } = JSON.parse(out);
  assert(onTheWayMib < 16, out);
  assert.equal(parts, 2048);
  assert(leftMib < 16, out);
});
