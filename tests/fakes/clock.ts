/**
 * A clock that tests turn by hand.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Clock } from "../../src/lib/async/clock.ts";

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Stands still until {@linkcode FakeClock.advance} turns it. */
export class FakeClock implements Clock {
  #elapsedMs = 0;
  #wallMs: number;
  readonly #sleepers = new Set<Sleeper>();
  /** What every random number is. */
  chance = 0.5;
  readonly random = (): number => this.chance;

  /** @param wallMs Where the wall clock starts, milliseconds since 1970. */
  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = wallMs;
  }

  now(): number {
    return this.#wallMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { dueMs: this.#elapsedMs + ms, wake: resolve };
    const abort = () => reject(signal.reason);
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", abort);
    }
  }

  /** How many sleeps are under way. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** When the next sleeper wakes, on the monotonic clock; `undefined` if nobody sleeps. */
  get nextDueMs(): number | undefined {
    return this.#next()?.dueMs;
  }

  /** Makes the wall clock jump, as an administrator or NTP would; no sleeper notices. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  /** Turns the clock on, wakes whoever is due in order, and lets each of them run before the next. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#elapsedMs + ms;
    await settle();
    for (
      let next = this.#next();
      next !== undefined && next.dueMs <= targetMs;
      next = this.#next()
    ) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#elapsedMs = targetMs;
    await settle();
  }

  /**
   * Turns the clock from one sleeper to the next until the promise is settled, and returns its outcome.
   *
   * @throws {Error} If it is not settled although nobody sleeps, or after `limitMs`.
   */
  async run<T>(promise: Promise<T>, limitMs = 86_400_000): Promise<T> {
    let settled = false;
    promise.then(() => settled = true, () => settled = true);
    const endMs = this.#elapsedMs + limitMs;
    await settle();
    while (!settled) {
      const dueMs = this.#next()?.dueMs;
      if (dueMs === undefined) throw new Error("Nobody sleeps, yet it waits");
      if (dueMs > endMs) throw new Error(`Still waiting after ${limitMs} ms`);
      await this.advance(Math.max(0, dueMs - this.#elapsedMs));
    }
    return await promise;
  }

  #next(): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (next === undefined || sleeper.dueMs < next.dueMs) next = sleeper;
    }
    return next;
  }
}

/** Lets everything run that can run without time passing: microtasks go before the next task. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
