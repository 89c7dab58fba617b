/**
 * From the bundle to what a machine can start.
 *
 * @module
 */

import { type Bundle, ENTRY } from "./bundle.ts";
import { run } from "../programs/command.ts";
import { PERMISSIONS, RUNTIME_FLAGS } from "./permissions.ts";
import { fetchRuntime } from "./runtime.ts";
import { requireMachine, type Target } from "./targets.ts";

/**
 * How the bundle becomes a program:
 *
 * - `official`: compiled, with the base that Deno downloads for its own version;
 * - `base`: compiled, with a base from a file, for machines that cannot reach Deno's downloads;
 * - `runtime`: not compiled, but shipped with the whole of Deno from npm and a launcher.
 */
export type Mode =
  | { readonly kind: "official" }
  | { readonly kind: "base"; readonly path: string }
  | { readonly kind: "runtime" };

/** Name of the program. */
export const PROGRAM = "teleport-discord";

/** A compiled program may be this many times as large as the base that it is made with. */
export const MOST_GROWTH = 1.02;

/** One file of a program. */
export interface ProgramFile {
  /** Below the folder that the program is built in, and below `/usr` or `/usr/local` once it is installed. */
  readonly path: string;
  readonly mode: 0o755 | 0o644;
}

/** A program for one target. */
export interface Program {
  readonly target: Target;
  readonly folder: string;
  /** Version of the Deno in it. */
  readonly deno: string;
  readonly files: readonly ProgramFile[];
}

/** What {@linkcode createProgram} works with. */
export interface ProgramOptions {
  readonly bundle: Bundle;
  readonly folder: string;
  readonly mode: Mode;
  readonly target: Target;
}

/** Makes the program for one target in a folder of its own. */
export async function createProgram(options: ProgramOptions): Promise<Program> {
  await Deno.mkdir(`${options.folder}/bin`, { recursive: true });
  return options.mode.kind === "runtime"
    ? await besideRuntime(options)
    : await compile(options);
}

async function compile(
  { bundle, folder, mode, target }: ProgramOptions,
): Promise<Program> {
  const path = `${folder}/bin/${PROGRAM}`;
  await compileFile(bundle.entry, path, mode, target);
  await requireMachine(path, target);
  if (mode.kind === "base") await requireSize(path, mode.path);
  const version = await run(compiler(mode), [
    "eval",
    "console.log(Deno.version.deno)",
  ]);
  return {
    target,
    folder,
    deno: version.trim(),
    files: [{ path: `bin/${PROGRAM}`, mode: 0o755 }],
  };
}

/** Compiles a module and what it imports, with the flags and permissions that are shipped. */
export async function compileFile(
  entry: string,
  output: string,
  mode: Mode,
  target: Target,
): Promise<void> {
  await run(compiler(mode), [
    "compile",
    "--quiet",
    "--no-check",
    `--target=${target.deno}`,
    ...RUNTIME_FLAGS,
    ...PERMISSIONS,
    `--output=${output}`,
    entry,
  ], {
    env: {
      DENO_NO_UPDATE_CHECK: "1",
      ...mode.kind === "base" ? { DENORT_BIN: mode.path } : {},
    },
  });
}

/** Returns which Deno compiles: a base has to be of the same version as the Deno that appends to it. */
function compiler(mode: Mode): string {
  return mode.kind === "base" && Deno.env.get("DENO_FOR_COMPILE") ||
    Deno.execPath();
}

async function requireSize(path: string, base: string): Promise<void> {
  const [{ size }, { size: least }] = await Promise.all([
    Deno.stat(path),
    Deno.stat(base),
  ]);
  if (size > least * MOST_GROWTH) {
    throw new Error(
      `Cannot ship a program of ${size} bytes: its base has ${least}, so at most ${
        Math.floor(least * MOST_GROWTH)
      } are allowed`,
    );
  }
}

async function besideRuntime(
  { bundle, folder, target }: ProgramOptions,
): Promise<Program> {
  const lib = `lib/${PROGRAM}`;
  const program: Program = {
    target,
    folder,
    deno: target.runtime.version,
    files: [
      { path: `bin/${PROGRAM}`, mode: 0o755 },
      { path: `${lib}/deno`, mode: 0o755 },
      ...bundle.files.map((name) => ({
        path: `${lib}/${name}`,
        mode: 0o644 as const,
      })),
    ],
  };
  await Deno.mkdir(`${folder}/${lib}`, { recursive: true });
  await Deno.copyFile(await fetchRuntime(target), `${folder}/${lib}/deno`);
  for (const name of bundle.files) {
    await Deno.copyFile(`${bundle.folder}/${name}`, `${folder}/${lib}/${name}`);
  }
  await Deno.writeTextFile(`${folder}/bin/${PROGRAM}`, formatLauncher());
  for (const { path, mode } of program.files) {
    await Deno.chmod(`${folder}/${path}`, mode);
  }
  return program;
}

/**
 * Returns the script that stands for the program; it finds the rest beside it, wherever it was installed.
 * Deno asks for a folder to cache in, even if it caches nothing there.
 */
function formatLauncher(): string {
  const flags = [...RUNTIME_FLAGS, ...PERMISSIONS].join(" \\\n  ");
  return `#!/bin/sh
self=$(readlink -f "$0")
lib=\${self%/bin/*}/lib/${PROGRAM}
unset DENO_V8_FLAGS DENO_PERMISSION_BROKER_PATH NODE_OPTIONS
unset DENO_COVERAGE_DIR DENO_LOG RUST_LOG NODE_DEBUG OTEL_DENO
export DENO_DIR=/nonexistent DENO_NO_UPDATE_CHECK=1
exec "$lib/deno" run --quiet \\
  ${flags} \\
  "$lib/${ENTRY}" "$@"
`;
}
