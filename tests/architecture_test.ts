/**
 * Keeps the rooms of `src/` in order, by looking at every import of the sources.
 *
 * A room is a folder, without the folders below it. Rooms stand here from the top of the house to its
 * ground: each imports only rooms that stand below it, values and types alike.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { type Import, parseImports, readImports } from "./imports.ts";

/** The packages that a room may import, by how their specifier begins. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "cli/": ["node:util"],
  "cli/rules_test/": [],
  "daemon/": ["node:"],
  "check/": [],
  "check/collect/": ["node:"],
  "check/judge/": [],
  "check/report/": [],
  "watch/": [],
  "config/": ["smol-toml", "valibot"],
  "config/sections/": ["valibot"],
  "config/reading/": ["smol-toml", "valibot"],
  "reconcile/": [],
  "review/": [],
  "deliver/": [],
  "people/": [],
  "message/": [],
  "route/": [],
  "route/predicate/": [],
  "route/predicate/functions/": [],
  "route/predicate/syntax/": [],
  "route/predicate/text/": ["re2js"],
  "record/": [],
  "teleport/connect/": ["node:"],
  "teleport/client/": ["@bufbuild/protobuf", "@grpc/grpc-js", "node:"],
  "teleport/routes/": ["@grpc/grpc-js", "node:"],
  "teleport/credentials/": [
    "@peculiar/x509",
    "reflect-metadata",
    "valibot",
    "node:",
  ],
  "teleport/gen/": ["@bufbuild/protobuf", "@grpc/grpc-js"],
  "discord/": ["discord-api-types/v10", "valibot"],
  "discord/gateway/": ["discord-api-types/v10", "valibot", "node:"],
  "discord/rest/": ["discord-api-types/v10", "valibot", "node:"],
  "discord/rate_limit/": [],
  "ports/": [],
  "lib/host/": ["node:"],
  "lib/log/": ["@logtape/logtape", "node:"],
  "lib/net/": ["node:"],
  "lib/async/": ["node:"],
  "lib/": ["node:"],
};

/** Folders of the layout before this one. What is in them may import everything, and be imported by all. */
const OLD =
  /^(?:domain|service|commands)\/|^(?:(?:check|config|teleport|teleport\/connect|discord|lib)\/)?[^/]*$/;

/** The rooms that know nothing of the clients of either side. */
const CORE =
  /^(?:watch|reconcile|review|deliver|people|message|route|record|ports|lib)\//;

const imports = await readImports();
const files = [...new Set(imports.map(({ file }) => file))];

Deno.test("the imports are found", () => {
  ok(files.length > 200, "no imports found");
});

Deno.test("each file is in a room", () => {
  const loose = files.filter((file) =>
    !isOld(file) && !(roomOf(file) in ROOMS)
  );
  deepStrictEqual(loose, []);
});

Deno.test("each room imports only rooms below it", () => {
  const order = Object.keys(ROOMS);
  const wrong = imports.filter(({ file, target, isOurs }) => {
    if (!isOurs || isOld(file) || isOld(target)) return false;
    const [from, to] = [roomOf(file), roomOf(target)];
    return order.indexOf(from) > order.indexOf(to);
  });
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("each room imports only its packages", () => {
  const wrong = imports.filter(({ file, target, isOurs }) =>
    !isOurs && !isOld(file) &&
    !(ROOMS[roomOf(file)] ?? []).some((start) => target.startsWith(start))
  );
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("the core knows neither client", () => {
  const wrong = imports.filter(({ file, target }) =>
    CORE.test(file) && !isOld(file) && /^(?:teleport|discord)\//.test(target)
  );
  deepStrictEqual(wrong.map(describe), []);
});

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

Deno.test("no file imports itself by way of others", () => {
  const graph = new Map<string, Set<string>>();
  for (const { file, target, isOurs } of imports) {
    if (isOurs && !isOld(file)) {
      graph.set(file, (graph.get(file) ?? new Set()).add(target));
    }
  }
  deepStrictEqual(findCircles(graph), []);
});

Deno.test("the commands that do not connect load neither gRPC nor Discord", () => {
  const loaded = new Set([
    files.find((file) => /^(?:cli\/)?cli\.ts$/.test(file)) ?? "",
  ]);
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

Deno.test("findCircles() finds each set of files that import each other", () => {
  const graph = new Map([
    ["a", new Set(["b", "c"])],
    ["b", new Set(["c"])],
    ["c", new Set(["b", "d"])],
  ]);
  deepStrictEqual(findCircles(graph), [["b", "c"]]);
});

function isOld(file: string): boolean {
  return OLD.test(file);
}

/** Returns the folder that a file is in; generated code is one room. */
function roomOf(file: string): string {
  return file.startsWith("teleport/gen/")
    ? "teleport/gen/"
    : file.slice(0, file.lastIndexOf("/") + 1);
}

function describe({ file, target, isTypeOnly }: Import): string {
  return `${file} imports ${isTypeOnly ? "types of " : ""}${target}`;
}

/** Returns sets of two and more that reach each other. */
function findCircles(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
): readonly (readonly string[])[] {
  const reached = new Map([...graph.keys()].map((start) => {
    const found = new Set(graph.get(start));
    for (const each of found) {
      for (const next of graph.get(each) ?? []) found.add(next);
    }
    return [start, found];
  }));
  const circles = [...graph.keys()].map((each) =>
    [...graph.keys()].filter((other) =>
      reached.get(each)?.has(other) && reached.get(other)?.has(each)
    ).toSorted()
  ).filter(({ length }) => length > 1).map((circle) => circle.join(" "));
  return [...new Set(circles)].map((circle) => circle.split(" "));
}
