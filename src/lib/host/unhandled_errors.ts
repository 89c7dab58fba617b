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
  const hearRejection = (event: PromiseRejectionEvent) =>
    report(event, event.reason);
  const hearError = (event: ErrorEvent) => report(event, event.error);
  globalThis.addEventListener("unhandledrejection", hearRejection);
  globalThis.addEventListener("error", hearError);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", hearRejection);
      globalThis.removeEventListener("error", hearError);
    },
  };
}
