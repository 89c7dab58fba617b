/**
 * Keeps calls back after a refusal.
 *
 * @module
 */

import type { Scope } from "./limit_headers.ts";

/** How long calls go one at a time after a refusal by a limit that no header announces. */
const SERIAL_MS = 60_000;

/**
 * After so many refusals in a row of the one call that may go, the next is made later than Discord says:
 * a limit that always refuses would else use up what all calls together may be refused.
 */
const REFUSALS_BEFORE_EXTRA_WAIT = 3;

/**
 * So with a window that others have used up: it opens again when its headers say, and then the call has a chance.
 * It must not wait long because of what refused it before.
 */
const USED_UP_BEFORE_EXTRA_WAIT = 12;

const FIRST_EXTRA_MS = 1_000;
const MAX_EXTRA_MS = 60_000;

/**
 * Closed for as long as Discord said. Afterwards one call goes alone, and the others follow its success;
 * behind a hidden limit they follow one at a time, so that its next refusal meets one call and not many.
 *
 * Times are milliseconds on the monotonic clock.
 */
export class Cooldown {
  #closedUntilMs = -Infinity;
  #serialUntilMs = -Infinity;
  #probing = false;
  /** Calls in a row that went alone and were refused; those by a used-up window count apart. */
  #refusals = 0;
  #usedUp = 0;

  /**
   * Closes after a refusal.
   *
   * @param waitMs How long, as Discord says.
   */
  close(nowMs: number, waitMs: number, scope: Scope): void {
    const isUsedUp = scope === "window";
    // Others that were refused at the same time say nothing new.
    if (this.#probing && !this.isClosed(nowMs)) {
      if (isUsedUp) this.#usedUp++;
      else this.#refusals++;
    }
    const extraMs = isUsedUp
      ? extraAfter(this.#usedUp - USED_UP_BEFORE_EXTRA_WAIT)
      : extraAfter(this.#refusals - REFUSALS_BEFORE_EXTRA_WAIT);
    const untilMs = nowMs + Math.max(waitMs, extraMs);
    this.#closedUntilMs = Math.max(this.#closedUntilMs, untilMs);
    this.#probing = true;
    const isHidden = scope === "bucket" || scope === "route";
    if (isHidden) this.#serialUntilMs = this.#closedUntilMs + SERIAL_MS;
  }

  /** Takes note of an answer that was not a refusal. */
  passed(nowMs: number): void {
    if (this.isClosed(nowMs)) return;
    this.#probing = false;
    this.#refusals = this.#usedUp = 0;
  }

  isClosed(nowMs: number): boolean {
    return nowMs < this.#closedUntilMs;
  }

  /** Whether it holds no knowledge that would be missed. */
  isIdle(nowMs: number): boolean {
    return nowMs >= this.#closedUntilMs && nowMs >= this.#serialUntilMs;
  }

  /** Returns when one more call may go; `Infinity` if an answer has to come first. */
  readyAtMs(nowMs: number, inFlight: number): number {
    if (this.isClosed(nowMs)) return this.#closedUntilMs;
    const alone = this.#probing || nowMs < this.#serialUntilMs;
    return alone && inFlight > 0 ? Infinity : nowMs;
  }
}

/** Returns how long to wait at least, in milliseconds; 0 for less than no doubling. */
function extraAfter(doublings: number): number {
  if (doublings < 0) return 0;
  return Math.min(FIRST_EXTRA_MS * 2 ** doublings, MAX_EXTRA_MS);
}
