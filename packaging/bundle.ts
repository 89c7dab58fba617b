/**
 * The program as one folder of JavaScript, with nothing left to fetch.
 *
 * The entry has a fixed name and holds what every command needs. What only some commands load (gRPC, the
 * Discord client) is in chunks beside it, so that `version` does not read them: for the same reason it imports
 * no module of Node before it needs one.
 *
 * @module
 */

import * as esbuild from "esbuild";
import manifest from "../deno.json" with { type: "json" };
import { type BundledPackage, packagesIn } from "./dependencies.ts";
import { npmModules } from "./npm_modules.ts";
import { ROOT } from "./source.ts";

/** Name of the file that is run. */
export const ENTRY = "teleport-discord.mjs";

/**
 * Packages in CommonJS ask for modules of the runtime by this; each file gets its own. Unlike `createRequire` it costs
 * nothing until it is called: to import `node:module` takes longer than to start an empty program.
 */
const BANNER = "const require=(id)=>process.getBuiltinModule(id);";

/** How to bundle. */
export interface BundleOptions {
  /** Folder for the result; other files in it are left alone. */
  readonly folder: string;
  /** What `git describe` says; empty if that does not matter. */
  readonly gitRef?: string;
}

/** A bundle on disk. */
export interface Bundle {
  readonly folder: string;
  /** Path of the file to run. */
  readonly entry: string;
  /** Names of all files in its folder, the entry first. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** The npm packages of which something is in it, by name. */
  readonly packages: readonly BundledPackage[];
}

/**
 * Bundles the program.
 *
 * The chunks have their content in their names and the entry is replaced last, so that a program that runs
 * from an earlier bundle in the same folder is not disturbed.
 *
 * @throws {Error} If something cannot be resolved, or has no licence.
 */
export async function bundle(
  { folder, gitRef = "" }: BundleOptions,
): Promise<Bundle> {
  const modules = await npmModules();
  const { metafile, outputFiles } = build(folder, gitRef, modules);
  requireLocked(Object.keys(metafile.inputs), modules);
  const outputs = outputFiles
    .map(({ path, contents }) => ({
      name: path.slice(folder.length + 1),
      path,
      contents,
    }))
    .toSorted((a, b) =>
      Number(b.name === ENTRY) - Number(a.name === ENTRY) ||
      (a.name < b.name ? -1 : 1)
    );
  const bytes = outputs.reduce((sum, { contents }) => sum + contents.length, 0);
  await Deno.mkdir(folder, { recursive: true });
  for (const { path, contents } of outputs.toReversed()) {
    await Deno.writeFile(`${path}.new`, contents);
    await Deno.rename(`${path}.new`, path);
  }
  const used = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => `${ROOT}${path}`);
  return {
    folder,
    entry: `${folder}/${ENTRY}`,
    files: outputs.map(({ name }) => name),
    bytes,
    packages: await packagesIn(used),
  };
}

/**
 * Refuses packages that are not those of the lock file: a folder `node_modules` above the project comes first.
 *
 * @param inputs Paths as seen from the project.
 */
function requireLocked(inputs: readonly string[], modules: string): void {
  const foreign = inputs.find((path) =>
    path.includes("node_modules/") && !`${ROOT}${path}`.startsWith(modules)
  );
  if (foreign === undefined) return;
  throw new Error(
    `Cannot bundle "${foreign}": it is not of the lock file; move the project or that folder`,
  );
}

/** Synchronously: else esbuild goes on as a process that nobody can wait for. */
function build(folder: string, gitRef: string, modules: string) {
  return esbuild.buildSync({
    absWorkingDir: ROOT,
    entryPoints: { [ENTRY.replace(/\.mjs$/, "")]: "main.ts" },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "esnext",
    mainFields: ["module", "main"],
    nodePaths: [modules],
    // The build for Node prints what it reads if LOG_TOKENS or LOG_STREAM is set.
    alias: { yaml: `${modules}/yaml/browser/index.js` },
    banner: { js: BANNER },
    define: {
      BUILD_GIT_REF: JSON.stringify(gitRef),
      BUILD_VERSION: JSON.stringify(manifest.version),
    },
    legalComments: "none",
    logLevel: "error",
    // Loaded only where channelz or load reports are asked for, and the program asks for neither: 130 KB.
    external: ["@grpc/proto-loader"],
  });
}
