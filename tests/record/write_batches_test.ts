import assert from "node:assert/strict";
import { WriteBatches } from "../../src/record/write_batches.ts";

const pure = { permissions: "none" } as const;

/** Batches whose writes end when the test says so. */
function setUp() {
  const writes: {
    readonly changes: readonly string[];
    readonly done: PromiseWithResolvers<string>;
  }[] = [];
  const batches = new WriteBatches<string, string>((changes) => {
    const done = Promise.withResolvers<string>();
    writes.push({ changes, done });
    return done.promise;
  });
  return { writes, batches };
}

Deno.test(
  "changes that come during a write go into the next one",
  pure,
  async () => {
    const { writes, batches } = setUp();
    const first = batches.add("a");
    const others = Promise.all([batches.add("b"), batches.add("c")]);
    writes[0]?.done.resolve("1");
    assert.equal(await first, "1");
    assert.deepEqual(writes.map(({ changes }) => changes), [["a"], ["b", "c"]]);
    writes[1]?.done.resolve("2");
    assert.deepEqual(await others, ["2", "2"]);
    await Promise.resolve();
    assert.equal(batches.isWriting, false);
  },
);

Deno.test(
  "a write that fails is told to those who asked for it, and the next is made",
  pure,
  async () => {
    const { writes, batches } = setUp();
    const failing = batches.add("a");
    const next = batches.add("b");
    writes[0]?.done.reject(new Error("no"));
    await assert.rejects(failing, /no/);
    writes[1]?.done.resolve("2");
    assert.equal(await next, "2");
  },
);
