import assert from "node:assert/strict";
import { readUpgradeSetting } from "../../../src/teleport/connect/upgrade_setting.ts";

const CASES: readonly [string | undefined, boolean | undefined][] = [
  [undefined, undefined],
  ["", undefined],
  ["true", true],
  ["YES", true],
  ["0", false],
  ["maybe", undefined],
  ["a.example.com:443=yes,0", true],
  ["0;A.example.com:443 = yes", true],
  ["b.example.com:443=yes", undefined],
  ["b.example.com:443=yes;false", false],
  ["a.example.com:443=no,true", false],
];

for (const [value, expected] of CASES) {
  Deno.test(
    `readUpgradeSetting() reads ${value}`,
    { permissions: "none" },
    () => {
      assert.equal(readUpgradeSetting(value, "a.example.com:443"), expected);
    },
  );
}
