/**
 * Noticing that something waits forever.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/**
 * Watches waits, each of which has a time by which it has to be over. One that takes longer shows that the
 * loop it belongs to is stuck.
 */
export class StallDetector {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #waits = new Set<{ readonly name: string; dueMs: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Name of a wait that should be over and is not. */
  get stalledIn(): string | undefined {
    const nowMs = this.#clock.monotonic();
    return this.#waits.values().find(({ dueMs }) => dueMs < nowMs)?.name;
  }

  /** Watches one wait and returns it as it is: it is never ended from here. */
  async watch<T>(name: string, ms: number, wait: Promise<T>): Promise<T> {
    const one = { name, dueMs: this.#clock.monotonic() + ms };
    this.#waits.add(one);
    try {
      return await wait;
    } finally {
      this.#waits.delete(one);
    }
  }
}

/** A timer may come this late on a machine that is busy. */
const LATE_MS = 60_000;

/** Returns a clock whose sleeps are watched. */
export function withStallDetection(clock: Clock, stalls: StallDetector): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) =>
      stalls.watch("sleep", ms + LATE_MS, clock.sleep(ms, signal)),
    random: clock.random,
  };
}
