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

/** Calls back when a signal aborts, or at once if it has, until the result is disposed of. */
export function onAbort(signal: AbortSignal, act: () => void): Disposable {
  if (signal.aborted) act();
  signal.addEventListener("abort", act, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", act) };
}

/** Why a signal is aborted that nobody listens to any more. Made once, as each has a stack, which is slow. */
export const OVER: DOMException = new DOMException(
  "The wait is over",
  "AbortError",
);
