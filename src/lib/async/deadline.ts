/**
 * Waiting no longer than a deadline.
 *
 * @module
 */

import { OVER } from "./cancellation.ts";
import type { Clock } from "./clock.ts";

/** What {@linkcode withDeadline} needs. */
export interface DeadlineOptions {
  readonly ms: number;
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
  /** Returns what to reject with when the time is up. */
  readonly late: () => Error;
}

/**
 * Waits for what is started here, but only for a time.
 *
 * @param start Is given a signal that also aborts when nobody waits any more.
 * @throws What `late` returns, the signal's reason, or what the promise rejects with.
 */
export async function withDeadline<T>(
  start: (signal: AbortSignal) => Promise<T>,
  { ms, clock, signal, late }: DeadlineOptions,
): Promise<T> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const timeout = clock.sleep(ms, either).then(() => {
    throw late();
  });
  timeout.catch(() => {});
  try {
    return await Promise.race([start(either), timeout]);
  } finally {
    over.abort(OVER);
  }
}
