/**
 * Changes that are combined into few writes.
 *
 * @module
 */

/** Writes some changes at once. */
type Write<Change, Result> = (changes: readonly Change[]) => Promise<Result>;

/**
 * Writes changes one batch after another: those that are asked for while one is written go into the next.
 */
export class WriteBatches<Change, Result> {
  readonly #write: Write<Change, Result>;
  #waiting: {
    readonly change: Change;
    readonly done: PromiseWithResolvers<Result>;
  }[] = [];
  #isWriting = false;

  constructor(write: Write<Change, Result>) {
    this.#write = write;
  }

  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Returns what came of the write of a change. */
  add(change: Change): Promise<Result> {
    const done = Promise.withResolvers<Result>();
    this.#waiting.push({ change, done });
    if (!this.#isWriting) this.#writeAll();
    return done.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const changes = batch.map(({ change }) => change);
        const result = await this.#write(changes);
        for (const { done } of batch) done.resolve(result);
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    this.#isWriting = false;
  }
}
