/**
 * The npm packages of the lock file as a folder `node_modules`, in which esbuild finds its way.
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };
import { run } from "../programs/command.ts";
import { locked } from "./lock.ts";
import { ROOT } from "./source.ts";

const FOLDER = `${ROOT}dist/npm`;

/** The lock file that it was installed from. */
const DONE = `${FOLDER}/done`;

/**
 * Parts of gRPC that only a server needs, which the program is not, and ways of balancing that nothing here
 * asks for: 75 KB of the bundle. Only the index knows these files; it hands on what they export, and calls
 * their `setup`.
 */
const LEFT_OUT = [
  "server.js",
  "server-credentials.js",
  "server-interceptors.js",
  "orca.js",
  "load-balancer-outlier-detection.js",
  "load-balancer-weighted-round-robin.js",
];

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
  const imports = JSON.stringify({ imports: await shippedImports() });
  await Deno.writeTextFile(`${FOLDER}/deno.json`, imports);
  const lock = await Deno.readTextFile(`${ROOT}deno.lock`);
  await Deno.writeTextFile(`${FOLDER}/deno.lock`, lock);
  // Not frozen, since what only tests need goes out of the copy of the lock file; versions and checksums stay.
  await run(
    Deno.execPath(),
    ["install", "--quiet", "--frozen=false", "--node-modules-dir=auto"],
    { cwd: FOLDER },
  );
  await leaveOut();
  // Says that it was finished.
  await Deno.writeTextFile(DONE, stamp(lock));
}

async function leaveOut(): Promise<void> {
  for (const name of LEFT_OUT) {
    const path = `${FOLDER}/node_modules/@grpc/grpc-js/build/src/${name}`;
    // It may be one file with that in Deno's cache, so another takes its place.
    await Deno.remove(path);
    await Deno.writeTextFile(path, "exports.setup = () => {};\n");
  }
}

/** What tells whether the folder is current. */
function stamp(lock: string): string {
  return `without ${LEFT_OUT.join(", ")}\n${lock}`;
}

/** Returns the imports that the sources of the program name, in their text. */
async function shippedImports(): Promise<Readonly<Record<string, string>>> {
  const text = await readAll(`${ROOT}src`);
  return Object.fromEntries(
    Object.entries(manifest.imports)
      .filter(([name]) =>
        text.includes(`"${name}"`) || text.includes(`"${name}/`)
      ),
  );
}

async function readAll(folder: string): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    text += isDirectory ? await readAll(path) : await Deno.readTextFile(path);
  }
  return text;
}

/** Whether what is there was installed from the present lock file. */
async function isCurrent(): Promise<boolean> {
  const [present = "", installed] = await Promise.all(
    [`${ROOT}deno.lock`, DONE].map((path) =>
      Deno.readTextFile(path).catch(() => "")
    ),
  );
  return stamp(present) === installed;
}
