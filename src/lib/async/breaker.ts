/**
 * A circuit breaker: after a failure only one call at a time is tried, ever more rarely.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { waitFor } from "./wait.ts";

/** How long a breaker stays open: the first time, and at most. */
export interface BreakerTimes {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Permission to make one call; exactly one of its methods is called afterwards. */
export interface Pass {
  /** The call worked: the breaker closes. */
  succeed(): void;
  /**
   * The call failed in the way that the breaker guards against: it opens, for twice as long as before.
   *
   * @returns Whether the breaker was closed before, so that this is news.
   */
  fail(): boolean;
  /** The call ended in some other way, which tells nothing. */
  abandon(): void;
}

/** Guards one thing that can be broken for a long time, such as a channel without permission. */
export class Breaker {
  readonly #times: BreakerTimes;
  readonly #clock: Clock;
  #openMs = 0;
  #retryAt = 0;
  /** Settles when the call that is tried alone has ended. */
  #trial: PromiseWithResolvers<void> | undefined;
  readonly #waiting = new Set<object>();
  /** Which trial was the last of a caller, counted from 1. */
  readonly #tried = new WeakMap<object, number>();
  #trials = 0;
  /** Who of those that wait is tried next, if that is worked out. */
  #next: object | undefined;
  /** Settles when somebody waits no longer. */
  #moved = Promise.withResolvers<void>();

  constructor(times: BreakerTimes, clock: Clock) {
    this.#times = times;
    this.#clock = clock;
  }

  /** Whether calls pass freely. */
  get isClosed(): boolean {
    return this.#openMs === 0;
  }

  /**
   * Waits until a call may be made. Those that wait are tried in turns: one that fails again and again
   * lets the others try theirs.
   *
   * @param caller Known by this when it comes again, so that it is not taken for somebody new.
   * @throws The signal's reason if it is or becomes aborted.
   */
  async enter(signal: AbortSignal, caller: object = {}): Promise<Pass> {
    signal.throwIfAborted();
    const trial = this.isClosed
      ? undefined
      : await this.#untilTrial(signal, caller);
    return trial ??
      { succeed: () => {}, fail: () => this.#fail(), abandon: () => {} };
  }

  /** Waits for a call to be tried alone; returns nothing if the breaker is closed. */
  async #untilTrial(
    signal: AbortSignal,
    caller: object,
  ): Promise<Pass | undefined> {
    this.#waiting.add(caller);
    this.#next = undefined;
    try {
      while (!this.isClosed) {
        if (this.#trial !== undefined) {
          await waitFor(this.#trial.promise, signal);
          continue;
        }
        const waitMs = this.#retryAt - this.#clock.monotonic();
        if (waitMs > 0) {
          await this.#clock.sleep(waitMs, signal);
          continue;
        }
        this.#next ??= this.#longestUntried();
        if (this.#next === caller) {
          this.#tried.set(caller, ++this.#trials);
          return this.#admitTrial();
        }
        await waitFor(this.#moved.promise, signal);
      }
      return undefined;
    } finally {
      this.#waiting.delete(caller);
      this.#next = undefined;
      this.#moved.resolve();
      this.#moved = Promise.withResolvers();
    }
  }

  /** Who of those that wait, and somebody does, was not tried for the longest time; of several who came first. */
  #longestUntried(): object {
    const lastTrial = (caller: object) => this.#tried.get(caller) ?? 0;
    return this.#waiting.values().reduce((next, each) =>
      lastTrial(each) < lastTrial(next) ? each : next
    );
  }

  #admitTrial(): Pass {
    const trial = Promise.withResolvers<void>();
    this.#trial = trial;
    const end = () => {
      this.#trial = undefined;
      trial.resolve();
    };
    return {
      succeed: () => {
        this.#openMs = 0;
        end();
      },
      fail: () => {
        this.#open();
        end();
        return false;
      },
      abandon: end,
    };
  }

  /** A call that had entered while the breaker was closed failed. */
  #fail(): boolean {
    if (!this.isClosed) return false;
    this.#open();
    return true;
  }

  #open(): void {
    const { firstMs, maxMs } = this.#times;
    this.#openMs = this.isClosed ? firstMs : Math.min(maxMs, this.#openMs * 2);
    this.#retryAt = this.#clock.monotonic() + this.#openMs;
  }
}
