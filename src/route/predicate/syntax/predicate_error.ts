/**
 * What is wrong with a condition, and where.
 *
 * @module
 */

import type { Span } from "./expression.ts";

/**
 * A condition that cannot be parsed or evaluated.
 *
 * The message begins with the place as soon as that is known: `column 12: expected a string, found a set`.
 */
export class PredicateError extends Error {
  override readonly name = "PredicateError";
  /** UTF-16 code units before the place. */
  readonly offset: number;
  /** The message without the place. */
  readonly reason: string;

  /** @param text The whole condition, which tells the place. */
  constructor(offset: number, reason: string, text?: string) {
    const place = text === undefined ? "" : `${describePlace(text, offset)}: `;
    super(place + reason);
    this.offset = offset;
    this.reason = reason;
  }
}

/** Ends what reads or evaluates a condition; the span is what cannot be. */
export function fail({ start }: Pick<Span, "start">, reason: string): never {
  throw new PredicateError(start, reason);
}

/** Reads or evaluates a condition, and names the place if it cannot be. */
export function withPlace<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PredicateError)) throw error;
    throw new PredicateError(error.offset, error.reason, text);
  }
}

/** Names the line only where there is more than one; the column is the next character's, counted from 1. */
function describePlace(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  const place = `column ${Array.from(lines.at(-1) ?? "").length + 1}`;
  return text.trimEnd().includes("\n")
    ? `line ${lines.length}, ${place}`
    : place;
}
