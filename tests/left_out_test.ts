/** A run says what it left out, and fails if that is more than it may. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ROOT } from "../packaging/source.ts";
import { attempt } from "../programs/command.ts";
import { formatLeftOut, leftOutFor, needs } from "./left_out.ts";

Deno.test("needs() names what is missing", () => {
  deepStrictEqual(needs("sh", "env"), { ignore: false, leftOut: "" });
  deepStrictEqual(
    needs("no-tool", "sh", "no-other"),
    leftOutFor("no no-tool, no-other"),
  );
});

Deno.test("formatLeftOut() counts by reason", () => {
  deepStrictEqual(formatLeftOut(new Map([["not root", 2], ["no zsh", 1]])), [
    "left out, no zsh: 1 test",
    "left out, not root: 2 tests",
  ]);
});

Deno.test("a run ends with what was left out, and fails if it was too much", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const leaveOut = (reason: string, name: string) =>
      `Deno.test({ name: ${
        JSON.stringify(name)
      } + " (left out: ${reason})", ignore: true, fn() {} });\n`;
    await Deno.writeTextFile(
      `${folder}/some_test.ts`,
      leaveOut("no zsh", 'reads "it" & <more>') + leaveOut("no man", "a") +
        leaveOut("no man", "b") +
        'Deno.test("runs", () => {});\nDeno.test({ name: "x", ignore: true, fn() {} });\n',
    );
    const runTests = (...flags: string[]) =>
      attempt(Deno.execPath(), [
        ...["run", "-A", "--quiet", `${ROOT}tests/run.ts`, ...flags],
        ...["--quiet", "--no-config", folder],
      ], { env: { NO_COLOR: "1" } });

    const free = await runTests();
    match(free.out, /1 passed \| 0 failed \| 4 ignored/);
    deepStrictEqual([free.code, free.err], [
      0,
      "left out, no man: 2 tests\nleft out, no reason given: 1 test\nleft out, no zsh: 1 test\n",
    ]);
    const list = "--may-leave-out=man:2,reason given:1,zsh:3";
    strictEqual((await runTests(list)).code, 0);

    const bound = await runTests("--may-leave-out=man:1");
    strictEqual(bound.code, 1);
    match(bound.err, /error: 2 tests are left out with "no man", 1 may be\n/);
    match(bound.err, /error: 1 test is left out with "no zsh", 0 may be\n/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
