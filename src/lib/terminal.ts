/**
 * Where a command prints.
 *
 * @module
 */

/** Where a command prints. */
export interface Terminal {
  /** Takes what was asked for. */
  out(text: string): void;
  /** Takes everything else. */
  err(text: string): void;
  /** Whether escape sequences for colours are understood where `out` goes. */
  readonly colored: boolean;
}
