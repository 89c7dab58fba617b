/**
 * Giving requests back when the process stops, so that the next one need not wait for its leases to expire.
 *
 * A request is given back when its calls have ended or were aborted. Crash windows:
 *
 * - before it is given back: the next process waits for the lease, as after a kill.
 * - after it, before a record of what was done: there is none. A write that was aborted expects the lease
 *   that is no longer there, should it arrive later.
 * - given back without an answer: whoever reads it sees who holds it, and acts by that.
 *
 * An aborted post may have arrived; the next process searches before it posts, as it did not make the claim.
 * Where that may be a post of a forum that has not arrived yet, the request is not given back.
 *
 * Source: docs/design/reconciler.md 2.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { rest } from "../lib/async/wait.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** What a {@linkcode HandBack} needs. */
export interface HandBackOptions {
  /** ID of this process. */
  readonly self: string;
  /** Whether something is still to be done for a request. */
  readonly isDue: (request: TrackedRequest, data: PluginData) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long it may take after the last call has ended: the process is to end soon. */
const LONGEST_MS = 5000;

/** Requests that are given back at the same time. */
const CONCURRENT_WRITES = 16;

/** Gives requests back. */
export class HandBack {
  readonly #options: HandBackOptions;
  readonly #over = new AbortController();
  readonly #underWay: Promise<void>[] = [];

  constructor(options: HandBackOptions) {
    this.#options = options;
  }

  /** Gives those back for which nothing is under way. */
  addAll(requests: readonly TrackedRequest[]): void {
    const waiting = requests.values();
    const work = async () => {
      for (const request of waiting) await this.#giveBack(request);
    };
    this.#underWay.push(...Array.from({ length: CONCURRENT_WRITES }, work));
  }

  /** Gives one back whose last call has just ended. */
  add(request: TrackedRequest): void {
    this.#underWay.push(this.#giveBack(request));
  }

  /** Waits for what is under way, but not for long. */
  async finish(): Promise<void> {
    const ended = Promise.all(this.#underWay);
    await rest(LONGEST_MS, ended, this.#options.clock, this.#over.signal);
    this.#over.abort(new DOMException("No time left", "AbortError"));
    await ended;
  }

  async #giveBack(request: TrackedRequest): Promise<void> {
    const { self, isDue, clock, logger } = this.#options;
    const { record, claimTried, postsInDoubt } = request;
    // Until the lease expires, what may be on its way has arrived.
    const nowMs = clock.monotonic();
    if (postsInDoubt.values().some((untilMs) => nowMs < untilMs)) return;
    const known = record.snapshot?.data;
    if (known === undefined ? !claimTried : known.leaseHolder !== self) return;
    try {
      record.endBy(this.#over.signal);
      await record.update((data) =>
        data.leaseHolder === self && isDue(request, data)
          ? { ...data, leaseHolder: "" }
          : data
      );
    } catch (err) {
      logger.debug("cannot give a request back", {
        request_id: request.id,
        err,
      });
    }
  }
}
