/**
 * Which Deno this program needs.
 *
 * @module
 */

import { OperatorError } from "./operator_error.ts";
import { isAtLeast } from "./versions.ts";

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
  if (isAtLeast(version, OLDEST)) return;
  throw new OperatorError(
    `Cannot connect with Deno ${version}: Deno ${OLDEST} or newer is needed`,
  );
}
