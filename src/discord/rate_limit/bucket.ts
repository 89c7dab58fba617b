/**
 * One bucket of Discord's rate limits, as far as its answers tell.
 *
 * @module
 */

import { Cooldown } from "./cooldown.ts";
import type { BucketHeaders, LimitNews } from "./limit_headers.ts";

/**
 * Added to each reset and each `retry_after`: they come in whole milliseconds, and two timers never
 * agree exactly.
 */
export const RESET_MARGIN_MS = 50;

/** How long a window counts whose length no answer has told. */
const LEAST_WINDOW_MS = 1_000;

/**
 * Tracks a window of `Limit` calls that Discord opens with the first call and closes at its reset.
 *
 * Nobody tells the reset exactly: between Discord's word and our clock lies the way of the answer. So
 * a window keeps the earliest and the latest moment at which its reset may be. `Remaining` is the least
 * that an answer of this window named. Calls that it may leave out are subtracted: those whose answer is
 * still to come, and those whose answer was lost.
 *
 * Times are milliseconds on the monotonic clock.
 */
export class Bucket {
  readonly cooldown = new Cooldown();
  /** Who sends calls that fall into this bucket. */
  readonly users = new Set<{ readonly inFlight: number }>();
  #limit: number | undefined;
  #remaining = 0;
  #isOpen = false;
  /** Whether the window is only what a lost call may have opened. */
  #isGuess = false;
  #earliestResetMs = -Infinity;
  #latestResetMs = -Infinity;
  /** Longest reset that was named: a window is at least as long. */
  #windowMs = 0;
  /** Calls of this window that `#remaining` may leave out, and when the last of them was given up. */
  #lost = 0;
  #lastLostMs = -Infinity;

  /** Returns when one more call may be sent; `Infinity` if an answer has to come first. */
  readyAtMs(nowMs: number): number {
    let inFlight = 0;
    for (const user of this.users) inFlight += user.inFlight;
    const behindCooldownMs = this.cooldown.readyAtMs(nowMs, inFlight);
    if (behindCooldownMs > nowMs) return behindCooldownMs;
    if (this.#limit === undefined) return inFlight === 0 ? nowMs : Infinity;
    this.#renew(nowMs);
    if (this.#remaining > this.#lost + inFlight) return nowMs;
    return this.#isOpen ? this.#latestResetMs + RESET_MARGIN_MS : Infinity;
  }

  /** Whether it holds no knowledge that would be missed. */
  isIdle(nowMs: number): boolean {
    this.#renew(nowMs);
    return !this.#isOpen && this.cooldown.isIdle(nowMs);
  }

  /**
   * Takes note of how a call ended.
   *
   * @param news `undefined` if no answer came, so that nobody knows whether the call was counted.
   */
  settle(news: LimitNews | undefined, sentMs: number, nowMs: number): void {
    this.#renew(nowMs);
    if (news?.headers !== undefined) {
      this.#read(news.headers, sentMs, nowMs);
    } else if (this.#limit !== undefined) {
      this.#lose(nowMs);
    } else if (
      news?.fromDiscord === true && news.refusal === undefined && !news.invalid
    ) {
      // What was turned away before it came to a bucket tells nothing of one.
      this.#limit = this.#remaining = Infinity;
    }
  }

  #read(headers: BucketHeaders, sentMs: number, nowMs: number): void {
    const earliestMs = sentMs + headers.resetAfterMs;
    const latestMs = nowMs + headers.resetAfterMs;
    this.#limit = headers.limit;
    this.#windowMs = Math.max(this.#windowMs, headers.resetAfterMs);
    if (earliestMs > this.#latestResetMs + RESET_MARGIN_MS) {
      this.#isOpen = true;
      this.#isGuess = false;
      this.#earliestResetMs = earliestMs;
      this.#latestResetMs = latestMs;
      this.#remaining = headers.remaining;
    } else if (latestMs + RESET_MARGIN_MS < this.#earliestResetMs) {
      return; // A later answer overtook this one, whose window is over.
    } else if (!this.#isOpen) {
      this.#lose(nowMs);
      return;
    } else {
      this.#remaining = Math.min(this.#remaining, headers.remaining);
      this.#narrow(earliestMs, latestMs);
    }
    // Sent in the same millisecond, it may have been counted before the lost one.
    if (sentMs > this.#lastLostMs) this.#lost = 0;
  }

  /**
   * Combines two statements about the reset. If they may stem from two windows, as those of slow answers
   * may, the later reset counts.
   */
  #narrow(earliestMs: number, latestMs: number): void {
    const doubtMs = latestMs - earliestMs +
      this.#latestResetMs - this.#earliestResetMs;
    const isSameWindow = !this.#isGuess && doubtMs < this.#windowMs &&
      earliestMs <= this.#latestResetMs && latestMs >= this.#earliestResetMs;
    if (isSameWindow) {
      this.#earliestResetMs = Math.max(this.#earliestResetMs, earliestMs);
      this.#latestResetMs = Math.min(this.#latestResetMs, latestMs);
    } else {
      this.#earliestResetMs = Math.min(this.#earliestResetMs, earliestMs);
      this.#latestResetMs = Math.max(this.#latestResetMs, latestMs);
    }
  }

  /** Counts a call that may have opened a window, or fallen into an open one. */
  #lose(nowMs: number): void {
    this.#lost++;
    this.#lastLostMs = nowMs;
    if (!this.#isOpen) this.#guess(nowMs);
  }

  /**
   * Assumes the window that a lost call would have opened, at the latest when it was given up. It may be
   * over at any time, so that a call that is lost from now on may open the next one.
   */
  #guess(nowMs: number): void {
    this.#isOpen = true;
    this.#isGuess = true;
    this.#earliestResetMs = nowMs;
    this.#latestResetMs = this.#lostUntilMs;
  }

  /** When the last lost call counts no longer. */
  get #lostUntilMs(): number {
    return this.#lastLostMs + Math.max(this.#windowMs, LEAST_WINDOW_MS);
  }

  /** Assumes a full window once the reset is certainly over. */
  #renew(nowMs: number): void {
    if (!this.#isOpen || nowMs < this.#latestResetMs + RESET_MARGIN_MS) return;
    this.#isOpen = false;
    this.#remaining = this.#limit ?? 0;
    const mayCountAgain = this.#lastLostMs >= this.#earliestResetMs &&
      nowMs < this.#lostUntilMs + RESET_MARGIN_MS;
    if (this.#lost > 0 && mayCountAgain) {
      this.#guess(nowMs);
    } else {
      this.#lost = 0;
    }
  }
}
