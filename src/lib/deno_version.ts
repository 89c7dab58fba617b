/**
 * Which Deno this program needs.
 *
 * @module
 */

import { OperatorError } from "./operator_error.ts";

/**
 * Older ones can crash when a TLS write meets a connection that was just torn down (denoland/deno#35820,
 * #35867), and lack the back-pressure of HTTP/2 (#36044); before 2.9.2 they cannot speak gRPC over TLS.
 */
const OLDEST = "2.9.5";

/**
 * Refuses a Deno that is too old to connect.
 *
 * @throws {OperatorError} If it is too old.
 */
export function requireDeno(version: string = Deno.version.deno): void {
  if (compareVersions(version, OLDEST) >= 0) return;
  throw new OperatorError(
    `Cannot connect with Deno ${version}: Deno ${OLDEST} or newer is needed`,
  );
}

/** Compares two versions, leaving out what stands behind a `-` or `+`; below 0 if `a` is older. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    version.replace(/[-+].*$/, "").split(".").map(Number)
  );
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
