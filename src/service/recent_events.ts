/**
 * What events told a short time ago, for lists that may be behind them.
 *
 * @module
 */

import type { Clock } from "../lib/clock.ts";

/** A list may be behind an event by so much. */
const LIST_LAG_MS = 10_000;

/** Remembers what events told of, until every list shows it. */
export class RecentEvents {
  readonly #clock: Clock;
  /** When an event told of each, by the monotonic clock. */
  readonly #toldMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An event told of it just now. */
  add(id: string): void {
    this.#toldMs.set(id, this.#clock.monotonic());
  }

  has(id: string): boolean {
    return this.#toldMs.has(id);
  }

  delete(id: string): void {
    this.#toldMs.delete(id);
  }

  clear(): void {
    this.#toldMs.clear();
  }

  /** Forgets what a list that is read from now on shows. */
  expire(): void {
    const toldBefore = this.#clock.monotonic() - LIST_LAG_MS;
    for (const [id, atMs] of this.#toldMs) {
      if (atMs < toldBefore) this.#toldMs.delete(id);
    }
  }
}
