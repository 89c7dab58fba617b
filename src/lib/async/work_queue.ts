/**
 * A queue of keys, each worked on by one task at a time.
 *
 * @module
 */

import { OVER } from "./cancellation.ts";
import type { Clock } from "./clock.ts";

/** What a {@linkcode WorkQueue} needs. */
export interface WorkQueueOptions<Result> {
  /** How many keys are worked on at the same time. */
  readonly concurrency: number;
  /** Works on one key. */
  readonly work: (key: string) => Promise<Result>;
  /** Called when that has ended, with how, and how long it took; it must not throw. */
  readonly onEnd?: (
    key: string,
    outcome: PromiseSettledResult<Result>,
    ms: number,
  ) => void;
  readonly clock: Clock;
  /** Ends the queue: nothing starts any more. */
  readonly signal: AbortSignal;
}

/**
 * Runs one task a key, some keys at a time, first come first served.
 *
 * A key that is added again while it waits stays where it is; one that is added while it is worked on
 * runs once more afterwards. So ten events cost two rounds, and none overtakes another.
 */
export class WorkQueue<Result = void> {
  readonly #options: WorkQueueOptions<Result>;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, { again: boolean }>();
  readonly #timers = new Map<string, { at: number; abort: AbortController }>();
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: WorkQueueOptions<Result>) {
    this.#options = options;
  }

  /** How many keys wait or are worked on; keys that are due later do not count. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Marks a key to be worked on as soon as there is room. */
  add(key: string): void {
    if (this.#options.signal.aborted) return;
    const running = this.#running.get(key);
    if (running !== undefined) running.again = true;
    else this.#waiting.add(key);
    this.#fill();
  }

  /** Marks a key to be worked on after a time; of several such times of a key the earliest counts. */
  addAfter(key: string, ms: number): void {
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    const at = clock.monotonic() + ms;
    const earlier = this.#timers.get(key);
    if (earlier !== undefined && earlier.at <= at) return;
    earlier?.abort.abort(OVER);
    const timer = { at, abort: new AbortController() };
    this.#timers.set(key, timer);
    clock.sleep(ms, AbortSignal.any([signal, timer.abort.signal])).then(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      () => {
        if (this.#timers.get(key) === timer) this.#timers.delete(key);
      },
    );
  }

  /** Settles when nothing is worked on and, unless the queue has ended, nothing waits. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      this.#idle ??= Promise.withResolvers();
      await this.#idle.promise;
    }
  }

  #fill(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const state = { again: false };
    this.#running.set(key, state);
    const { work, onEnd, clock } = this.#options;
    const startedMs = clock.monotonic();
    const [outcome] = await Promise.allSettled([work(key)]);
    onEnd?.(key, outcome, clock.monotonic() - startedMs);
    this.#running.delete(key);
    if (this.#options.signal.aborted) this.#waiting.clear();
    else if (state.again) this.#waiting.add(key);
    this.#fill();
    if (this.#running.size === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  }
}
