/**
 * Deno itself, from npm, to be shipped beside the bundle where no base for compiling can be had.
 *
 * @module
 */

import { run } from "../programs/command.ts";
import { fetchFromNpm } from "./npm_archive.ts";
import { requireMachine, type Target } from "./targets.ts";

/** Fetches Deno for a target, unless it was fetched before, and returns the path of the executable. */
export async function fetchRuntime(target: Target): Promise<string> {
  return await fetchFromNpm(target.runtime, "deno", async (archive, folder) => {
    await run("tar", ["xzf", archive, "-C", folder, "package/deno"]);
    await requireMachine(`${folder}/package/deno`, target);
    return `${folder}/package/deno`;
  });
}
