/**
 * What is wrong with a condition, and where.
 *
 * @module
 */

/**
 * A condition that cannot be parsed or evaluated.
 *
 * The message begins with the place: `column 12: expected a string, found a set`.
 */
export class PredicateError extends Error {
  override readonly name = "PredicateError";
  /** The message without the place. */
  readonly reason: string;

  /**
   * @param text The whole condition.
   * @param offset UTF-16 code units before the place.
   */
  constructor(text: string, offset: number, reason: string) {
    super(`${describePlace(text, offset)}: ${reason}`);
    this.reason = reason;
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
