/**
 * Taking the lease that a call to Discord needs.
 *
 * Source: docs/design/reconciler.md 2.3.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { InFlightDelivery } from "./in_flight.ts";

/** What {@linkcode takeLease} needs. */
export interface TakeLeaseOptions {
  /** ID of this process. */
  readonly self: string;
  readonly cancellation: Pick<Cancellation, "deadline">;
  /** Called with the ID of a request whose lease this process has taken. */
  readonly onLeaseTaken: (requestId: string) => void;
  /** Called when another process was seen to take a request over first. */
  readonly onLeaseLost: (holder: string) => void;
}

/**
 * Makes this process the holder of the lease, but only in place of `holder`: if yet another process was
 * quicker, it is that one's, and the delivery stands back.
 *
 * @param data What is stored, as it was just read.
 * @returns What is stored then; `undefined` if this process may not act.
 */
export async function takeLease(
  delivery: InFlightDelivery,
  data: PluginData,
  holder: string,
  { self, cancellation, onLeaseTaken, onLeaseLost }: TakeLeaseOptions,
): Promise<PluginData | undefined> {
  if (data.leaseHolder === self) {
    delivery.holder = self;
    return data;
  }
  const mayTake = data.leaseHolder === holder && holder !== self;
  const stored = mayTake
    ? await delivery.request.record.update(
      (now) =>
        now.leaseHolder === holder
          ? { ...now, own: true, leaseHolder: self }
          : now,
      cancellation.deadline,
    )
    : data;
  if (stored === undefined) return undefined;
  if (stored.leaseHolder === self) {
    // Whoever takes it back later has waited for it: the delivery does not take it a second time.
    delivery.holder = self;
    onLeaseTaken(delivery.request.id);
    return stored;
  }
  delivery.leaseLost = true;
  onLeaseLost(stored.leaseHolder);
  return undefined;
}
