/**
 * When to stop waiting, and when to end what has begun.
 *
 * @module
 */

/** How long a call to Discord may take: `stop` ends the wait for a slot, `deadline` the call itself. */
export interface Cancellation {
  readonly stop: AbortSignal;
  readonly deadline: AbortSignal;
}

/** Lets one signal end the wait and the call alike. */
export function endedBy(signal: AbortSignal): Cancellation {
  return { stop: signal, deadline: signal };
}

/** Why a signal is aborted that nobody listens to any more. Made once, as each has a stack, which is slow. */
export const OVER: DOMException = new DOMException(
  "The wait is over",
  "AbortError",
);
