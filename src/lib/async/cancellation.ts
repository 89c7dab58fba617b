/**
 * When to stop waiting, and when to end what is under way.
 *
 * @module
 */

/** How long a call to Discord may take: `wait` ends the wait for a slot, `call` the call itself. */
export interface Patience {
  readonly wait: AbortSignal;
  readonly call: AbortSignal;
}
