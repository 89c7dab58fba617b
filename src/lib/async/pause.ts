/**
 * A gate that many can wait at.
 *
 * @module
 */

import { waitFor } from "./wait.ts";

/** Is open or closed; a closed one lets nobody pass until it is opened. */
export class Gate {
  #opened: PromiseWithResolvers<void> | undefined;

  get isOpen(): boolean {
    return this.#opened === undefined;
  }

  /** Closes the gate; returns whether it was open. */
  close(): boolean {
    if (this.#opened !== undefined) return false;
    this.#opened = Promise.withResolvers();
    return true;
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /**
   * Waits until the gate is open.
   *
   * @throws The signal's reason if it is or becomes aborted.
   */
  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#opened !== undefined) {
      await waitFor(this.#opened.promise, signal);
    }
  }
}
