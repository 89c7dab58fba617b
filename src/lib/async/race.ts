/**
 * Several ways to the same end, tried side by side.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { rest } from "./wait.ts";

/** One way; it must end soon after its signal aborts. */
export type Attempt<T> = (signal: AbortSignal) => Promise<T>;

/** How a race is run. */
export interface RaceOptions<T> {
  readonly clock: Pick<Clock, "sleep">;
  /** The next attempt starts after this time, or as soon as the one before it has failed. */
  readonly staggerMs: number;
  /** Takes what a loser brings after all. */
  readonly discard: (late: T) => Promise<void>;
  /** Returns whether an error decides the race: no other attempt can do better. */
  readonly isFinal?: (error: unknown) => boolean;
}

/**
 * Returns what the first successful attempt brings; the others are ended and waited for.
 *
 * Source: RFC 8305, "Happy Eyeballs Version 2", section 5, which does this with addresses.
 *
 * @throws {AggregateError} If all have failed, with their errors in the order of the attempts; or with
 * one alone if that was final.
 * @throws The signal's reason if it is or becomes aborted.
 */
export async function race<T>(
  attempts: readonly Attempt<T>[],
  options: RaceOptions<T>,
  signal: AbortSignal,
): Promise<T> {
  const { clock, staggerMs, discard, isFinal = () => false } = options;
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const errors: unknown[] = [];
  const running: Promise<void>[] = [];
  let winner: { readonly value: T } | undefined;
  let final: unknown;

  const start = async (attempt: Attempt<T>, i: number): Promise<void> => {
    try {
      const value = await attempt(ending);
      if (ending.aborted) return await discard(value);
      winner = { value };
      over.abort(new DOMException("Another attempt was faster", "AbortError"));
    } catch (error) {
      errors[i] = error;
      if (ending.aborted || !isFinal(error)) return;
      final = error;
      over.abort(new DOMException("The race is decided", "AbortError"));
    }
  };

  for (const [i, attempt] of attempts.entries()) {
    if (ending.aborted) break;
    const ended = start(attempt, i);
    running.push(ended);
    if (i < attempts.length - 1) {
      await rest(staggerMs, ended, clock, ending);
    }
  }
  await Promise.all(running);
  if (winner !== undefined) return winner.value;
  signal.throwIfAborted();
  throw new AggregateError(final === undefined ? errors : [final]);
}
