/** The same sources give the same bytes, in whatever folder. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { ROOT } from "../../packaging/source.ts";
import { needs } from "../left_out.ts";
import { BASE, check, emptyFolder } from "./tools.ts";

/** Copies the sources into a folder, without their history, and makes the packages there. */
async function packagesIn(folder: string): Promise<Map<string, string>> {
  await check([
    "sh",
    "-c",
    `cd ${ROOT} && git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- --ignore-failed-read | tar -x -C ${folder}`,
  ]);
  const mode = BASE?.kind === "base" ? `base=${BASE.path}` : "runtime";
  await check(
    [
      Deno.execPath(),
      "run",
      "--frozen",
      "-A",
      "--config",
      `${folder}/dev.json`,
      `${folder}/packaging/packages.ts`,
      mode,
      "--arch=x64",
      "--quick",
    ],
    { SOURCE_DATE_EPOCH: "1780000000", DENO_NO_UPDATE_CHECK: "1" },
  );
  const sums = new Map<string, string>();
  const dist = `${folder}/dist`;
  for (
    const path of (await check([
      "find",
      dist,
      "-path",
      "*/npm",
      "-prune",
      "-o",
      "-type",
      "f",
      "-print",
    ])).split("\n").filter(Boolean).toSorted()
  ) {
    const sum = createHash("sha256").update(await Deno.readFile(path));
    sums.set(path.slice(dist.length), sum.digest("hex"));
  }
  await Deno.remove(folder, { recursive: true });
  return sums;
}

const possible = needs("git", "dpkg-deb", "rpmbuild");
Deno.test({
  name:
    `bundle, program and packages are the same from two folders${possible.leftOut}`,
  ignore: possible.ignore,
  fn: async () => {
    const first = await packagesIn(await emptyFolder("once"));
    const second = await packagesIn(await emptyFolder("once-more/elsewhere"));
    deepStrictEqual(first, second);
    const names = [...first.keys()].join("\n");
    for (
      const part of [
        "/bundle/teleport-discord.mjs",
        "/bin/teleport-discord",
        ".deb",
        ".rpm",
        ".tar.gz",
      ]
    ) {
      ok(names.includes(part), part);
    }
  },
});
