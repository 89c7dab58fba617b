/**
 * `teleport-discord version`
 *
 * @module
 */

import { GIT_REF, VERSION } from "../lib/build.ts";

/** Returns `teleport-discord v<version> git:<ref> deno<version>`; without a ref that part is left out. */
export function formatVersion(): string {
  const git = GIT_REF === "" ? "" : ` git:${GIT_REF}`;
  return `teleport-discord v${VERSION}${git} deno${Deno.version.deno}`;
}
