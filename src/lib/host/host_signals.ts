/**
 * Signals that would end the process if nobody listened.
 *
 * @module
 */

/** Listens from the first moment of a daemon to its last, whether or not there is anything to do yet. */
export class HostSignals implements Disposable {
  readonly #acts = new Map<Deno.Signal, () => void>();
  /** Those that came while nobody could act on them. */
  readonly #owed = new Set<Deno.Signal>();
  readonly #stack = new DisposableStack();

  constructor(...signals: readonly Deno.Signal[]) {
    for (const signal of signals) {
      const hear = () => this.#hear(signal);
      Deno.addSignalListener(signal, hear);
      this.#stack.defer(() => Deno.removeSignalListener(signal, hear));
    }
  }

  /** Says what to do at a signal until the result is disposed of: at once, if it came before. */
  on(signal: Deno.Signal, act: () => void): Disposable {
    this.#acts.set(signal, act);
    if (this.#owed.delete(signal)) act();
    return { [Symbol.dispose]: () => this.#acts.delete(signal) };
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #hear(signal: Deno.Signal): void {
    const act = this.#acts.get(signal);
    if (act === undefined) this.#owed.add(signal);
    else act();
  }
}
