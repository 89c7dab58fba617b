/**
 * `deno.json` names what the program and the demo import, since Deno fetches every package of a lock file before it
 * runs anything; `dev.json` adds what tests and packaging import. What both name is the same.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { ROOT } from "../packaging/source.ts";

const [lean, dev, leanLock, devLock] = await Promise.all(
  ["deno.json", "dev.json", "deno.lock", "dev.lock"].map(async (name) =>
    JSON.parse(await Deno.readTextFile(`${ROOT}${name}`))
  ),
);

Deno.test("dev.json has all that deno.json has", () => {
  deepStrictEqual({ ...dev.imports, ...lean.imports }, dev.imports);
  for (const key of ["nodeModulesDir", "unstable", "compilerOptions"]) {
    deepStrictEqual(dev[key], lean[key], key);
  }
});

Deno.test("both lock files have the same versions, the smaller one without what only tests import", () => {
  deepStrictEqual({ ...devLock.npm, ...leanLock.npm }, devLock.npm);
  const extra = Object.keys(dev.imports)
    .filter((name) => lean.imports[name] === undefined)
    .map((name) => name.replace(/\/$/, ""));
  ok(extra.includes("fast-check"));
  const locked = Object.keys(leanLock.npm)
    .filter((each) => extra.some((name) => each.startsWith(`${name}@`)));
  deepStrictEqual(locked, []);
});
