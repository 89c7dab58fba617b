/**
 * Answers that are asked for at most once in a while.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** So many answers are remembered at most; the oldest go first. */
const MAX_ENTRIES = 10_000;

interface Entry<Answer> {
  readonly atMs: number;
  readonly answer: Promise<Answer>;
}

/** Answers by key, from the moment in which they are asked for. A failure is forgotten at once. */
export class TimedCache<Answer> {
  readonly #keepMs: number;
  readonly #clock: Pick<Clock, "monotonic">;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry<Answer>>();

  /** @param keepMs How long an answer is remembered. */
  constructor(keepMs: number, clock: Pick<Clock, "monotonic">) {
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  /** How many answers are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the answer, which may still be on its way; `undefined` if it has to be asked for. */
  get(key: string): Promise<Answer> | undefined {
    const entry = this.#entries.get(key);
    return entry && !this.#isOld(entry) ? entry.answer : undefined;
  }

  /** Returns the answer, and asks for it if that has to be done. */
  getOrAsk(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.get(key);
    if (known !== undefined) return known;
    const answer = ask();
    this.set(key, answer);
    return answer;
  }

  /** Remembers an answer that has just been asked for. */
  set(key: string, answer: Promise<Answer>): void {
    this.#entries.delete(key);
    for (const [oldKey, entry] of this.#entries) {
      if (this.#entries.size < MAX_ENTRIES && !this.#isOld(entry)) break;
      this.#entries.delete(oldKey);
    }
    this.#entries.set(key, { atMs: this.#clock.monotonic(), answer });
    answer.catch(() => {
      if (this.#entries.get(key)?.answer === answer) this.#entries.delete(key);
    });
  }

  /** Asks anew next time. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  #isOld({ atMs }: Entry<Answer>): boolean {
    return this.#clock.monotonic() - atMs > this.#keepMs;
  }
}
