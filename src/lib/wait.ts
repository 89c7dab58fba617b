/**
 * Waiting that a signal can end.
 *
 * @module
 */

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
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    // Even if the signal comes first, the promise is watched: it may reject later.
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
