import assert from "node:assert/strict";
import {
  FileWatch,
  type WatchFolders,
} from "../../../src/lib/host/file_watch.ts";

Deno.test("an error of the watcher is no unhandled one, and the files are watched again", async () => {
  let opened = 0;
  const again = Promise.withResolvers<void>();
  const failing: WatchFolders = () => {
    if (++opened === 2) again.resolve();
    const isFirst = opened === 1;
    return {
      async *[Symbol.asyncIterator]() {
        yield { kind: "access", paths: [] } as Deno.FsEvent;
        if (isFirst) throw new Error("queue overflow");
        await new Promise<void>(() => {});
      },
      close() {},
    };
  };
  using watch = new FileWatch(["/nowhere/identity"], failing);
  // What changed while nobody told is looked for.
  await Promise.all([again.promise, watch.untilChanged()]);
  assert.equal(opened, 2);
});

Deno.test("changes that never pause are told all the same", async () => {
  let isTold = false;
  let isOver = false;
  const busy: WatchFolders = () => ({
    async *[Symbol.asyncIterator]() {
      for (let i = 0; i < 50 && !isTold; i++) {
        yield { kind: "create", paths: ["/nowhere/other"] } as Deno.FsEvent;
        await new Promise((done) => setTimeout(done, 10));
      }
      isOver = !isTold;
      await new Promise<void>(() => {});
    },
    close() {},
  });
  using watch = new FileWatch(["/nowhere/identity"], busy);
  await watch.untilChanged();
  isTold = true;
  assert.ok(!isOver, "told only after the last change");
});
