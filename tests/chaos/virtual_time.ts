/**
 * Time that passes only from one event to the next.
 *
 * @module
 */

import { setImmediate } from "node:timers";

interface Event {
  readonly atMs: number;
  /** Order of events at the same time. */
  readonly tie: number;
  readonly seq: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** More events than this at one moment are a loop that never waits. */
const MAX_EVENTS_A_MOMENT = 5000;

/** Runs events in order of time, and lets everything that follows from one happen before the next. */
export class VirtualTime {
  readonly #tie: () => number;
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #seq = 0;
  #moment = 0;

  /** @param tie Gives numbers that order events at the same time. */
  constructor(tie: () => number) {
    this.#tie = tie;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs something after some time; the function that is returned calls it off. */
  after(ms: number, run: () => void): () => void {
    const event: Event = {
      atMs: this.#nowMs + Math.max(0, ms),
      tie: this.#tie(),
      seq: this.#seq++,
      run,
      cancelled: false,
    };
    this.#push(event);
    return () => event.cancelled = true;
  }

  /** Lets time pass up to a moment, or until `stop` says so. */
  async runUntil(ms: number, stop: () => boolean): Promise<void> {
    await settle();
    while (!stop()) {
      const event = this.#heap[0];
      if (event === undefined || event.atMs > ms) break;
      this.#pop();
      if (event.cancelled) continue;
      this.#moment = event.atMs > this.#nowMs ? 0 : this.#moment + 1;
      if (this.#moment > MAX_EVENTS_A_MOMENT) {
        throw new Error(`Time stands still at ${this.#nowMs} ms`);
      }
      this.#nowMs = event.atMs;
      event.run();
      await settle();
    }
    if (!stop()) this.#nowMs = Math.max(this.#nowMs, ms);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    heap.pop();
    for (let i = 0;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (a === undefined || b === undefined) return false;
    return (a.atMs - b.atMs || a.tie - b.tie || a.seq - b.seq) < 0;
  }

  #swap(i: number, j: number): void {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (a === undefined || b === undefined) return;
    this.#heap[i] = b;
    this.#heap[j] = a;
  }
}

/** Lets everything run that can run without time passing: microtasks go before the next task. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
