/** What README shows is what the program shows, and it stays short. */

import { ok, strictEqual } from "node:assert/strict";
import { readPage } from "./pages.ts";

const README = await readPage("README.md");

Deno.test("README: it says how to see it at work and how to test it", () => {
  for (const task of ["demo", "test"] as const) {
    ok(README.includes(`\nnpx -y deno@2.9.6 task ${task}`));
  }
});

Deno.test("README: a newcomer sees the demo, not what Deno downloads for it", () => {
  const [first] = README.match(/^npx -y deno@\S+ task .*demo\b/m) ?? [];
  strictEqual(first, "npx -y deno@2.9.6 task --quiet demo");
});
