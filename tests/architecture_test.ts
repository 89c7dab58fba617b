/**
 * Keeps the rooms of `src/` in order, by looking at every import of the sources.
 *
 * A room is a folder, without the folders below it. Rooms stand here from the top of the house to its
 * ground: each imports only rooms that stand below it, values and types alike.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import {
  type Import,
  listSources,
  parseImports,
  readImports,
  SOURCES,
} from "./imports.ts";

/** The packages that a room may import, by how their specifier begins. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "cli/": ["node:util"],
  "cli/init/": ["node:path"],
  "cli/rules_test/": ["yaml"],
  "daemon/": [],
  "check/": [],
  "check/collect/": ["node:"],
  "check/judge/": [],
  "check/report/": [],
  "watch/": [],
  "config/": [],
  "config/sections/": [],
  "config/reading/": ["toml-eslint-parser"],
  "reconcile/": [],
  "review/": [],
  "deliver/": ["node:util"],
  "deliver/places/": [],
  "deliver/due/": [],
  "people/": [],
  "message/": [],
  "message/text/": [],
  "message/catalogue/": [],
  "route/": [],
  "route/predicate/": [],
  "route/predicate/functions/": [],
  "route/predicate/syntax/": [],
  "route/predicate/text/": ["re2js"],
  "record/": ["node:buffer"],
  "teleport/connect/": ["node:"],
  "teleport/client/": ["@bufbuild/protobuf", "@grpc/grpc-js", "node:"],
  "teleport/routes/": ["@grpc/grpc-js", "node:"],
  "teleport/credentials/": ["node:"],
  "teleport/gen/": ["@bufbuild/protobuf", "@grpc/grpc-js"],
  "discord/": [],
  "discord/gateway/": ["valibot"],
  "discord/rest/": ["discord-api-types/v10"],
  "discord/rate_limit/": [],
  "ports/": [],
  "lib/host/": ["node:"],
  "lib/log/": [],
  "lib/net/": ["node:"],
  "lib/async/": [],
  "lib/": ["node:", "deno.json"],
};

/**
 * Rooms and files that compute values from values: they load nothing that waits, reads or sends, so they are
 * tested without any permission. Types they may import from everywhere.
 */
const PURE =
  /^(?:ports|message(?:\/(?:catalogue|text))?|route\/predicate(?:\/\w+)?|check\/(?:judge|report)|deliver\/due|config\/(?:sections|reading))\/\w+\.ts$/;

const PURE_FILES = [
  "cli/init/config_text.ts",
  "cli/init/discord_links.ts",
  "cli/init/install_lines.ts",
  "config/config.ts",
  "config/default_path.ts",
  "config/known_keys.ts",
  "config/takeover.ts",
  "discord/permissions.ts",
  "lib/bounded_map.ts",
  "lib/build.ts",
  "lib/digest.ts",
  "lib/exit_codes.ts",
  "lib/operator_error.ts",
  "lib/secret.ts",
  "lib/versions.ts",
  "people/enrichment.ts",
  "people/login_template.ts",
  "people/people_config.ts",
  "people/people_of_request.ts",
  "reconcile/decide.ts",
  "reconcile/observe.ts",
  "record/go_json.ts",
  "record/hidden_fields.ts",
  "record/missing.ts",
  "record/plugin_data.ts",
  "record/plugin_data_codec.ts",
  "record/shown_facts.ts",
  "review/click_limit.ts",
  "review/judge_click.ts",
  "review/revealed_answer.ts",
  "review/review_outcome.ts",
  "review/teleport_refusal.ts",
  "route/role_map.ts",
  "route/routing_rule.ts",
  "route/schedule.ts",
];

const PURE_PACKAGES = [
  "re2js",
  "toml-eslint-parser",
  "node:buffer",
  "node:crypto",
  "deno.json",
];

/** The rooms that know nothing of the clients of either side. */
const CORE =
  /^(?:watch|config|reconcile|review|deliver|people|message|route|record|ports|lib)\//;

const imports = await readImports();
const files = (await listSources(SOURCES)).map(({ href }) =>
  href.slice(SOURCES.href.length)
);

/** A room with more files does not speak any more. */
const MAX_FILES = 12;

Deno.test("no two files have the same name", () => {
  const written = files.filter((file) => roomOf(file) !== "teleport/gen/");
  const names = Map.groupBy(written, (file) => file.split("/").at(-1) ?? "");
  const twice = [...names.values()].filter(({ length }) => length > 1);
  deepStrictEqual(twice, []);
});

Deno.test("no room has too many files", () => {
  const sizes = Map.groupBy(files, roomOf);
  const full = [...sizes].filter(([room, { length }]) =>
    room !== "teleport/gen/" && length > MAX_FILES
  );
  deepStrictEqual(full.map(([room, { length }]) => `${room}: ${length}`), []);
});

Deno.test("the imports are found", () => {
  ok(files.length > 200, "no imports found");
});

Deno.test("each file is in a room", () => {
  const loose = files.filter((file) => !(roomOf(file) in ROOMS));
  deepStrictEqual(loose, []);
});

Deno.test("each room imports only rooms below it", () => {
  const order = Object.keys(ROOMS);
  const wrong = imports.filter(({ file, target, isOurs }) => {
    if (!isOurs) return false;
    const [from, to] = [roomOf(file), roomOf(target)];
    return order.indexOf(from) > order.indexOf(to);
  });
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("each room imports only its packages", () => {
  const wrong = imports.filter(({ file, target, isOurs }) =>
    !isOurs &&
    !(ROOMS[roomOf(file)] ?? []).some((start) => target.startsWith(start))
  );
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("no room may import a package that it does not need", () => {
  const unused = Object.entries(ROOMS).flatMap(([room, packages]) => {
    const own = imports.filter(({ file }) => roomOf(file) === room);
    return packages
      .filter((start) => !own.some(({ target }) => target.startsWith(start)))
      .map((start) => `${room} ${start}`);
  });
  deepStrictEqual(unused, []);
});

Deno.test("the core knows neither client", () => {
  const wrong = imports.filter(({ file, target }) =>
    CORE.test(file) && /^(?:teleport|discord)\//.test(target)
  );
  deepStrictEqual(wrong.map(describe), []);
});

Deno.test("what is pure loads only what is pure", () => {
  const wrong = imports.filter(({ file, target, isOurs, isTypeOnly }) =>
    isPure(file) && !isTypeOnly &&
    !(isOurs ? isPure(target) : PURE_PACKAGES.includes(target))
  );
  deepStrictEqual(wrong.map(describe), []);
  deepStrictEqual(PURE_FILES.filter((file) => !files.includes(file)), []);
});

Deno.test("the clients know only themselves, ports and lib", () => {
  const wrong = imports.filter(({ file, target, isOurs }) => {
    const client = /^(?:teleport|discord)\//.exec(file)?.[0];
    return isOurs && client !== undefined &&
      ![client, "ports/", "lib/"].some((start) => target.startsWith(start));
  });
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
    if (isOurs) {
      graph.set(file, (graph.get(file) ?? new Set()).add(target));
    }
  }
  deepStrictEqual(findCircles(graph), []);
});

Deno.test("the commands that do not connect load neither gRPC nor Discord", () => {
  const wrong = loadedWith("cli/cli.ts").filter((target) =>
    /^(?:teleport|discord|daemon)\/|^@grpc|^@bufbuild/.test(target) &&
    !isPure(target)
  );
  deepStrictEqual(wrong, []);
});

Deno.test("the daemon loads what reads rules only when there is one", () => {
  ok(loadedWith("route/routing_rule.ts").includes("re2js"));
  ok(!loadedWith("daemon/daemon.ts").includes("re2js"));
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

/** Returns what is loaded with a file at once. */
function loadedWith(start: string): readonly string[] {
  const loaded = new Set([start]);
  for (const file of loaded) {
    for (const each of imports) {
      if (each.file !== file || each.isTypeOnly || each.isLazy) continue;
      loaded.add(each.target);
    }
  }
  return [...loaded];
}

function isPure(file: string): boolean {
  return PURE.test(file) || PURE_FILES.includes(file);
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
