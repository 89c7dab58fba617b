/**
 * Calls to the Auth Service, watched by the pulse: each has a deadline of its own, so one that outlives
 * all of them by far shows that the loop it belongs to turns no more.
 *
 * @module
 */

import type { Pulse } from "../lib/async/stall_detector.ts";
import { wrapMethods } from "../lib/wrap_methods.ts";
import type { AuthService } from "../ports/auth_service.ts";
import type { LinkContext } from "../teleport/connect/connection.ts";

/** More than a call waits for a connection and then for its answer. */
const CALL_MS = 180_000;

/** More than all ways take that are tried side by side, and the closer look after them. */
const CONNECT_MS = 300_000;

/** How long a watch may take to end after it was told to. */
const END_MS = 60_000;

/** Returns the same service; a call that does not end shows in the pulse. */
export function watchCalls(auth: AuthService, pulse: Pulse): AuthService {
  return wrapMethods(auth, (name, method) => (...args) => {
    const result = method(...args);
    if (name === "watchEvents" && result instanceof Promise) {
      return watchTheEnd(name, result, args.at(-1), pulse);
    }
    if (result instanceof Promise) return pulse.within(name, CALL_MS, result);
    return isIterable(result) ? eachWithin(name, result, pulse) : result;
  });
}

/** Returns the same dialer; an attempt that does not end shows in the pulse. */
export function watchDialer(
  dialer: LinkContext["dialer"],
  pulse: Pulse,
): LinkContext["dialer"] {
  return {
    connect: (credentials, signal) =>
      pulse.within("connect", CONNECT_MS, dialer.connect(credentials, signal)),
  };
}

/** A watch may last for ever, but not once its signal has aborted. */
async function watchTheEnd<T>(
  name: string,
  watch: Promise<T>,
  signal: unknown,
  pulse: Pulse,
): Promise<T> {
  const follow = () => {
    pulse.within(name, END_MS, watch).catch(() => {});
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
  pulse: Pulse,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await pulse.within(name, CALL_MS, iterator.next());
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
