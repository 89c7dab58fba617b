/**
 * What was stored about requests that need nothing at the moment, and soon will.
 *
 * Most requests are answered while the process that announced them runs. It wrote last what is stored, and holds
 * the lease; so a review is recorded without a read before. The write finds out whether anything changed, as it
 * names the strings that it expects, the holder of the lease among them.
 *
 * @module
 */

import { BoundedMap } from "../lib/bounded_map.ts";
import type { Snapshot } from "./request_record.ts";

/** How many requests are remembered: a few KiB each. */
const MAX_REQUESTS = 100;

/** Remembers what was stored about the requests that were let go last. */
export class RecalledRecords {
  readonly #self: string;
  readonly #snapshots = new BoundedMap<string, Snapshot>(MAX_REQUESTS);

  /** @param self ID of this process. */
  constructor(self: string) {
    this.#self = self;
  }

  /** Remembers a request that is let go, as long as it is pending and this process holds its lease. */
  keep(id: string, snapshot: Snapshot | undefined): void {
    const { data } = snapshot ?? {};
    this.#snapshots.delete(id);
    if (snapshot === undefined || data?.leaseHolder !== this.#self) return;
    if (data.resolution === "") this.#snapshots.set(id, snapshot);
  }

  /** Returns what is remembered of a request, and forgets it. */
  take(id: string): Snapshot | undefined {
    const snapshot = this.#snapshots.get(id);
    this.#snapshots.delete(id);
    return snapshot;
  }
}
