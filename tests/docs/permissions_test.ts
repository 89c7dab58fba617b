/** What docs/permissions.md says is compared with the invitations. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { PERMISSION_BITS } from "../../src/discord/permissions.ts";
import { PAGES, readPage, section, tableRows } from "./pages.ts";

Deno.test("the permissions add up to the number in each invitation", async () => {
  const page = await readPage("docs/permissions.md");
  const sum = tableRows(section(page, "## In Discord"))
    .reduce((total, [, value]) => total + Number(value), 0);
  strictEqual(sum, 274877991936);
  const pages = await Promise.all(PAGES.map(readPage));
  const numbers = pages.join("\n").matchAll(/permissions=(\d+)/g)
    .map(([, number]) => Number(number)).toArray();
  ok(numbers.length >= 3);
  const withThreads = sum +
    Number(PERMISSION_BITS["Create Public Threads"]);
  deepStrictEqual(
    numbers.filter((number) => number !== sum && number !== withThreads),
    [],
  );
});
