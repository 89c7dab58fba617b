import { assert, property, string } from "fast-check";
import { ok, strictEqual } from "node:assert/strict";
import {
  editDistance,
  nearest,
} from "../../../src/config/reading/nearest_word.ts";

const pure = { permissions: "none" } as const;

const distances: readonly (readonly [string, string, number])[] = [
  ["", "", 0],
  ["", "abc", 3],
  ["addr", "addr", 0],
  ["adr", "addr", 1],
  ["adrr", "addr", 1],
  ["dadr", "addr", 1],
  ["kitten", "sitting", 3],
];

for (const [a, b, want] of distances) {
  Deno.test(`editDistance("${a}", "${b}") is ${want}`, pure, () => {
    strictEqual(editDistance(a, b), want);
    strictEqual(editDistance(b, a), want);
  });
}

Deno.test(
  "editDistance() is 0 for equal texts only, and never above the longer",
  pure,
  () => {
    assert(property(string(), string(), (a, b) => {
      const distance = editDistance(a, b);
      strictEqual(distance === 0, a === b);
      ok(distance <= Math.max(a.length, b.length));
    }));
  },
);

Deno.test("nearest() finds a slip of the hand", pure, () => {
  const words = ["addr", "identity", "apiurl"];
  strictEqual(nearest("api_url", words), "apiurl");
  strictEqual(nearest("Identity", words), "identity");
  strictEqual(nearest("idenitty", words), "identity");
  strictEqual(nearest("address", words), undefined);
  strictEqual(nearest("", words), undefined);
});
