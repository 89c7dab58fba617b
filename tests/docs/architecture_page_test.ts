/** docs/design/architecture.md and paths.md say what the sources are: rooms, files and functions by their names. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { listFiles, PAGES, ROOT } from "./design_pages.ts";

const PAGE = PAGES.get("architecture") ?? "";
const FILES = (await listFiles("src")).filter((path) => path.endsWith(".ts"))
  .map((path) => path.slice("src/".length));

/** A step of the walk: `file.ts` `function`, `Class.method`: what it does. */
const STEP = /^(?<step>\d+)\. `(?<file>[\w/]+\.ts)` (?<names>`[^:]+`):/;

/** Returns the text below a heading that begins with a number, up to the next of its level. */
function sectionOf(number: number): string {
  const [, rest = ""] = PAGE.split(new RegExp(`^## ${number} .*$`, "m"));
  return rest.split(/^## /m)[0] ?? "";
}

/** Returns the items of the numbered list, each as one line. */
function stepsOf(section: string): readonly string[] {
  return section.replace(/\n {2,}(?=\S)/g, " ").split("\n")
    .filter((line) => /^\d+\. /.test(line));
}

/** Whether a source declares a function, or a method `Class.method`. */
function declares(source: string, name: string): boolean {
  const [owner = "", method] = name.split(".");
  if (method === undefined) {
    return new RegExp(`^(?:export )?(?:async )?function ${owner}\\b`, "m")
      .test(source);
  }
  const isOwner = new RegExp(`^(?:export )?class ${owner}\\b`, "m").test(
    source,
  );
  return isOwner &&
    new RegExp(`^ {2}(?:async )?${RegExp.escape(method)}(?:<|\\()`, "m")
      .test(source);
}

Deno.test(
  "declares() knows functions and methods",
  { permissions: "none" },
  () => {
    const source = "export class A {\n  async #b<T>(c: T) {}\n}\n" +
      "export async function d() {}\n";
    ok(declares(source, "A.#b") && declares(source, "d"));
    ok(!declares(source, "A.#c") && !declares(source, "B.#b"));
    ok(!declares(source, "e"));
  },
);

/** Returns the functions and files that the steps name, and what of it is not so. */
async function follow(steps: readonly string[]) {
  const wrong: string[] = [];
  const names = new Set<string>();
  const files = new Set<string>();
  for (const step of steps) {
    const { file, names: list } = STEP.exec(step)?.groups ?? {};
    if (file === undefined || list === undefined) {
      wrong.push(`not a step: ${step}`);
      continue;
    }
    files.add(file);
    const path = file === "main.ts" ? file : `src/${file}`;
    const source = await Deno.readTextFile(new URL(path, ROOT))
      .catch(() => "");
    for (const name of list.split(", ").map((each) => each.slice(1, -1))) {
      names.add(name);
      if (!declares(source, name)) wrong.push(`${file} has no ${name}`);
    }
  }
  return { names, files, wrong };
}

Deno.test("each function on the path of one event is where the page says", async () => {
  const { names, files, wrong } = await follow(stepsOf(sectionOf(3)));
  deepStrictEqual(wrong, []);
  const said = `These are ${names.size} functions in ${files.size} files.`;
  ok(sectionOf(3).includes(said), said);
  ok(names.size <= 20 && files.size <= 12, said);
});

Deno.test("so is each on the other paths", async () => {
  const { names, wrong } = await follow(stepsOf(PAGES.get("paths") ?? ""));
  deepStrictEqual(wrong, []);
  ok(names.size > 20);
});

Deno.test("the table of rooms is the list of the architecture test, in its order", async () => {
  const test = await Deno.readTextFile(
    new URL("tests/architecture_test.ts", ROOT),
  );
  const [, list = ""] = /^const ROOMS[^{]*\{([^]*?)^\};/m.exec(test) ?? [];
  const rooms = [...list.matchAll(/^ {2}"([\w/]+\/)":/gm)].map(([, r]) => r);
  ok(rooms.length > 30);
  const rows = [...sectionOf(2).matchAll(/^\| `([\w/]+\/)` +\|/gm)]
    .map(([, room]) => room);
  deepStrictEqual(rows, rooms);
});

Deno.test("each source that a design page names by its folder is there", () => {
  const known = new Set(FILES.flatMap((file) => [file, `src/${file}`]));
  const wrong = [...PAGES].flatMap(([page, text]) =>
    [...text.matchAll(/`([\w/]+\/\w+\.ts)`/g)]
      .map(([, path = ""]) => path)
      .filter((path) => !path.startsWith("tests/") && !known.has(path))
      .map((path) => `${page}: ${path}`)
  );
  deepStrictEqual(wrong, []);
});

Deno.test("each file and folder that the page names is there", () => {
  const named = [...PAGE.matchAll(/`([\w/]+(?:\.ts|\/))`/g)]
    .map(([, path = ""]) => path);
  const known = [...FILES, ...FILES.map((file) => `src/${file}`)];
  const outside = ["src/", "proto/", "domain/", "service/"];
  const wrong = named.filter((path) =>
    !outside.includes(path) && !path.startsWith("tests/") &&
    !(path.endsWith("/")
      ? FILES.some((file) => file.startsWith(path))
      : known.includes(path))
  );
  deepStrictEqual(wrong, []);
});
