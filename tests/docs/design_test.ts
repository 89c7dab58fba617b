/** The pages of docs/design/ can be cited, found and read on any machine. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { headingsOf, PAGES, ROOT, sectionsOf } from "./design_pages.ts";

const MAX_BYTES = 15_000;
const LINK = /\]\(([^)\s]+)\)/g;

for (const [name, text] of PAGES) {
  Deno.test(`docs/design/${name}.md has at most 15 KB and names no place of one machine`, () => {
    const bytes = new TextEncoder().encode(text).length;
    ok(bytes <= MAX_BYTES, `${bytes} bytes: split the page`);
    deepStrictEqual(
      text.match(/\/work\/|\.\.\/shared|\/home\/|\/root\//g),
      null,
    );
  });

  Deno.test(`docs/design/${name}.md: its links and anchors lead somewhere`, async () => {
    const place = new URL(`docs/design/${name}.md`, ROOT);
    const wrong: string[] = [];
    for (const [, target = ""] of proseOf(text).matchAll(LINK)) {
      if (/^https?:/.test(target)) continue;
      const { hash, href } = new URL(target, place);
      const linked = await Deno.readTextFile(
        new URL(href.slice(0, href.length - hash.length)),
      ).catch(() => undefined);
      if (linked === undefined) wrong.push(`no page ${target}`);
      else if (hash !== "" && !anchorsOf(linked).includes(hash.slice(1))) {
        wrong.push(`no anchor ${target}`);
      }
    }
    deepStrictEqual(wrong, []);
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

function proseOf(page: string): string {
  return page.replace(/^```[^]*?^```$/gm, "").replace(/`[^`\n]+`/g, "");
}

/** Returns the anchors that headings get. */
function anchorsOf(page: string): readonly string[] {
  return headingsOf(page).map((heading) =>
    heading.replace(/^#+ /, "").toLowerCase().replace(/[^\p{L}\d\s_-]/gu, "")
      .replaceAll(" ", "-")
  );
}
