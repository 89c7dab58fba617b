/** Every test that the pages about faults name is there. */

import { deepStrictEqual, ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const PAGES = ["docs/reliability-evidence.md", "docs/reliability-search.md"];
const TEXT = (await Promise.all(
  PAGES.map((page) => Deno.readTextFile(new URL(page, ROOT))),
)).join("\n");

/** What the page calls a test: `file` › name, up to the end of the cell or its next line. */
const NAMED = /`([\w/]+\.ts)` › (.+?)(?= *(?:\||<br>|$))/gm;

/** How a file can put together a name: texts, and templates cut at their holes. */
interface Names {
  readonly texts: ReadonlySet<string>;
  readonly templates: readonly (readonly string[])[];
}

function namesIn(source: string): Names {
  const texts = [...source.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)]
    .map(([, text = ""]) => text.replaceAll(/\\(.)/g, "$1"));
  const templates = [...source.matchAll(/`((?:[^`\\]|\\.)*)`/g)]
    .map(([, text = ""]) => text.split(/\$\{[^}]*\}/));
  // A key of an object needs no quotes.
  const keys = [...source.matchAll(/^ *(\w+):/gm)].map(([, key = ""]) => key);
  return { texts: new Set([...texts, ...keys]), templates };
}

function has({ texts, templates }: Names, name: string): boolean {
  if (texts.has(name)) return true;
  const isPrefixed = [...texts].some((text) =>
    text.endsWith(" ") && name.startsWith(text) &&
    texts.has(name.slice(text.length))
  );
  return isPrefixed || templates.some((parts) => {
    const pattern = parts.map((part) => RegExp.escape(part)).join("(.*)");
    const filled = new RegExp(`^${pattern}$`).exec(name)?.slice(1);
    return filled !== undefined && parts.length > 1 &&
      parts.some((part) => part.trim() !== "") &&
      filled.every((text) => texts.has(text) || /^\d+$/.test(text));
  });
}

Deno.test(
  "has() knows names that are put together",
  { permissions: "none" },
  () => {
    const names = namesIn(
      'const a = "x y"; f(`W1: ${a} ends`); g("late: " + a);',
    );
    ok(has(names, "x y"));
    ok(has(names, "W1: x y ends"));
    ok(has(names, "late: x y"));
    ok(!has(names, "W1: z ends"));
    ok(!has(names, "x"));
  },
);

Deno.test("each test that the pages name exists", async () => {
  const named = [...TEXT.matchAll(NAMED)]
    .map(([, file = "", name = ""]) => ({ file, name }));
  ok(named.length > 70, `only ${named.length} tests are named`);
  // What is written as a reference is read as one.
  deepStrictEqual(named.length, TEXT.split("` › ").length - 1 - PAGES.length);
  const missing: string[] = [];
  for (const { file, name } of named) {
    const url = new URL(`tests/${file}`, ROOT);
    const source = await Deno.readTextFile(url).catch(() => "");
    if (!has(namesIn(source), name)) missing.push(`${file} › ${name}`);
  }
  deepStrictEqual(missing, []);
});

Deno.test("each table has a test in each of its rows", () => {
  const rows = TEXT.split("\n").filter((line) => line.startsWith("| "));
  const bare = rows.filter((row) =>
    row.split("|").length === 6 && !row.includes("` › ") &&
    !/\| (?:Test|-+) /.test(row)
  );
  deepStrictEqual(bare, []);
});

Deno.test("each task that the pages name is there", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  for (const [, task = ""] of TEXT.matchAll(/deno task ([\w:]+)/g)) {
    ok(Object.hasOwn(tasks, task), task);
  }
});
