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
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
