/**
 * The program as it is shipped: bundled, and run with the flags that are built into it.
 *
 * @module
 */

import { bundle, ENTRY } from "../../packaging/bundle.ts";
import { locked } from "../../packaging/lock.ts";
import { PERMISSIONS, RUNTIME_FLAGS } from "../../packaging/permissions.ts";
import { ROOT } from "../../packaging/source.ts";

const FOLDER = `${ROOT}dist/test`;

/** What a bundle is made of and by; what follows from the lock file is not looked at. */
const SOURCES = ["main.ts", "src", "deno.json", "deno.lock", "packaging"];

/** Path of a bundle of the present sources. The first test that asks for it makes it, in half a second. */
export const BUNDLE: string = await freshBundle();

/**
 * Returns the arguments of Deno that run the bundle, up to those of the program itself: with the shipped
 * permissions, but also with a folder for files that does not need root.
 *
 * @param net Which network it may reach.
 */
export function runBundle(net: "loopback" | "any" = "loopback"): string[] {
  const temporary = Deno.env.get("TMPDIR") || "/tmp";
  const permissions = PERMISSIONS.map((flag) => {
    if (flag === "--allow-net" && net === "loopback") {
      return "--allow-net=127.0.0.1,localhost";
    }
    return flag.startsWith("--allow-write=") ? `${flag},${temporary}` : flag;
  });
  return ["run", "--quiet", ...RUNTIME_FLAGS, ...permissions, BUNDLE];
}

async function freshBundle(): Promise<string> {
  const path = `${FOLDER}/${ENTRY}`;
  await Deno.mkdir(FOLDER, { recursive: true });
  return await locked(`${FOLDER}/lock`, async () => {
    const [made, changed] = await Promise.all([
      Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => 0),
      newest(SOURCES.map((name) => `${ROOT}${name}`)),
    ]);
    if (made > changed) return path;
    return (await bundle({ folder: FOLDER })).entry;
  });
}

/** Returns when the newest of some files and folders was changed. */
async function newest(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map(async (path) => {
    const { isDirectory, mtime } = await Deno.stat(path);
    const own = mtime?.getTime() ?? 0;
    if (!isDirectory) return own;
    const inside = await Array.fromAsync(
      Deno.readDir(path),
      ({ name }) => `${path}/${name}`,
    );
    return Math.max(own, await newest(inside));
  }));
  return Math.max(0, ...times);
}
