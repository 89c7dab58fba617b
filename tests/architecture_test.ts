/**
 * Keeps the layers apart, by looking at every import of the sources.
 *
 * | folder | imports |
 * | --- | --- |
 * | `domain/` | itself; `re2js` in `predicate/` |
 * | `lib/` | nothing of ours |
 * | `config/`, `teleport/`, `discord/` | `domain/`, `lib/`, not each other; the types of the ports that they implement |
 * | `service/` | `domain/`, `lib/`, the error classes of both sides |
 * | `check/` | `domain/`, `lib/`, names and numbers of the other layers, and their types |
 * | `host/` | `lib/` |
 * | `commands/` and the files beside it | everything |
 */

import { deepStrictEqual, ok } from "node:assert/strict";

const SRC = new URL("../src/", import.meta.url);

interface Import {
  /** Path below `src/`. */
  readonly file: string;
  /** Path below `src/` of a file of ours, or the specifier of a package. */
  readonly target: string;
  readonly isOurs: boolean;
  readonly isTypeOnly: boolean;
  /** Whether it is an `import()`, which loads nothing until it is reached. */
  readonly isLazy: boolean;
}

interface Rule {
  /** Files of ours that may be imported, by how their path begins. */
  readonly ours: readonly string[];
  /** Files of ours of which the types may be imported. */
  readonly types?: readonly string[];
  /** Packages, by how their specifier begins. */
  readonly packages: readonly string[];
}

/** Stands for the files beside the folders, which belong to no layer. */
const TOP = "";

const ERROR_CLASSES = ["teleport/errors.ts", "discord/errors.ts"];

/** The first rule whose path a file begins with holds. */
const RULES: Readonly<Record<string, Rule>> = {
  "domain/predicate/": { ours: ["domain/"], packages: ["re2js"] },
  "domain/": { ours: ["domain/"], packages: [] },
  "lib/": { ours: ["lib/"], packages: ["@logtape/logtape", "node:"] },
  "config/": {
    ours: ["config/", "domain/", "lib/"],
    packages: ["smol-toml", "valibot"],
  },
  "teleport/gen/": {
    ours: ["teleport/gen/"],
    packages: ["@bufbuild/protobuf", "@grpc/grpc-js"],
  },
  "teleport/": {
    ours: ["teleport/", "domain/", "lib/"],
    types: ["service/ports.ts", "service/review_ports.ts"],
    packages: [
      "@bufbuild/protobuf",
      "@grpc/grpc-js",
      "@peculiar/x509",
      "reflect-metadata",
      "valibot",
      "node:",
    ],
  },
  "discord/": {
    ours: ["discord/", "domain/", "lib/"],
    types: ["service/ports.ts", "service/review_ports.ts"],
    packages: ["discord-api-types/v10", "valibot", "node:"],
  },
  "service/": {
    ours: ["service/", "domain/", "lib/", ...ERROR_CLASSES],
    packages: [],
  },
  "check/": {
    ours: [
      "check/",
      "domain/",
      "lib/",
      "config/problem.ts",
      "discord/permissions.ts",
      "exit.ts",
      "version.ts",
    ],
    types: ["config/", "discord/", "teleport/"],
    packages: [],
  },
  "host/": { ours: ["host/", "lib/"], packages: ["node:"] },
};

const imports = [...await readImports()];

Deno.test("the imports are found", () => {
  const files = new Set(imports.map(({ file }) => file));
  ok(files.has("cli.ts") && files.has("config/config.ts"), "no imports found");
});

for (const [folder, rule] of Object.entries(RULES)) {
  Deno.test(`src/${folder} imports only what it may`, () => {
    const wrong = imports.filter((each) =>
      ruleFolder(each.file) === folder && !isAllowed(each, rule)
    );
    deepStrictEqual(wrong.map(describe), []);
  });
}

Deno.test("only src/teleport/ sees generated code", () => {
  const wrong = imports.filter(({ file, target }) =>
    target.startsWith("teleport/gen/") && !file.startsWith("teleport/")
  );
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("packages are imported by the names in deno.json", () => {
  const wrong = imports.filter(({ target }) =>
    /^(?:npm|jsr|https?|data):/.test(target)
  );
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("no folder imports itself by way of others", () => {
  const graph = new Map<string, Set<string>>();
  for (const { file, target, isOurs, isTypeOnly } of imports) {
    const [from, to] = [topFolder(file), topFolder(target)];
    // The error classes are the one thing that the service takes from the outer layers.
    if (!isOurs || isTypeOnly || from === to) continue;
    if (from === TOP || to === TOP) continue;
    if (ERROR_CLASSES.includes(target)) continue;
    graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  deepStrictEqual(findCycle(graph), undefined);
});

Deno.test("the commands that do not connect load neither gRPC nor Discord", () => {
  const loaded = new Set(["cli.ts"]);
  for (const file of loaded) {
    for (const each of imports) {
      if (each.file !== file || each.isTypeOnly || each.isLazy) continue;
      loaded.add(each.target);
    }
  }
  const wrong = [...loaded].filter((target) =>
    /^(?:teleport|discord|service)\/|^@grpc|^@bufbuild|^@logtape/.test(target)
  );
  deepStrictEqual(wrong, []);
});

Deno.test("parseImports() reads each form", () => {
  const source = `
    /* import "no" */ import a, { b, type C } from "./x.ts";
    // import "no";
    import type { D } from "./y.ts";
    import {
      type E,
      type F,
    } from "./z.ts";
    export * from "pkg";
    import "side/effect";
    const g = await import("./lazy.ts");
    const text = 'import "no"';
  `;
  deepStrictEqual(parseImports(source), [
    { specifier: "./x.ts", isTypeOnly: false, isLazy: false },
    { specifier: "./y.ts", isTypeOnly: true, isLazy: false },
    { specifier: "./z.ts", isTypeOnly: true, isLazy: false },
    { specifier: "pkg", isTypeOnly: false, isLazy: false },
    { specifier: "side/effect", isTypeOnly: false, isLazy: false },
    { specifier: "./lazy.ts", isTypeOnly: false, isLazy: true },
  ]);
});

function ruleFolder(file: string): string | undefined {
  return Object.keys(RULES).find((folder) => file.startsWith(folder));
}

function isAllowed(each: Import, rule: Rule): boolean {
  const begins = (start: string) => each.target.startsWith(start);
  if (!each.isOurs) return rule.packages.some(begins);
  return rule.ours.some(begins) ||
    (each.isTypeOnly && (rule.types ?? []).some(begins));
}

function describe({ file, target, isTypeOnly }: Import): string {
  return `${file} imports ${isTypeOnly ? "types of " : ""}${target}`;
}

function topFolder(path: string): string {
  return path.includes("/") ? path.replace(/\/.*/, "/") : TOP;
}

function findCycle(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] | undefined {
  const walk = (path: readonly string[]): readonly string[] | undefined => {
    for (const next of graph.get(path.at(-1) ?? "") ?? []) {
      if (path.includes(next)) return [...path, next];
      const found = walk([...path, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return [...graph.keys()].map((start) => walk([start]))
    .find((cycle) => cycle !== undefined);
}

async function readImports(): Promise<readonly Import[]> {
  const files = await listSources(SRC);
  const all = await Promise.all(files.map(async (url) => {
    const file = below(url.href);
    return parseImports(await Deno.readTextFile(url)).map((each) => {
      const isOurs = each.specifier.startsWith(".");
      const target = isOurs
        ? below(new URL(each.specifier, url).href)
        : each.specifier;
      return { ...each, file, target, isOurs };
    });
  }));
  return all.flat();
}

function below(href: string): string {
  return href.startsWith(SRC.href) ? href.slice(SRC.href.length) : href;
}

async function listSources(folder: URL): Promise<readonly URL[]> {
  const found: URL[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) {
      found.push(...await listSources(new URL(`${entry.name}/`, folder)));
    } else if (entry.name.endsWith(".ts")) {
      found.push(new URL(entry.name, folder));
    }
  }
  return found;
}

interface ImportLine {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly isLazy: boolean;
}

function parseImports(source: string): readonly ImportLine[] {
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const statement =
    /^\s*(?:import|export)\s(?<clause>[^"';=()]*?)from\s*"(?<from>[^"]+)"|^\s*import\s*"(?<alone>[^"]+)"|\bimport\(\s*"(?<lazy>[^"]+)"/gm;
  return [...code.matchAll(statement)].map(({ groups = {} }) => ({
    specifier: groups.from ?? groups.alone ?? groups.lazy ?? "",
    isTypeOnly: isTypeOnly(groups.clause),
    isLazy: groups.lazy !== undefined,
  }));
}

/** Whether a clause such as `{ type A, type B }` or `type { A }` brings no values. */
function isTypeOnly(clause: string | undefined): boolean {
  if (clause === undefined) return false;
  if (/^type\b/.test(clause)) return true;
  const names = /^\{(?<names>[^}]*)\}\s*$/.exec(clause)?.groups?.names ?? "";
  const list = names.split(",").map((name) => name.trim()).filter(Boolean);
  return list.length > 0 && list.every((name) => name.startsWith("type "));
}
