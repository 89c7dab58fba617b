/** Links, anchors and sizes of all pages. */

import { deepStrictEqual, ok } from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { PAGES, proseOf, readPage, ROOT } from "./pages.ts";

/** Most bytes that a page may have; a page with evidence is looked up, not read. */
function limitOf(path: string): number {
  if (path === "README.md") return 12_000;
  return path.endsWith("-evidence.md") ? Infinity : 15_000;
}

for (const path of PAGES) {
  Deno.test(`${path}: its tasks, links and anchors lead somewhere`, async () => {
    const place = new URL(path, ROOT);
    const text = await Deno.readTextFile(place);
    for (
      const [, task = ""] of text.matchAll(
        /deno(?:@[\d.]+)? task (?:--quiet )?([\w:]+)/g,
      )
    ) {
      ok(Object.hasOwn(manifest.tasks, task), `no task ${task}`);
    }
    for (const target of targetsOf(text)) {
      if (target.startsWith("https://")) continue;
      const { hash, href } = new URL(target, place);
      const linked = await Deno.readTextFile(new URL(href.replace(hash, "")));
      ok(
        hash === "" || anchorsOf(linked).includes(decodeURI(hash.slice(1))),
        `no anchor ${target}`,
      );
    }
  });

  if (!path.startsWith("docs/design/")) {
    Deno.test(`${path}: it is no longer than a reader's patience`, async () => {
      const { size } = await Deno.stat(new URL(path, ROOT));
      ok(size <= limitOf(path), `${size} bytes`);
    });
  }
}

Deno.test("docs/README.md leads to every page", async () => {
  const place = new URL("docs/README.md", ROOT);
  const reached = targetsOf(await readPage("docs/README.md"))
    .map((target) => new URL(target, place).href.replace(/#.*/, ""));
  const missing = PAGES.filter((path) =>
    !reached.includes(new URL(path, ROOT).href) &&
    path !== "docs/README.md" && !path.startsWith("docs/design/")
  );
  deepStrictEqual(missing, []);
});

Deno.test("README leads to docs/README.md, and each page is reached by links from it", async () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    const place = new URL(path, ROOT);
    for (const target of targetsOf(await readPage(path))) {
      const { href } = new URL(target, place);
      const next = href.replace(/#.*/, "").replace(ROOT.href, "");
      if (PAGES.includes(next)) reached.add(next);
    }
  }
  const missing = PAGES.filter((path) =>
    !reached.has(path) && !path.startsWith("docs/design/")
  );
  deepStrictEqual(missing, []);
});

/** Returns where the links of a page lead. */
function targetsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = ""]) => target);
}

/** Returns the anchors that headings get. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\d\s_-]/gu, "").replaceAll(" ", "-")
  );
}
