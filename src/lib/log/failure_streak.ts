/**
 * Failures in a row, of which the first is told loud, and each that differs from the one before.
 *
 * @module
 */

/** Remembers how something failed last, as long as it fails. */
export class FailureStreak {
  #last: string | undefined;

  /** How it failed last; `undefined` while all is well. */
  get last(): string | undefined {
    return this.#last;
  }

  /**
   * Takes note of a failure.
   *
   * @param failure An error, whose message counts, or what tells one kind from another.
   * @returns Whether it is news: the first in a row, or another one than before.
   */
  add(failure: unknown): boolean {
    const before = this.#last;
    this.#last = failure instanceof Error ? failure.message : String(failure);
    return this.#last !== before;
  }

  /** It works; returns whether it had failed. */
  end(): boolean {
    const hasFailed = this.#last !== undefined;
    this.#last = undefined;
    return hasFailed;
  }
}
