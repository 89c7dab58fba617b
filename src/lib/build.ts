/**
 * Which build this is.
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };

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
