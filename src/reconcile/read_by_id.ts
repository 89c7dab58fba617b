/**
 * Reads a request past the caches that lists come from.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { AuthService } from "../ports/auth_service.ts";
import { hasExpired } from "./observe.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** Takes in what a read by ID shows of a request; that it is gone only where its absence proves that. */
export async function readById(
  request: TrackedRequest,
  { auth, clock, signal }: {
    readonly auth: Pick<AuthService, "getAccessRequest">;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { lookup } = request;
  const absenceProves = lookup?.absenceProves ?? false;
  const found = await auth.getAccessRequest(request.id, signal);
  if (request.lookup === lookup) request.lookup = undefined;
  if (found !== undefined) {
    return request.observe({ request: found, source: "read", gone: undefined });
  }
  const snapshot = await request.record.read(signal);
  if (absenceProves || hasExpired(snapshot, clock.now())) {
    request.observe({ request: undefined, source: "read", gone: "inferred" });
  }
}
