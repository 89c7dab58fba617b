/**
 * Short digests that stand for a few values.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Returns the first 22 characters (132 bits) of the base64url SHA-256 of some values. */
export function shortDigest(...values: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("base64url")
    .slice(0, 22);
}
