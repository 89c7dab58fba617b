/**
 * The npm packages of the lock file as a folder `node_modules`, in which esbuild finds its way.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FOLDER = `${ROOT}dist/npm`;

/** What decides which packages there are. */
const DECIDING = ["deno.json", "deno.lock"];

/** Makes the folder, unless it is there and current, and returns its path. */
export async function npmModules(): Promise<string> {
  const modules = `${FOLDER}/node_modules`;
  if (await isCurrent()) return modules;
  await Deno.mkdir(`${ROOT}dist`, { recursive: true });
  const next = await Deno.makeTempDir({ dir: `${ROOT}dist`, prefix: "npm-" });
  for (const name of DECIDING) {
    await Deno.copyFile(`${ROOT}${name}`, `${next}/${name}`);
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--frozen", "--node-modules-dir=auto"],
    cwd: next,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    const said = new TextDecoder().decode(stderr);
    throw new Error(`Cannot install the npm packages: ${said}`);
  }
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
  await Deno.rename(next, FOLDER);
  return modules;
}

async function isCurrent(): Promise<boolean> {
  try {
    const pairs = await Promise.all(
      DECIDING.flatMap((name) => [
        Deno.readTextFile(`${ROOT}${name}`),
        Deno.readTextFile(`${FOLDER}/${name}`),
      ]),
    );
    return pairs[0] === pairs[1] && pairs[2] === pairs[3];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
