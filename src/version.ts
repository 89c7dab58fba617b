/**
 * Which build this is.
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

/** Semantic version of this program. */
export const VERSION: string = manifest.version;

/** What `git describe` said where this was built; empty when it runs from the sources. */
export const GIT_REF: string = "";
