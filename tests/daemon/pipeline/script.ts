/**
 * How the calls of a test go, and which were made.
 *
 * @module
 */

import type { Clock } from "../../../src/lib/async/clock.ts";

/** How one call goes; with nothing given it takes effect and is answered at once. */
export interface Step {
  /** The call takes no effect, and fails with this. */
  readonly refuse?: Error;
  /** The call takes effect, but fails with this. */
  readonly lose?: Error;
  /** Time until the answer. */
  readonly takesMs?: number;
  /** Time until the rate limits let the call out. */
  readonly slotMs?: number;
  /** Whatever happens elsewhere while the call is under way. */
  readonly meanwhile?: () => void;
}

interface Rule {
  readonly prefix: string;
  readonly step: Step;
  readonly once: boolean;
}

/** Keeps the calls, and lets them go as a test says. A call is known by how its text begins. */
export class Script {
  /** Every call, oldest first. */
  readonly calls: string[] = [];
  readonly #clock: Clock;
  readonly #rules: Rule[] = [];
  /** Steps that count once, after that. */
  readonly #usedUp = new Set<Step>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets the next calls go in these ways, one after another. */
  next(prefix: string, ...steps: readonly Step[]): void {
    for (const step of steps) this.#rules.push({ prefix, step, once: true });
  }

  /** Lets every call go in this way until the function that is returned is called. */
  always(prefix: string, step: Step): () => void {
    const rule = { prefix, step, once: false };
    this.#rules.push(rule);
    return () => this.#rules.splice(this.#rules.indexOf(rule), 1);
  }

  /** Returns the calls that begin so, oldest first. */
  made(prefix: string): readonly string[] {
    return this.calls.filter((call) => call.startsWith(prefix));
  }

  /** Forgets the calls so far. */
  forget(): void {
    this.calls.length = 0;
  }

  /** Finds how a call is to go; a step that counts once is used up. */
  plan(call: string): Step {
    const i = this.#rules.findIndex(({ prefix }) => call.startsWith(prefix));
    const rule = this.#rules[i];
    if (rule?.once) {
      this.#rules.splice(i, 1);
      this.#usedUp.add(rule.step);
    }
    return rule?.step ?? {};
  }

  /** Gives a step back whose call was not made in the end; the time until its slot has passed. */
  putBack(call: string, step: Step): void {
    if (!this.#usedUp.delete(step)) return;
    const { slotMs: _, ...rest } = step;
    this.#rules.unshift({ prefix: call, step: rest, once: true });
  }

  /** Makes a call. */
  async run<T>(
    call: string,
    signal: AbortSignal,
    effect: () => T,
    step: Step = this.plan(call),
  ): Promise<T> {
    signal.throwIfAborted();
    this.calls.push(call);
    step.meanwhile?.();
    const answer = step.refuse === undefined ? [effect()] as const : undefined;
    if (step.takesMs !== undefined) {
      await this.#clock.sleep(step.takesMs, signal);
    }
    if (answer === undefined) throw step.refuse;
    if (step.lose !== undefined) throw step.lose;
    return answer[0];
  }
}
