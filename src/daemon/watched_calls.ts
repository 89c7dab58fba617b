/**
 * Calls to the Auth Service, watched by the stall detector: each has a deadline of its own, so one that outlives
 * all of them by far shows that the loop it belongs to is stuck.
 *
 * @module
 */

import type { StallDetector } from "../lib/async/stall_detector.ts";
import { wrapMethods } from "../lib/wrap_methods.ts";
import type { AuthService } from "../ports/auth_service.ts";
import type { LinkContext } from "../teleport/connect/connection.ts";

/** More than a call waits for a connection and then for its answer. */
const CALL_MS = 180_000;

/** More than all routes take that are tried side by side, and the closer look after them. */
const CONNECT_MS = 300_000;

/** How long a watch may take to end after it was told to. */
const END_MS = 60_000;

/** Returns the same service; a call that does not end is noticed. */
export function watchCalls(
  auth: AuthService,
  stalls: StallDetector,
): AuthService {
  return wrapMethods(auth, (name, method) => (...args) => {
    const result = method(...args);
    if (name === "watchEvents" && result instanceof Promise) {
      return watchTheEnd(name, result, args.at(-1), stalls);
    }
    if (result instanceof Promise) return stalls.watch(name, CALL_MS, result);
    return isIterable(result) ? eachWithin(name, result, stalls) : result;
  });
}

/** Returns the same dialer; an attempt that does not end is noticed. */
export function watchDialer(
  dialer: LinkContext["dialer"],
  stalls: StallDetector,
): LinkContext["dialer"] {
  return {
    connect: (credentials, signal) =>
      stalls.watch("connect", CONNECT_MS, dialer.connect(credentials, signal)),
  };
}

/** A watch may last for ever, but not once its signal has aborted. */
async function watchTheEnd<T>(
  name: string,
  watch: Promise<T>,
  signal: unknown,
  stalls: StallDetector,
): Promise<T> {
  const follow = () => {
    stalls.watch(name, END_MS, watch).catch(() => {});
  };
  if (signal instanceof AbortSignal) {
    signal.addEventListener("abort", follow, { once: true });
  }
  try {
    return await watch;
  } finally {
    if (signal instanceof AbortSignal) {
      signal.removeEventListener("abort", follow);
    }
  }
}

async function* eachWithin<T>(
  name: string,
  items: AsyncIterable<T>,
  stalls: StallDetector,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await stalls.watch(name, CALL_MS, iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.asyncIterator in value;
}
