/**
 * When requests are to be looked at again because something falls due by time alone: a reminder, or the
 * end of access.
 *
 * Requests that need nothing else are not kept in memory; of each only this time is.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";

/** What {@linkcode RequestTimers} need. */
export interface RequestTimersOptions {
  readonly clock: Clock;
  /** Ends waiting. */
  readonly signal: AbortSignal;
  /** Called with the ID of a request whose time has come. */
  readonly onDue: (id: string) => void;
}

/** Wakes requests at their time, with one timer for all of them. */
export class RequestTimers {
  readonly #options: RequestTimersOptions;
  readonly #times = new Map<string, number>();
  #timer: { readonly atMs: number; readonly over: AbortController } | undefined;

  constructor(options: RequestTimersOptions) {
    this.#options = options;
  }

  /** Sets the time of a request, by the wall clock; `undefined` if there is none. */
  set(id: string, atMs: number | undefined): void {
    if (atMs === undefined) {
      this.#times.delete(id);
      return;
    }
    this.#times.set(id, atMs);
    if (this.#timer === undefined || atMs < this.#timer.atMs) this.#wait();
  }

  /** Waits for the earliest time; a new wait takes the place of the one before. */
  #wait(): void {
    const { clock, signal } = this.#options;
    this.#timer?.over.abort();
    this.#timer = undefined;
    let atMs = Infinity;
    for (const time of this.#times.values()) atMs = Math.min(atMs, time);
    if (atMs === Infinity || signal.aborted) return;
    const over = new AbortController();
    const timer = this.#timer = { atMs, over };
    const either = AbortSignal.any([signal, over.signal]);
    const ms = Math.max(0, atMs - clock.now());
    clock.sleep(ms, either).then(() => {
      if (this.#timer === timer) this.#wake();
    }, () => {/* Another time is earlier, or the service stops. */});
  }

  #wake(): void {
    const nowMs = this.#options.clock.now();
    for (const [id, atMs] of this.#times) {
      if (atMs > nowMs) continue;
      this.#times.delete(id);
      this.#options.onDue(id);
    }
    this.#wait();
  }
}
