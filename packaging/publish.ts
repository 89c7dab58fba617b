/**
 * Puts files where clients of a repository read them while that goes on: each step leaves a repository that
 * can be read, also where it is the last one.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Renames a file, a folder or a link; whatever is in the new place is gone at that moment. */
export type Rename = (from: string, to: string) => Promise<void>;

/** Writes a file that clients may be reading. */
export async function replaceFile(
  path: string,
  text: string,
  rename: Rename,
): Promise<void> {
  await Deno.writeTextFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

/**
 * Adds a package to those that are published.
 *
 * @param from A copy that may be moved.
 * @param contentOf Tells two files of one package apart, whoever signed them and when.
 * @throws {Error} If another package of that name is there: clients know its checksum.
 */
export async function addPackage(
  from: string,
  to: string,
  contentOf: (path: string) => Promise<string>,
  rename: Rename,
): Promise<void> {
  if (!await exists(to)) return await rename(from, to);
  if (await contentOf(from) !== await contentOf(to)) {
    throw new Error(
      `${to} is published already, with other content: raise the version, or remove that file if nobody has it yet`,
    );
  }
  await Deno.remove(from);
}

/** Returns the SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
}

/**
 * Moves the files of a suite from `staged` to `suite`: lists by their hash first, where those of earlier
 * times stay; what names them last.
 * Source: Debian wiki, "DebianRepository/Format", "Acquire-By-Hash".
 */
export async function publishSuite(
  staged: string,
  suite: string,
  rename: Rename,
): Promise<void> {
  const release = await Deno.readTextFile(`${staged}/Release`);
  const lists = [
    ...release.matchAll(/^ ([0-9a-f]{64}) +\d+ (main\/(.+)\/[^/\n]+)$/gm),
  ].map(([, hash = "", path = "", folder = ""]) => ({ hash, path, folder }));
  for (const { hash, path, folder } of lists) {
    const byHash = `${suite}/main/${folder}/by-hash/SHA256`;
    await Deno.mkdir(byHash, { recursive: true });
    await Deno.copyFile(`${staged}/${path}`, `${staged}/by-hash`);
    await rename(`${staged}/by-hash`, `${byHash}/${hash}`);
  }
  for (const { path } of lists) {
    await rename(`${staged}/${path}`, `${suite}/${path}`);
  }
  for (const name of ["Release.gpg", "Release", "InRelease"]) {
    if (await exists(`${staged}/${name}`)) {
      await rename(`${staged}/${name}`, `${suite}/${name}`);
    } else {
      // Unsigned now: an earlier signature would hide what is new.
      await Deno.remove(`${suite}/${name}`).catch(() => {});
    }
  }
}

/**
 * Lets `repodata` be what is in `staged`, a folder beside it, and all of what was there before but
 * `repomd.xml` and its signature.
 *
 * Those two can only be taken together, and no client takes a signature that is not the first in its file. So
 * `repodata` is a link to a folder, and changes in one step.
 */
export async function publishMetadata(
  repo: string,
  staged: string,
  rename: Rename,
): Promise<void> {
  const published = `${repo}/repodata`;
  const before = await Deno.lstat(published).catch(() => undefined);
  const old = before === undefined ? undefined : await Deno.realPath(published);
  if (old !== undefined) await linkMissing(old, staged);
  if (before?.isDirectory) {
    // Made by other means; no link can take its place in one step.
    await Deno.rename(published, `${published}.old`);
  }
  await Deno.remove(`${published}.link`).catch(() => {});
  await Deno.symlink(staged.replace(/^.*\//, ""), `${published}.link`);
  await rename(`${published}.link`, published);
  const current = await Deno.realPath(published);
  for await (const { name, isDirectory } of Deno.readDir(repo)) {
    const path = `${repo}/${name}`;
    if (!isDirectory || !name.startsWith("repodata")) continue;
    if (await Deno.realPath(path) === current) continue;
    await Deno.remove(path, { recursive: true });
  }
}

/** Lets files that are named by their checksum be found in another folder as well. */
async function linkMissing(from: string, to: string): Promise<void> {
  for await (const { name } of Deno.readDir(from)) {
    if (name.startsWith("repomd.xml")) continue;
    if (!await exists(`${to}/${name}`)) {
      await Deno.link(`${from}/${name}`, `${to}/${name}`);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
