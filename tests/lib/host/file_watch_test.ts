import assert from "node:assert/strict";
import {
  FileWatch,
  type WatchFolders,
} from "../../../src/lib/host/file_watch.ts";

Deno.test("an error of the watcher is no unhandled one, and the files are watched again", async () => {
  let opened = 0;
  const again = Promise.withResolvers<void>();
  const changed = Promise.withResolvers<void>();
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
  using _watch = new FileWatch(["/nowhere/identity"], changed.resolve, failing);
  // What changed while nobody told is looked for.
  await Promise.all([again.promise, changed.promise]);
  assert.equal(opened, 2);
});
