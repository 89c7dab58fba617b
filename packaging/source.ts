/**
 * Which state of the sources is built.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { run } from "../programs/command.ts";

/** The folder of the project, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../", import.meta.url));

/** A state of the sources. */
export interface Source {
  readonly version: string;
  /** What `git describe` says of it. */
  readonly gitRef: string;
  /** Seconds since 1970 that everything built from it is dated with, so that it can be built again. */
  readonly epochSec: number;
}

/**
 * Reads the state of the sources; `SOURCE_DATE_EPOCH` may date it otherwise, and has to where the sources are
 * no clone.
 */
export async function readSource(): Promise<Source> {
  const git = (...args: string[]) => run("git", args, { cwd: ROOT });
  const { version } = manifest;
  const epoch = Deno.env.get("SOURCE_DATE_EPOCH") ||
    await git("log", "-1", "--format=%ct");
  const isClone = await Deno.stat(`${ROOT}.git`).then(() => true, () => false);
  const gitRef = isClone
    ? await git("describe", "--always", "--tags", "--dirty")
    : "";
  return { version, gitRef: gitRef.trim(), epochSec: Number(epoch.trim()) };
}
