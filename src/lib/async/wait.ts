/**
 * Waiting that a signal can end.
 *
 * @module
 */

import { onAbort, OVER } from "./cancellation.ts";
import type { Clock } from "./clock.ts";

/**
 * Waits for a promise, but no longer than the signal allows.
 *
 * @throws The signal's reason if it is or becomes aborted, or what the promise rejects with.
 */
export async function waitFor<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  using _ = onAbort(signal, () => reject(signal.reason));
  // Even if the signal comes first, the promise is watched: it may reject later.
  return await Promise.race([aborted, promise]);
}

/**
 * Waits for a time, or until a promise settles or the signal aborts; it never rejects.
 *
 * @param ms Milliseconds, at least 0.
 */
export async function rest(
  ms: number,
  wake: Promise<unknown>,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort(OVER);
  using _ = onAbort(signal, end);
  const slept = clock.sleep(ms, over.signal);
  try {
    await Promise.race([wake, slept]);
  } catch {
    // Whatever the promise rejects with, the wait is over.
  } finally {
    end();
    slept.catch(() => {});
  }
}

/** Lets the event loop turn once: only then is written what was sent, and read what has arrived. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}
