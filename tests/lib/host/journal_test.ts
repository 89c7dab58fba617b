import assert from "node:assert/strict";
import { isJournal, withPriorities } from "../../../src/lib/host/journal.ts";

const pure = { permissions: "none" } as const;
const stat = () => Promise.resolve({ dev: 9, ino: 123456789012345678901n });

Deno.test("isJournal() compares device and inode", pure, async () => {
  assert(await isJournal("9:123456789012345678901", stat));
  assert(!await isJournal("9:123456789012345678902", stat));
  assert(!await isJournal("8:123456789012345678901", stat));
  for (const none of [undefined, ""]) assert(!await isJournal(none, stat));
  assert(
    !await isJournal("9:1", () => Promise.reject(new Error("closed"))),
  );
});

Deno.test("withPriorities() marks each line", pure, () => {
  assert.equal(
    withPriorities("error: a\nhint: b\nwarning: c\n\n"),
    "<3>error: a\n<3>hint: b\n<4>warning: c\n\n",
  );
});
