/**
 * Faults of the program that nobody else catches.
 *
 * @module
 */

import type { Logger } from "../log/logger.ts";

/**
 * Logs each of them until the result is disposed of: what is wrong in one place must not end the service
 * for everybody, be it a promise that nobody watched or an event of a socket that nobody listened to.
 */
export function outliveFaults(logger: Logger): Disposable {
  const report = (event: Event, err: unknown) => {
    event.preventDefault();
    logger.error("unhandled error, continuing", { err });
  };
  const over = new AbortController();
  const { signal } = over;
  globalThis.addEventListener("unhandledrejection", (event) => {
    report(event, event.reason);
  }, { signal });
  globalThis.addEventListener("error", (event) => {
    report(event, event.error);
  }, { signal });
  return { [Symbol.dispose]: () => over.abort() };
}
