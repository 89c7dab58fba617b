/**
 * How many clicks are taken in a minute.
 *
 * @module
 */

/** Most clicks in a minute, of one person and of all together. */
export interface ClickLimits {
  readonly perPerson: number;
  readonly inAll: number;
}

const WINDOW_MS = 60_000;

/** Counts the clicks of the last minute. */
export class ClickLimit {
  readonly #limits: ClickLimits;
  /** Clicks that were taken, oldest first. */
  #taken: { readonly atMs: number; readonly userId: string }[] = [];

  constructor(limits: ClickLimits) {
    this.#limits = limits;
  }

  /**
   * Counts a click, unless that would be too many; those do not count.
   *
   * @param nowMs By a clock that never goes back.
   * @returns Whether it may be taken.
   */
  take(userId: string, nowMs: number): boolean {
    this.#taken = this.#taken.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    const own = this.#taken.filter((click) => click.userId === userId).length;
    const { perPerson, inAll } = this.#limits;
    if (own >= perPerson || this.#taken.length >= inAll) return false;
    this.#taken.push({ atMs: nowMs, userId });
    return true;
  }
}
