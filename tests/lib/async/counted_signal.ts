/**
 * A signal that tells whether somebody still listens to it.
 *
 * @module
 */

/** Returns a signal that never aborts, and how many listeners it has. */
export function countedSignal(): {
  signal: AbortSignal;
  listeners: () => number;
} {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    Reflect.apply(removeEventListener, signal, args);
  };
  return { signal, listeners: () => listeners };
}
