/**
 * A token of a condition.
 *
 * @module
 */

/** The smallest part of a condition. */
export interface Token {
  /** `newline` is a line end where the expression so far could be a whole one. */
  readonly kind: "name" | "int" | "text" | "symbol" | "newline" | "end";
  /** What it stands for: the content of a text, else the characters themselves. */
  readonly value: string;
  /** Where it starts and ends, as offsets. */
  readonly start: number;
  readonly end: number;
}
