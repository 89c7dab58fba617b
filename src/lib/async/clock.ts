/**
 * Time as an argument, so that tests can turn the clock.
 *
 * @module
 */

import { onAbort } from "./cancellation.ts";

/** What the daemon knows about time. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. It may jump. */
  now(): number;
  /** Monotonic clock, milliseconds since some start. */
  monotonic(): number;
  /**
   * Waits.
   *
   * @param ms Milliseconds; none, if it is less than 0.
   * @param signal Ends the wait early.
   * @throws The signal's reason if it is or becomes aborted.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Gives numbers from 0 to below 1, by which waits are spread, so that processes do not march in step. */
  readonly random: () => number;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  random: Math.random,
};

/** Longest delay that a timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _ = onAbort(signal, () => reject(signal.reason));
  // Of a negative delay Deno warns on standard error.
  const timer = setTimeout(resolve, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}
