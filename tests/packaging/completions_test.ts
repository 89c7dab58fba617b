/** What shells complete is what the program knows. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { COMMANDS } from "../../src/commands/help.ts";
import {
  formatBash,
  formatFish,
  formatZsh,
} from "../../packaging/completions.ts";

const names = COMMANDS.map(({ name }) => name);

/** Has bash complete the last of some words. */
async function complete(...words: string[]): Promise<string[]> {
  const script = `${formatBash()}
compopt() { :; }
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_teleport_discord
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script],
    cwd: new URL("../..", import.meta.url).pathname,
  }).output();
  deepStrictEqual(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}

Deno.test("bash completes commands, flags and files", async () => {
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
  const isThere = await new Deno.Command(shell, {
    args: ["--version"],
    stdout: "null",
  })
    .output().then(({ success }) => success, () => false);
  const leftOut = isThere ? "" : ` (left out: there is no ${shell})`;
  Deno.test(
    { name: `${shell} can read it${leftOut}`, ignore: !isThere },
    async () => {
      const path = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(path, format());
        const { code, stderr } = await new Deno.Command(shell, {
          args: ["-n", path],
        }).output();
        deepStrictEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
      } finally {
        await Deno.remove(path);
      }
    },
  );
}
