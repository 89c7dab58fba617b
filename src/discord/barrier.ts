/**
 * Keeps calls back after a refusal.
 *
 * @module
 */

/** How long calls go one at a time after a refusal by a limit that no header announces. */
const SERIAL_MS = 60_000;

/**
 * Closed for as long as Discord said. Afterwards one call goes alone, and the others follow its success;
 * behind a hidden limit they follow one at a time, so that its next refusal meets one call and not many.
 *
 * Times are milliseconds on the monotonic clock.
 */
export class Barrier {
  #closedUntilMs = -Infinity;
  #serialUntilMs = -Infinity;
  #probing = false;

  /** Closes for a time after a refusal; `hidden` means that no header announced the limit. */
  close(untilMs: number, hidden: boolean): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, untilMs);
    this.#probing = true;
    if (hidden) this.#serialUntilMs = this.#closedUntilMs + SERIAL_MS;
  }

  /** Takes note of an answer that was not a refusal. */
  passed(nowMs: number): void {
    if (nowMs >= this.#closedUntilMs) this.#probing = false;
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
