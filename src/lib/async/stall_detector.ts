/**
 * Noticing that something waits for ever.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/**
 * Watches waits, each of which has a time by which it has to be over. While all keep to it, whatever
 * loop they belong to turns; one that does not shows that something is stuck.
 */
export class Pulse {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #waits = new Set<{ readonly name: string; dueMs: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Name of a wait that should be over and is not. */
  get stuckIn(): string | undefined {
    const nowMs = this.#clock.monotonic();
    for (const { name, dueMs } of this.#waits) {
      if (dueMs < nowMs) return name;
    }
    return undefined;
  }

  /** Watches one wait and returns it as it is: it is never ended from here. */
  async within<T>(name: string, ms: number, wait: Promise<T>): Promise<T> {
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
export function withPulse(clock: Clock, pulse: Pulse): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) =>
      pulse.within("sleep", ms + LATE_MS, clock.sleep(ms, signal)),
  };
}
