/** The pages of docs/design/ can be cited, found and read on any machine. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { headingsOf, PAGES, sectionsOf } from "./design_pages.ts";

const MAX_BYTES = 15_000;

for (const [name, text] of PAGES) {
  Deno.test(`docs/design/${name}.md has at most 15 KB and names no place of one machine`, () => {
    const bytes = new TextEncoder().encode(text).length;
    ok(bytes <= MAX_BYTES, `${bytes} bytes: split the page`);
    deepStrictEqual(
      text.match(/\/work\/|\.\.\/shared|\/home\/|\/root\//g),
      null,
    );
  });

  if (name === "README") continue;

  Deno.test(`docs/design/${name}.md: each heading but the title has a number, in order`, () => {
    const headings = headingsOf(text).slice(1);
    const numbers = sectionsOf(text);
    ok(numbers.length > 0);
    deepStrictEqual(headings.length, numbers.length);
    const sorted = numbers.toSorted((a, b) =>
      a.localeCompare(b, "en", { numeric: true })
    );
    deepStrictEqual(numbers, sorted);
    deepStrictEqual(new Set(numbers).size, numbers.length);
  });
}

Deno.test("docs/design/README.md lists each page once, with what it says", () => {
  const contents = PAGES.get("README") ?? "";
  const listed = [...contents.matchAll(/\[[^\]]+\]\(([\w-]+)\.md\)/g)]
    .map(([, name]) => name);
  const pages = [...PAGES.keys()].filter((name) => name !== "README");
  deepStrictEqual(listed.toSorted(), pages.toSorted());
});
