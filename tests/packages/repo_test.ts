/** An update of the repository for apt that stops half-way leaves one that can be read. */

import { ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { publishSuite } from "../../packaging/repo.ts";
import { emptyFolder } from "./tools.ts";

const LIST = "main/binary-amd64";

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Stages a suite whose lists say `text`. */
async function stage(folder: string, text: string): Promise<void> {
  await Deno.mkdir(`${folder}/${LIST}`, { recursive: true });
  let release = "SHA256:\n";
  for (const name of ["Packages", "Packages.gz"]) {
    const list = `${name} ${text}`;
    await Deno.writeTextFile(`${folder}/${LIST}/${name}`, list);
    release += ` ${sha256(list)} ${list.length} ${LIST}/${name}\n`;
  }
  for (const name of ["Release.gpg", "Release", "InRelease"]) {
    await Deno.writeTextFile(`${folder}/${name}`, release);
  }
}

/** Reads each list by its hash, as apt does. */
async function readByHash(suite: string): Promise<string> {
  const release = await Deno.readTextFile(`${suite}/InRelease`);
  const hashes = release.match(/[0-9a-f]{64}/g) ?? [];
  strictEqual(hashes.length, 2);
  for (const hash of hashes) {
    const path = `${suite}/${LIST}/by-hash/SHA256/${hash}`;
    strictEqual(sha256(await Deno.readFile(path)), hash);
  }
  return release;
}

Deno.test("a repository for apt can be read wherever an update stops", async () => {
  const folder = await emptyFolder("suite");
  let steps = 0;
  for (let finished = false; !finished; steps++) {
    const [suite, staged] = [`${folder}/${steps}`, `${folder}/${steps}.new`];
    await stage(staged, "old");
    await publishSuite(staged, suite);
    const old = await readByHash(suite);
    await stage(staged, "new");
    let left = steps;
    const update = publishSuite(staged, suite, async (from, to) => {
      if (left-- === 0) throw new Error("stopped");
      await Deno.rename(from, to);
    });
    if (steps < 7) {
      await rejects(update, /stopped/);
      strictEqual(await readByHash(suite), old);
    } else {
      await update;
      ok(await readByHash(suite) !== old);
      // A client that read InRelease before still finds its lists.
      await Deno.writeTextFile(`${suite}/InRelease`, old);
      await readByHash(suite);
      finished = true;
    }
  }
  await Deno.remove(folder, { recursive: true });
});
