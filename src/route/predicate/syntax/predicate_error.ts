/**
 * What is wrong with a condition, and where.
 *
 * @module
 */

/** A place in the text of a condition. */
export interface Position {
  /** UTF-16 code units before it. */
  readonly offset: number;
  /** Counts from 1. */
  readonly line: number;
  /** Characters of its line up to and with it, so that it counts from 1. */
  readonly column: number;
}

/**
 * A condition that cannot be parsed or evaluated.
 *
 * The message begins with the place: `column 12: expected a string, found a set`.
 */
export class PredicateError extends Error {
  override readonly name = "PredicateError";
  readonly position: Position;
  /** The message without the place. */
  readonly reason: string;

  /** @param text The whole condition. */
  constructor(text: string, offset: number, reason: string) {
    const position = locate(text, offset);
    super(`${describePlace(text, position)}: ${reason}`);
    this.position = position;
    this.reason = reason;
  }
}

function locate(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split("\n");
  const last = lines.at(-1) ?? "";
  return { offset, line: lines.length, column: Array.from(last).length + 1 };
}

/** Names the line only where there is more than one. */
function describePlace(text: string, { line, column }: Position): string {
  const place = `column ${column}`;
  return text.trimEnd().includes("\n") ? `line ${line}, ${place}` : place;
}
