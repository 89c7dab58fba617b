/** Every document that the code names is in the repository, and has the section that is named. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { listFiles, PAGES, ROOT, sectionsOf } from "./design_pages.ts";

/** Folders of which every file is looked at, with the kinds of files in them that are text. */
const FOLDERS = [
  "src",
  "tests",
  "proto",
  "packaging",
  "bench",
  "soak",
  "demo",
  "programs",
];
const TEXT = /\.(?:ts|js|proto|ya?ml|toml|sh|json|tpl|txt|service|conf)$/;

/** A page of the design, and the sections that stand behind its name: `docs/design/x.md 1, 2.3 to 2.5`. */
const CITATION =
  /docs\/design\/(?<page>[\w-]+)\.md(?: (?<sections>\d+(?:\.\d+)*(?:(?:, | to )\d+(?:\.\d+)*)*))?/g;

/** Any document, by its path from the root, from `docs/` or from where it is named. */
const DOCUMENT = /(?<![\w/.{}$-])(?<path>(?:\.{1,2}\/)*\w[\w./-]*\.md)\b/g;

/** A weakness of the official plugin. */
const WEAKNESS = /\bW(?<number>[1-9]\d?)\b/g;

/** Tests that are about pages as a whole, or make up citations. */
const ABOUT_PAGES = "tests/docs/";

const sources = await readSources();

Deno.test("citationsIn() reads each form", { permissions: "none" }, () => {
  const sections = ["1", "2", "2.1", "2.2", "2.3", "3"];
  const text = `docs/design/a.md 1, 2.3. Then docs/design/b.md 2.1 to 2.3; ` +
    `docs/design/c.md, and docs/design/d.md 3: x`;
  deepStrictEqual(citationsIn(text, () => sections), [
    { page: "a", sections: ["1", "2.3"] },
    { page: "b", sections: ["2.1", "2.2", "2.3"] },
    { page: "c", sections: [] },
    { page: "d", sections: ["3"] },
  ]);
});

Deno.test("each citation leads to a section of a page of docs/design/", () => {
  const wrong: string[] = [];
  let count = 0;
  for (const { path, text } of sources) {
    for (const { page, sections } of citationsIn(text, sectionsIn)) {
      count++;
      const known = sectionsIn(page);
      if (!PAGES.has(page)) {
        wrong.push(`${path}: there is no docs/design/${page}.md`);
      } else if (sections.length === 0) {
        wrong.push(
          `${path}: name a section, as in "docs/design/${page}.md 1"`,
        );
      }
      for (const section of sections.filter((each) => !known.includes(each))) {
        wrong.push(`${path}: docs/design/${page}.md has no section ${section}`);
      }
    }
  }
  deepStrictEqual(wrong, []);
  ok(count > 150, `only ${count} citations were found`);
});

Deno.test("each other document that the code names is in the repository", async () => {
  const wrong: string[] = [];
  for (const { path, text } of sources) {
    for (const { groups } of text.matchAll(DOCUMENT)) {
      const name = groups?.path ?? "";
      const places = [ROOT, new URL("docs/", ROOT), new URL(path, ROOT)]
        .map((base) => new URL(name, base));
      const found = await Promise.all(places.map(exists));
      if (!found.includes(true)) {
        wrong.push(
          `${path} names ${name}: write down what the code relies on in docs/design/ and name that page`,
        );
      }
    }
  }
  deepStrictEqual(wrong, []);
});

Deno.test("each weakness that is named is in the table of docs/design/official-plugin.md", () => {
  const table = PAGES.get("official-plugin") ?? "";
  const known = [...table.matchAll(/^\| W(\d+) +\|/gm)].map(([, n]) => n);
  ok(known.length > 30);
  const wrong = sources.flatMap(({ path, text }) =>
    [...text.matchAll(WEAKNESS)]
      .map(({ groups }) => groups?.number ?? "")
      .filter((number) => !known.includes(number))
      .map((number) => `${path} names W${number}`)
  );
  deepStrictEqual(wrong, []);
});

interface Citation {
  readonly page: string;
  readonly sections: readonly string[];
}

/** @param sectionsIn Returns the numbers of a page's sections, in their order: what a range goes through. */
function citationsIn(
  text: string,
  sectionsIn: (page: string) => readonly string[],
): readonly Citation[] {
  return [...text.matchAll(CITATION)].map(({ groups }) => {
    const page = groups?.page ?? "";
    const parts = groups?.sections?.split(", ") ?? [];
    const sections = parts.flatMap((part) => {
      const [first = "", last] = part.split(" to ");
      return last === undefined
        ? [first]
        : between(sectionsIn(page), first, last);
    });
    return { page, sections };
  });
}

/** The sections of one level from the first to the last; the two themselves even if there are no such ones. */
function between(
  known: readonly string[],
  first: string,
  last: string,
): readonly string[] {
  const [from, to] = [known.indexOf(first), known.indexOf(last)];
  if (from < 0 || to < from) return [first, last];
  const level = first.split(".").length;
  return known.slice(from, to + 1)
    .filter((each) => each.split(".").length === level);
}

function sectionsIn(page: string): readonly string[] {
  return sectionsOf(PAGES.get(page) ?? "");
}

async function readSources(): Promise<
  readonly { readonly path: string; readonly text: string }[]
> {
  const paths = ["main.ts"];
  for (const folder of FOLDERS) {
    for (const path of await listFiles(folder)) {
      if (TEXT.test(path) && !path.startsWith(ABOUT_PAGES)) paths.push(path);
    }
  }
  return await Promise.all(paths.map(async (path) => ({
    path,
    text: await Deno.readTextFile(new URL(path, ROOT)),
  })));
}

async function exists(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(() => true, () => false);
}
