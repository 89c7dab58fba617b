/**
 * Which build this is.
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

// Put in their places by `packaging/bundle.ts`; not there when the program runs from its sources.
declare const BUILD_VERSION: string | undefined;
declare const BUILD_GIT_REF: string | undefined;

/** Semantic version of this program. */
export const VERSION: string = typeof BUILD_VERSION === "undefined"
  ? manifest.version
  : BUILD_VERSION;

/** What `git describe` said where this was built; empty when it runs from the sources. */
export const GIT_REF: string = typeof BUILD_GIT_REF === "undefined"
  ? ""
  : BUILD_GIT_REF;

/** Major versions of Teleport that this program is made for. */
export const SUPPORTED_TELEPORT = { oldest: 14, newest: 18 } as const;

/** Whether this program is made for a version of Teleport, such as `18.0.0`. */
export function isSupportedTeleport(version: string): boolean {
  const major = Number.parseInt(version);
  const { oldest, newest } = SUPPORTED_TELEPORT;
  return major >= oldest && major <= newest;
}
