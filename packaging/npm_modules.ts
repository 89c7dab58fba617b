/**
 * The npm packages of the lock file as a folder `node_modules`, in which esbuild finds its way.
 *
 * @module
 */

import { run } from "./command.ts";
import { locked } from "./lock.ts";
import { ROOT } from "./source.ts";

const FOLDER = `${ROOT}dist/npm`;

/** The lock file that it was installed from. */
const DONE = `${FOLDER}/done`;

/** Makes the folder, unless it is there and current, and returns its path. */
export async function npmModules(): Promise<string> {
  await Deno.mkdir(`${ROOT}dist`, { recursive: true });
  return await locked(`${ROOT}dist/npm.lock`, async () => {
    if (!await isCurrent()) await install();
    return `${FOLDER}/node_modules`;
  });
}

async function install(): Promise<void> {
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
  await Deno.mkdir(FOLDER);
  await Deno.copyFile(`${ROOT}deno.json`, `${FOLDER}/deno.json`);
  const lock = await Deno.readTextFile(`${ROOT}deno.lock`);
  await Deno.writeTextFile(`${FOLDER}/deno.lock`, lock);
  await run(
    Deno.execPath(),
    ["install", "--quiet", "--frozen", "--node-modules-dir=auto"],
    { cwd: FOLDER },
  );
  // Says that it was finished.
  await Deno.writeTextFile(DONE, lock);
}

/** Whether what is there was installed from the present lock file. */
async function isCurrent(): Promise<boolean> {
  const [present, installed] = await Promise.all(
    [`${ROOT}deno.lock`, DONE].map((path) =>
      Deno.readTextFile(path).catch(() => "")
    ),
  );
  return present === installed;
}
