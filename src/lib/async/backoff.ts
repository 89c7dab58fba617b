/**
 * Waiting times between attempts.
 *
 * @module
 */

/** Bounds of a back-off, in milliseconds. */
export interface BackoffBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Decorrelated jitter: each wait lies between the least one and three times the wait before it.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export class Backoff {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #previousMs: number;

  /** @param random Gives numbers from 0 to below 1. */
  constructor(bounds: BackoffBounds, random: () => number) {
    this.#bounds = bounds;
    this.#random = random;
    this.#previousMs = bounds.minMs;
  }

  /** Returns how long to wait before the next attempt, in milliseconds. */
  nextMs(): number {
    const { minMs, maxMs } = this.#bounds;
    const spreadMs = this.#previousMs * 3 - minMs;
    this.#previousMs = Math.min(maxMs, minMs + this.#random() * spreadMs);
    return this.#previousMs;
  }

  /** Starts over, after something worked. */
  reset(): void {
    this.#previousMs = this.#bounds.minMs;
  }
}
