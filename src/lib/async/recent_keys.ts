/**
 * Keys that were seen a short time ago.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Remembers when each key was seen last. */
export class RecentKeys {
  readonly #clock: Clock;
  readonly #keptMs: number;
  /** When each was seen, by the monotonic clock. */
  readonly #seenMs = new Map<string, number>();

  /** @param keptMs How long a key counts as recent. */
  constructor(clock: Clock, keptMs: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  /** It was seen just now. */
  add(id: string): void {
    this.#seenMs.set(id, this.#clock.monotonic());
  }

  has(id: string): boolean {
    return this.#seenMs.has(id);
  }

  delete(id: string): void {
    this.#seenMs.delete(id);
  }

  clear(): void {
    this.#seenMs.clear();
  }

  /** Forgets the keys that are not recent any more. */
  expire(): void {
    const seenBefore = this.#clock.monotonic() - this.#keptMs;
    for (const [id, atMs] of this.#seenMs) {
      if (atMs < seenBefore) this.#seenMs.delete(id);
    }
  }
}
