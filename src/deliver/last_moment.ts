/**
 * The last look at what is stored before a call to Discord.
 *
 * Source: docs/design/reconciler.md 2.3.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Pause } from "../lib/async/pause.ts";
import { MAX_READ_AGE_MS } from "../ports/messenger.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { Snapshot } from "../record/request_record.ts";
import type { InFlightDelivery } from "./in_flight.ts";

/** What a {@linkcode LastMoment} needs. */
export interface LastMomentOptions {
  /** ID of this process. */
  readonly self: string;
  /** On while Discord refuses the token. */
  readonly pause: Pause;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
  /** Called when another process was seen to take a request over first. */
  readonly onLeaseLost: (holder: string) => void;
}

/** Reads what allows a call, and takes the lease that the call needs. */
export class LastMoment {
  readonly #options: LastMomentOptions;

  constructor(options: LastMomentOptions) {
    this.#options = options;
  }

  /**
   * Reads what is stored; the holder of the lease may use what it read or wrote a moment ago. `undefined`
   * if no call is to be made now.
   */
  async read(
    { request: { record } }: InFlightDelivery,
  ): Promise<Snapshot | undefined> {
    const { self, cancellation, pause } = this.#options;
    if (cancellation.stop.aborted || pause.isPaused) return undefined;
    const isHolder = record.snapshot?.data?.leaseHolder === self;
    return await record.read(
      cancellation.deadline,
      isHolder ? MAX_READ_AGE_MS : 0,
    );
  }

  /**
   * Makes this process the holder of the lease, but only in place of `holder`: if yet another process was
   * quicker, it is that one's, and the delivery stands back.
   */
  async hold(
    delivery: InFlightDelivery,
    data: PluginData,
    holder: string,
  ): Promise<PluginData | undefined> {
    const { self, cancellation, onLeaseLost } = this.#options;
    const stored = data.leaseHolder === holder && holder !== self
      ? await delivery.request.record.update(
        (now) =>
          now.leaseHolder === holder
            ? { ...now, own: true, leaseHolder: self }
            : now,
        cancellation.deadline,
      )
      : data;
    if (stored === undefined || stored.leaseHolder === self) return stored;
    delivery.leaseLost = true;
    onLeaseLost(stored.leaseHolder);
    return undefined;
  }
}
