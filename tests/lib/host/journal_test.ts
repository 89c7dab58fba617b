import assert from "node:assert/strict";
import { isJournal, withPriorities } from "../../../src/lib/host/journal.ts";

const pure = { permissions: "none" } as const;
const stat = () => ({ dev: 9, ino: 123456789012345678901n });

Deno.test("isJournal() compares device and inode", pure, () => {
  assert(isJournal("9:123456789012345678901", stat));
  assert(!isJournal("9:123456789012345678902", stat));
  assert(!isJournal("8:123456789012345678901", stat));
  for (const none of [undefined, ""]) assert(!isJournal(none, stat));
  assert(
    !isJournal("9:1", () => {
      throw new Error("closed");
    }),
  );
});

Deno.test("withPriorities() marks each line", pure, () => {
  assert.equal(
    withPriorities("error: a\nhint: b\nwarning: c\n\n"),
    "<3>error: a\n<3>hint: b\n<4>warning: c\n\n",
  );
});
