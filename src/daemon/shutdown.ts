/**
 * How long things may take, from the outside.
 *
 * @module
 */

import { type Cancellation, onAbort } from "../lib/async/cancellation.ts";
import type { Logger } from "../lib/log/logger.ts";

/** How long work that is under way may take after the signal to stop. */
const DRAIN_MS = 15_000;

/**
 * Ends waiting with the signal, and calls that are under way some time later.
 *
 * @param ending Aborted with a `DOMException` if a stop was asked for, and with another error if not.
 */
export function cancellationUntil(
  ending: AbortSignal,
  logger: Logger,
): Cancellation & Disposable {
  const overdue = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    if (ending.reason instanceof DOMException) {
      logger.info("Attempting graceful shutdown");
    }
    timer = setTimeout(() => {
      logger.warn("Graceful shutdown failed, attempting fast shutdown");
      overdue.abort(new DOMException("Stopping took too long", "AbortError"));
    }, DRAIN_MS);
  };
  const heard = onAbort(ending, start);
  return {
    stop: ending,
    deadline: overdue.signal,
    [Symbol.dispose]() {
      heard[Symbol.dispose]();
      clearTimeout(timer);
    },
  };
}
