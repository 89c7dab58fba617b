/** What shells complete is what the program knows. */

import { deepStrictEqual, ok } from "node:assert/strict";
import {
  formatBash,
  formatFish,
  formatZsh,
} from "../../packaging/completions.ts";
import { ROOT } from "../../packaging/source.ts";
import { attempt } from "../../programs/command.ts";
import { COMMANDS } from "../../src/cli/help.ts";
import { needs } from "../left_out.ts";

const names = COMMANDS.map(({ name }) => name);

/** Has bash complete the last of some words. */
async function complete(...words: string[]): Promise<string[]> {
  const script = `${formatBash()}
compopt() { :; }
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_teleport_discord
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { out, err } = await attempt("bash", ["--norc", "-c", script], {
    cwd: ROOT,
  });
  deepStrictEqual(err, "");
  return out.split("\n").filter(Boolean);
}

const bash = needs("bash");
Deno.test({
  name: `bash completes commands, flags and files${bash.leftOut}`,
  ignore: bash.ignore,
}, async () => {
  deepStrictEqual(
    await complete("teleport-discord", ""),
    [...names, "-h", "--help", "--version"],
  );
  deepStrictEqual(await complete("teleport-discord", "sta"), ["start"]);
  deepStrictEqual(await complete("teleport-discord", "start", "--con"), [
    "--config=",
  ]);
  deepStrictEqual(await complete("teleport-discord", "start", "-c", "READ"), [
    "README.md",
  ]);
  deepStrictEqual(
    await complete("teleport-discord", "start", "--config", "=", "LIC"),
    ["LICENSE"],
  );
  deepStrictEqual(
    await complete("teleport-discord", "start", "--config", "="),
    await complete("teleport-discord", "start", "-c", ""),
  );
  deepStrictEqual(await complete("teleport-discord", "rules", "t"), ["test"]);
  deepStrictEqual(await complete("teleport-discord", "help", "conf"), [
    "configure",
  ]);
});

for (
  const [shell, format] of Object.entries({ zsh: formatZsh, fish: formatFish })
) {
  Deno.test(`${shell} knows every command and flag`, () => {
    const script = format();
    ok(/'(?:1:operand:\()?test\)?'/.test(script), "rules test");
    for (const { name, flags } of COMMANDS) {
      ok(script.includes(name), name);
      for (const flag of flags) ok(script.includes(flag.name), flag.name);
    }
  });
}

for (
  const [shell, format] of Object.entries({
    bash: formatBash,
    zsh: formatZsh,
    fish: formatFish,
  })
) {
  const { ignore, leftOut } = needs(shell);
  Deno.test({ name: `${shell} can read it${leftOut}`, ignore }, async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, format());
      const { code, err } = await attempt(shell, ["-n", path]);
      deepStrictEqual([code, err], [0, ""]);
    } finally {
      await Deno.remove(path);
    }
  });
}
