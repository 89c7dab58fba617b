/** An update of a repository that stops half-way leaves one that can be read. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  addPackage,
  publishMetadata,
  publishSuite,
  sha256Of,
} from "../../packaging/publish.ts";
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
    await publishSuite(staged, suite, Deno.rename);
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

const REPOMD = ["repomd.xml", "repomd.xml.asc"];

/** Stages metadata of one version beside `repodata`. */
async function stageMetadata(repo: string, version: string): Promise<string> {
  const staged = `${repo}/repodata-${version}`;
  await Deno.mkdir(staged, { recursive: true });
  for (const name of [...REPOMD, `${version}-primary.xml.gz`]) {
    await Deno.writeTextFile(`${staged}/${name}`, version);
  }
  return staged;
}

/** Reads the version that clients see, and what it names. */
async function readMetadata(repo: string): Promise<string> {
  const [version = "", ...more] = await Promise.all(
    REPOMD.map((name) => Deno.readTextFile(`${repo}/repodata/${name}`)),
  );
  deepStrictEqual(more, [version]);
  const primary = `${repo}/repodata/${version}-primary.xml.gz`;
  strictEqual(await Deno.readTextFile(primary), version);
  return version;
}

for (const first of ["this task", "another program"] as const) {
  Deno.test(`metadata for dnf that ${first} made can be replaced, wherever that stops`, async () => {
    const repo = await emptyFolder("metadata");
    const old = await stageMetadata(repo, "old");
    if (first === "this task") await publishMetadata(repo, old, Deno.rename);
    else await Deno.rename(old, `${repo}/repodata`);
    if (first === "this task") {
      const stopped = publishMetadata(
        repo,
        await stageMetadata(repo, "never"),
        () => Promise.reject(new Error("stopped")),
      );
      await rejects(stopped, /stopped/);
      strictEqual(await readMetadata(repo), "old");
    }
    const staged = await stageMetadata(repo, "new");
    await publishMetadata(repo, staged, Deno.rename);
    strictEqual(await readMetadata(repo), "new");
    // For a client that read repomd.xml before.
    strictEqual(
      await Deno.readTextFile(`${repo}/repodata/old-primary.xml.gz`),
      "old",
    );
    const left = await Array.fromAsync(Deno.readDir(repo), (e) => e.name);
    deepStrictEqual(left.toSorted(), ["repodata", "repodata-new"]);
    await Deno.remove(repo, { recursive: true });
  });
}

Deno.test("a package that is published stays as it is", async () => {
  const folder = await emptyFolder("pool");
  const [copy, published] = [`${folder}/copy`, `${folder}/x_1.deb`];
  const add = async (content: string) => {
    await Deno.writeTextFile(copy, content);
    await addPackage(copy, published, sha256Of, Deno.rename);
  };
  await add("one");
  await add("one");
  await rejects(add("two"), /x_1\.deb is published already.*raise the version/);
  strictEqual(await Deno.readTextFile(published), "one");
  await Deno.remove(folder, { recursive: true });
});
