import {
  array,
  assert,
  dictionary,
  property,
  record,
  string,
  uniqueArray,
} from "fast-check";
import { deepStrictEqual, ok } from "node:assert/strict";
import { recipientsFor } from "../../src/route/role_map.ts";

const pure = { permissions: "none" } as const;

const table = new Map([
  ["*", ["1", "2"]],
  ["dev", ["3"]],
  ["ops", ["3", "4", "2"]],
]);

const cases: readonly {
  readonly name: string;
  readonly roles: readonly string[];
  readonly want: readonly string[];
}[] = [
  { name: "an entry of its own", roles: ["dev"], want: ["3"] },
  { name: "no entry", roles: ["auditor"], want: ["1", "2"] },
  { name: "the union", roles: ["dev", "ops"], want: ["3", "4", "2"] },
  { name: "first sight first", roles: ["ops", "dev"], want: ["3", "4", "2"] },
  { name: "with and without", roles: ["dev", "x"], want: ["3", "1", "2"] },
  { name: "two without", roles: ["x", "y"], want: ["1", "2"] },
  { name: "a role called *", roles: ["*"], want: ["1", "2"] },
  { name: "another case", roles: ["DEV"], want: ["1", "2"] },
  { name: "a name of Object", roles: ["__proto__"], want: ["1", "2"] },
  { name: "no roles", roles: [], want: [] },
];

for (const { name, roles, want } of cases) {
  Deno.test(`recipientsFor() with ${name}`, pure, () => {
    deepStrictEqual(recipientsFor(roles, table), want);
  });
}

Deno.test(
  "recipientsFor() without an entry for * leaves a role out",
  pure,
  () => {
    deepStrictEqual(recipientsFor(["dev"], new Map()), []);
  },
);

Deno.test(
  "recipientsFor() names each recipient once, and only known ones",
  pure,
  () => {
    assert(property(
      record({
        roles: array(string()),
        entries: dictionary(string(), uniqueArray(string())),
        fallback: array(string()),
      }),
      ({ roles, entries, fallback }) => {
        const table = new Map([...Object.entries(entries), ["*", fallback]]);
        const found = recipientsFor(roles, table);
        ok(new Set(found).size === found.length);
        const known = new Set([...table.values()].flat());
        ok(found.every((recipient) => known.has(recipient)));
      },
    ));
  },
);
