/**
 * Reads a request past the caches that lists come from.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { waitFor } from "../lib/async/wait.ts";
import type { AuthService } from "../ports/auth_service.ts";
import { isPast } from "../record/plugin_data.ts";
import { absenceMeansExpired } from "./observe.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** Takes in what a read by ID shows of a request; that it is gone only where its absence proves that. */
export async function readById(
  request: TrackedRequest,
  { auth, clock, signal }: {
    readonly auth: Pick<AuthService, "within">;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { lookup } = request;
  const absenceProves = lookup?.absenceProves ?? false;
  const readAtMs = clock.monotonic();
  const found = await auth.within(signal).getAccessRequest(request.id);
  if (request.lookup === lookup) request.lookup = undefined;
  if (found !== undefined) {
    request.readAtMs = readAtMs;
    // Lists leave out at once whose access is over, while it can still be read by its ID for minutes.
    const isOver = lookup?.isUnlisted === true && found.state === "APPROVED" &&
      isPast(found.accessExpires, new Date(clock.now()));
    const gone = isOver ? "inferred" : undefined;
    return request.observe({ request: found, source: "read", gone });
  }
  const snapshot = await waitFor(request.record.read(), signal);
  if (absenceProves || absenceMeansExpired(snapshot, new Date(clock.now()))) {
    request.observe({ request: undefined, source: "read", gone: "inferred" });
  }
}
