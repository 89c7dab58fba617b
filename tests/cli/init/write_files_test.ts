/** All files, or none. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { folderLayout } from "../../../src/cli/init/layout.ts";
import {
  findExisting,
  findHindrance,
  writeFiles,
} from "../../../src/cli/init/write_files.ts";

async function inFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function list(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.toSorted();
}

Deno.test("files are written with their mode, over what is there", () =>
  inFolder(async (folder) => {
    const { config, token } = folderLayout(folder);
    await Deno.writeTextFile(config.path, "old", { mode: 0o644 });
    await Deno.writeTextFile(`${token.path}.new`, "left over");
    await Deno.writeTextFile(`${folder}/identity`, "id");
    deepStrictEqual(await findExisting([token, config]), [config.path]);
    await writeFiles([
      { place: config, content: { text: "new" } },
      { place: token, content: { copyOf: `${folder}/identity` } },
    ]);
    deepStrictEqual(await list(folder), [
      "identity",
      "teleport-discord.toml",
      "token",
    ]);
    strictEqual(await Deno.readTextFile(config.path), "new");
    strictEqual(await Deno.readTextFile(token.path), "id");
    strictEqual(((await Deno.stat(config.path)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("what was there stays there if one of the files cannot be written", () =>
  inFolder(async (folder) => {
    const { config, token } = folderLayout(folder);
    await Deno.writeTextFile(config.path, "old");
    await rejects(
      writeFiles([
        { place: config, content: { text: "new" } },
        { place: token, content: { copyOf: `${folder}/none` } },
      ]),
      /^OperatorError: Cannot write .*teleport-discord\.toml, .*token: /,
    );
    deepStrictEqual(await list(folder), ["teleport-discord.toml"]);
    strictEqual(await Deno.readTextFile(config.path), "old");
  }));

Deno.test("findHindrance() leaves nothing behind", () =>
  inFolder(async (folder) => {
    const layout = folderLayout(folder);
    strictEqual(await findHindrance(layout, 0), undefined);
    deepStrictEqual(await list(folder), []);
    strictEqual(
      await findHindrance(folderLayout(`${folder}/none`), 0),
      `there is no folder ${folder}/none`,
    );
  }));
