/**
 * `teleport-discord version`
 *
 * @module
 */

import { GIT_REF, VERSION } from "../lib/build.ts";

/** What a version line is made of. */
export interface Build {
  readonly version: string;
  /** Empty if it is not known. */
  readonly gitRef: string;
  readonly deno: string;
}

/** Returns `teleport-discord v<version> git:<ref> deno<version>`; without a ref that part is left out. */
export function formatVersion(
  build: Build = { version: VERSION, gitRef: GIT_REF, deno: Deno.version.deno },
): string {
  const git = build.gitRef === "" ? "" : ` git:${build.gitRef}`;
  return `teleport-discord v${build.version}${git} deno${build.deno}`;
}
