/**
 * Waiting no longer than a deadline.
 *
 * @module
 */

import { systemClock } from "./clock.ts";

/** Waits for a promise, but only for a time. */
export async function withDeadline(
  promise: Promise<void>,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const timeout = systemClock.sleep(
    ms,
    AbortSignal.any([signal, done.signal]),
  );
  try {
    await Promise.race([promise, timeout.catch(() => {})]);
  } finally {
    done.abort();
  }
}
