/**
 * `deno task build`: from the sources to programs that a machine can start, in `dist/`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Bundle, bundle } from "./bundle.ts";
import { formatLicences } from "./dependencies.ts";
import { createProgram, type Mode, type Program } from "./program.ts";
import { readSource, ROOT, type Source } from "./source.ts";
import { type Target, TARGETS } from "./targets.ts";
import { runTask } from "./task.ts";

/** What to build, and where. */
export interface BuildOptions {
  /** Folder of everything that is built, as an absolute path. */
  readonly dist: string;
  readonly mode: Mode;
  readonly targets: readonly Target[];
}

/** What was built. */
export interface Build {
  readonly dist: string;
  readonly source: Source;
  readonly bundle: Bundle;
  readonly programs: readonly Program[];
}

/** How to call this, for a person who did not. */
export const USAGE: string =
  `Usage: deno task build [official | runtime | base=PATH] [--arch=x64,arm64] [--dist=FOLDER]

  official   compiled, with the base that Deno downloads for its version (the default)
  runtime    Deno itself from npm, with the bundle and a launcher beside it
  base=PATH  compiled, with the base in a file; $DENO_FOR_COMPILE is a Deno of the same version
`;

/** Builds the bundle, its licences and the programs. */
export async function build(
  { dist, mode, targets }: BuildOptions,
): Promise<Build> {
  const source = await readSource();
  const folder = `${dist}/bundle`;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const bundled = await bundle({ folder, gitRef: source.gitRef });
  const deno = await Deno.readTextFile(`${ROOT}packaging/licences/deno.txt`);
  await Deno.writeTextFile(
    `${dist}/LICENCES`,
    formatLicences(bundled.packages, deno),
  );
  // The times of the files become part of a compiled program.
  await dateAll(folder, source.epochSec);
  const programs: Program[] = [];
  for (const target of targets) {
    const to = `${dist}/linux-${target.deb}`;
    await Deno.remove(to, { recursive: true }).catch(() => {});
    programs.push(
      await createProgram({ bundle: bundled, folder: to, mode, target }),
    );
  }
  return { dist, source, bundle: bundled, programs };
}

/** Sets the times of everything in a folder. */
export async function dateAll(folder: string, epochSec: number): Promise<void> {
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    if (isDirectory) await dateAll(`${folder}/${name}`, epochSec);
    else if (!isSymlink) {
      await Deno.utime(`${folder}/${name}`, epochSec, epochSec);
    }
  }
  await Deno.utime(folder, epochSec, epochSec);
}

/** Reads a command line; `undefined` if it makes no sense. */
export function parseBuildArgs(
  args: readonly string[],
): BuildOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      arch: { type: "string", default: "x64,arm64" },
      dist: { type: "string", default: `${ROOT}dist` },
    },
    allowPositionals: true,
  });
  const [mode, ...more] = positionals.length > 0
    ? positionals.map(parseMode)
    : [parseMode("official")];
  const names = values.arch.split(",");
  const targets = TARGETS.filter(({ name }) => names.includes(name));
  if (mode === undefined || more.length > 0) return undefined;
  if (targets.length !== names.length) return undefined;
  return { dist: values.dist, mode, targets };
}

function parseMode(text: string): Mode | undefined {
  const path = /^base=(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "base", path };
  return text === "official" || text === "runtime" ? { kind: text } : undefined;
}

if (import.meta.main) {
  const options = parseBuildArgs(Deno.args);
  if (options === undefined) {
    await Deno.stderr.write(new TextEncoder().encode(USAGE));
    Deno.exit(64);
  }
  await runTask(async () => {
    const { bundle, programs } = await build(options);
    const lines = [
      `${bundle.entry}, ${bundle.files.length} files, ${bundle.bytes} bytes, ${bundle.packages.length} packages`,
      ...programs.map(({ folder, deno }) => `${folder}, with Deno ${deno}`),
    ];
    await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  });
}
