/**
 * Faults that an operator can repair.
 *
 * @module
 */

/** A fault that an operator can fix; shown as `error:` and `hint:`, no stack. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  /** What to do about it: one sentence or one command. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { hint?: string | undefined } = {},
  ) {
    super(message, options);
    this.hint = options.hint;
  }
}
