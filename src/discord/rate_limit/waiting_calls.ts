/**
 * Who of those that wait for the same limit goes next.
 *
 * @module
 */

interface Entry<T> {
  readonly order: number;
  readonly call: T;
}

/**
 * Serves the newest and the oldest in turn: a fresh request is not starved by a backlog, nor the
 * backlog by a stream of fresh ones. Among equals the first come is served first.
 */
export class WaitingCalls<T> {
  /** Sorted by `order`; equals as they came. */
  readonly #entries: Entry<T>[] = [];
  #newestNext = true;

  get size(): number {
    return this.#entries.length;
  }

  /** @param order What the call is sorted by; a greater number is newer. */
  add(order: number, call: T): void {
    const index = this.#first((other) => other > order);
    this.#entries.splice(index, 0, { order, call });
  }

  /** Removes a call that waits no longer; returns whether it did until now. */
  remove(call: T): boolean {
    const index = this.#entries.findIndex((entry) => entry.call === call);
    if (index >= 0) this.#entries.splice(index, 1);
    return index >= 0;
  }

  /** Takes the next call out; `undefined` if none waits. */
  take(): T | undefined {
    const newest = this.#entries.at(-1);
    if (newest === undefined) return undefined;
    const index = this.#newestNext
      ? this.#first((order) => order >= newest.order)
      : 0;
    this.#newestNext = !this.#newestNext;
    return this.#entries.splice(index, 1)[0]?.call;
  }

  /** Returns the index of the first entry that satisfies a condition that all after it satisfy too. */
  #first(matches: (order: number) => boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry === undefined || matches(entry.order)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
