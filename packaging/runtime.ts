/**
 * Deno itself, from npm, to be shipped beside the bundle where no base for compiling can be had.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { run } from "./command.ts";
import { requireMachine, type Target } from "./targets.ts";

/**
 * Fetches Deno for a target, unless it was fetched before, and returns the path of the executable.
 *
 * @throws {Error} If what npm hands out is not what this project names.
 */
export async function fetchRuntime(target: Target): Promise<string> {
  const { package: name, version, sha512 } = target.runtime;
  const folder = `${cacheFolder()}/deno-${version}-${target.name}`;
  const path = `${folder}/deno`;
  if (await exists(path)) return path;
  await Deno.mkdir(folder, { recursive: true });
  const work = await Deno.makeTempDir({ dir: folder });
  try {
    const archive =
      (await run("npm", ["pack", "--silent", `${name}@${version}`], {
        cwd: work,
      })).trim();
    const bytes = await Deno.readFile(`${work}/${archive}`);
    if (createHash("sha512").update(bytes).digest("base64") !== sha512) {
      throw new Error(
        `Cannot ship ${name}@${version}: it does not have the expected checksum`,
      );
    }
    await run("tar", ["xzf", archive, "package/deno"], { cwd: work });
    await requireMachine(`${work}/package/deno`, target);
    await Deno.chmod(`${work}/package/deno`, 0o755);
    await Deno.rename(`${work}/package/deno`, path);
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
