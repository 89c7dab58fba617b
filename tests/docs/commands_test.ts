/** What docs/commands.md says is compared with the program. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { type Command, COMMANDS } from "../../src/cli/help.ts";
import { EXIT } from "../../src/lib/exit_codes.ts";
import { readPage, tableRows } from "./pages.ts";

const PAGE = await readPage("docs/commands.md");

Deno.test("the commands, flags and exit codes are those of the program", () => {
  const text = PAGE;
  for (const { name, flags } of COMMANDS as readonly Command[]) {
    ok(text.includes(`teleport-discord ${name}`), name);
    for (const flag of flags) {
      ok(text.includes(`--${flag.name}`), flag.name);
      const short = flag.short === undefined ? "" : ` -${flag.short}`;
      ok(text.includes(short), short);
    }
  }
  const codes = tableRows(text).map(([code]) => code)
    .filter((code) => /^\d+$/.test(code ?? ""));
  deepStrictEqual(codes, Object.values(EXIT).map(String).toSorted());
});
