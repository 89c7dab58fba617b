/**
 * What is measured of rounds and work.
 *
 * @module
 */

/** How one look at one request ended: the kind of its plan, or that it failed. */
export const ROUND_RESULTS = [
  "ignore",
  "confirm",
  "route",
  "announce",
  "follow",
  "wait",
  "failed",
] as const;

export type RoundResult = typeof ROUND_RESULTS[number];

/** What is to be done, and how that goes. */
export interface Workload {
  /** Requests that need work. */
  readonly requests: number;
  /** Requests that wait for a reconcile round, or are in one. */
  readonly queued: number;
  /** Deliveries that have not ended. */
  readonly deliveries: number;
  /** How long the oldest of them has been tried, in milliseconds; 0 if there is none. */
  readonly oldestDeliveryMs: number;
  /** Deliveries that are tried ever more rarely: nothing is known to cure what they fail with. */
  readonly givenUp: number;
}
