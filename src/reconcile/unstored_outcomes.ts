/**
 * How requests were resolved of which nothing is stored.
 *
 * The official plugin claims and posts what it takes for pending, minutes late if it has much to do. Once
 * such a request is gone, nobody but whoever saw it resolved can say how it ended.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import type { Observation } from "./observe.ts";

/** By then a sweep has found what is stored, and has stored the outcome beside it. */
const KEPT_MS = 10 * 60_000;

/** So many are remembered at most; the oldest go first. */
const MAX_REMEMBERED = 1000;

/** Remembers requests that were seen resolved while nothing was stored of them. */
export class UnstoredOutcomes {
  readonly #clock: Pick<Clock, "monotonic">;
  /** Those seen longest ago first. */
  readonly #seen = new Map<string, { request: AccessRequest; atMs: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Takes note of a request of which nothing is stored; one that is not resolved is left alone. */
  add(request: AccessRequest | undefined): void {
    if (
      request === undefined || request.state === "PENDING" ||
      request.state === "UNKNOWN"
    ) return;
    const nowMs = this.#clock.monotonic();
    this.#seen.delete(request.id);
    for (const [id, { atMs }] of this.#seen) {
      if (this.#seen.size < MAX_REMEMBERED && nowMs - atMs < KEPT_MS) break;
      this.#seen.delete(id);
    }
    this.#seen.set(request.id, { request, atMs: nowMs });
  }

  /** Returns how a request was last seen, as old as a list by now. */
  of(id: string): Observation | undefined {
    const request = this.#seen.get(id)?.request;
    return request && { request, source: "list", gone: undefined };
  }
}
