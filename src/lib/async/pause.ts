/**
 * A pause that many can wait to end.
 *
 * @module
 */

import { waitFor } from "./wait.ts";

/** Holds back everybody who asks while it lasts. */
export class Pause {
  #opened: PromiseWithResolvers<void> | undefined;

  get isPaused(): boolean {
    return this.#opened !== undefined;
  }

  /** Begins a pause; returns whether none was on. */
  pause(): boolean {
    if (this.#opened !== undefined) return false;
    this.#opened = Promise.withResolvers();
    return true;
  }

  resume(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /**
   * Waits until there is no pause.
   *
   * @throws The signal's reason if it is or becomes aborted.
   */
  async untilResumed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#opened !== undefined) {
      await waitFor(this.#opened.promise, signal);
    }
  }
}
