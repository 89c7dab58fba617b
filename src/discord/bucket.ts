/**
 * One bucket of Discord's rate limits, as far as its answers tell.
 *
 * @module
 */

import { Barrier } from "./barrier.ts";
import type { BucketHeaders, LimitNews } from "./rate_limit.ts";

/**
 * Added to each reset and each `retry_after`: they come in whole milliseconds, and two timers never
 * agree exactly.
 */
export const RESET_MARGIN_MS = 50;

/**
 * Tracks a window of `Limit` calls that Discord opens with the first call and closes at its reset.
 *
 * Nobody tells the reset exactly: between Discord's word and our clock lies the way of the answer. So
 * a window keeps the earliest and the latest moment at which its reset may be. `Remaining` is the least
 * that an answer of this window named; calls whose answer is still to come are subtracted, since any of
 * them may count already or still.
 *
 * Times are milliseconds on the monotonic clock.
 */
export class Bucket {
  readonly barrier = new Barrier();
  /** Who sends calls that fall into this bucket. */
  readonly users = new Set<{ readonly inFlight: number }>();
  #limit: number | undefined;
  #remaining = 0;
  #open = false;
  #earliestResetMs = -Infinity;
  #latestResetMs = -Infinity;
  /** Longest reset that was named: how long a window is when nothing better is known. */
  #windowMs = 1_000;

  /** Returns when one more call may be sent; `Infinity` if an answer has to come first. */
  readyAtMs(nowMs: number): number {
    let inFlight = 0;
    for (const user of this.users) inFlight += user.inFlight;
    const behindBarrierMs = this.barrier.readyAtMs(nowMs, inFlight);
    if (behindBarrierMs > nowMs) return behindBarrierMs;
    if (this.#limit === undefined) return inFlight === 0 ? nowMs : Infinity;
    this.#turn(nowMs);
    if (this.#remaining > inFlight) return nowMs;
    return this.#open ? this.#latestResetMs + RESET_MARGIN_MS : Infinity;
  }

  /** Whether it holds no knowledge that would be missed. */
  isIdle(nowMs: number): boolean {
    this.#turn(nowMs);
    return !this.#open && this.barrier.isIdle(nowMs);
  }

  /**
   * Takes note of how a call ended.
   *
   * @param news `undefined` if no answer came, so that nobody knows whether the call was counted.
   */
  settle(news: LimitNews | undefined, sentMs: number, nowMs: number): void {
    this.#turn(nowMs);
    if (news?.headers !== undefined) {
      this.#read(news.headers, sentMs, nowMs);
    } else if (this.#limit !== undefined) {
      this.#spend(nowMs);
    } else if (news?.fromDiscord === true && news.refusal === undefined) {
      this.#limit = this.#remaining = Infinity;
    }
  }

  #read(headers: BucketHeaders, sentMs: number, nowMs: number): void {
    const earliestMs = sentMs + headers.resetAfterMs;
    const latestMs = nowMs + headers.resetAfterMs;
    this.#limit = headers.limit;
    this.#windowMs = Math.max(this.#windowMs, headers.resetAfterMs);
    if (earliestMs > this.#latestResetMs + RESET_MARGIN_MS) {
      this.#open = true;
      this.#earliestResetMs = earliestMs;
      this.#latestResetMs = latestMs;
      this.#remaining = headers.remaining;
    } else if (latestMs + RESET_MARGIN_MS < this.#earliestResetMs) {
      // An answer that a later one overtook: its window is over.
    } else if (!this.#open) {
      this.#spend(nowMs);
    } else {
      this.#remaining = Math.min(this.#remaining, headers.remaining);
      this.#narrow(earliestMs, latestMs);
    }
  }

  /**
   * Combines two statements about the reset. Slow answers may stem from two windows although their
   * statements overlap; then the later reset counts.
   */
  #narrow(earliestMs: number, latestMs: number): void {
    const doubtMs = latestMs - earliestMs +
      this.#latestResetMs - this.#earliestResetMs;
    if (doubtMs < this.#windowMs) {
      this.#earliestResetMs = Math.max(this.#earliestResetMs, earliestMs);
      this.#latestResetMs = Math.min(this.#latestResetMs, latestMs);
    } else {
      this.#earliestResetMs = Math.min(this.#earliestResetMs, earliestMs);
      this.#latestResetMs = Math.max(this.#latestResetMs, latestMs);
    }
  }

  /** Counts a call of which it is not known which window it fell into. */
  #spend(nowMs: number): void {
    this.#remaining = Math.max(0, this.#remaining - 1);
    if (this.#open || this.#remaining === Infinity) return;
    this.#open = true;
    this.#earliestResetMs = nowMs;
    this.#latestResetMs = nowMs + this.#windowMs;
  }

  /** Assumes a full window once the reset is certainly over. */
  #turn(nowMs: number): void {
    if (!this.#open || nowMs < this.#latestResetMs + RESET_MARGIN_MS) return;
    this.#open = false;
    this.#remaining = this.#limit ?? 0;
  }
}
