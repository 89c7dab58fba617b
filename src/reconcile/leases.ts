/**
 * The leases of other processes on requests, and which of their holders count as gone.
 *
 * Source: docs/design/reconciler.md 2.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { PluginData } from "../record/plugin_data.ts";
import { encodePluginData } from "../record/plugin_data_codec.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** What {@linkcode Leases} need. */
export interface LeasesOptions {
  readonly clock: Clock;
  /** ID of this process. */
  readonly self: string;
}

/** How long another process may hold a lease without a write before the lease expires. */
const LEASE_MS = 10_000;

/** The clock of the Auth Service, which says when a request was made, may differ by this much. */
const CLOCKS_MS = 10_000;

/** Remembers which processes let a lease expire. */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #onGone: (leaseHolder: string) => void;
  /** Those that let one expire, each until it is seen to write, and since when, by the wall clock. */
  readonly #gone = new Map<string, number>();

  /** @param onGone Called when a process is taken to be gone: its requests are anybody's. */
  constructor(options: LeasesOptions, onGone: (leaseHolder: string) => void) {
    this.#options = options;
    this.#onGone = onGone;
  }

  /**
   * Whether the process that holds the lease of a request let that of any request expire. If this request was
   * made after that, it has written since.
   */
  isHolderGone({ leaseHolder, created }: PluginData): boolean {
    const goneAtMs = this.#gone.get(leaseHolder);
    if (goneAtMs === undefined) return false;
    const createdMs = created?.getTime() ?? -Infinity;
    if (createdMs - CLOCKS_MS <= goneAtMs) return true;
    this.holderSeen(leaseHolder);
    return false;
  }

  /** A process was seen to write. */
  holderSeen(leaseHolder: string): void {
    this.#gone.delete(leaseHolder);
  }

  /** Whether the lease of a request has expired, or its holder is gone. */
  hasLeaseExpired(request: TrackedRequest, data: PluginData): boolean {
    const { self, clock } = this.#options;
    const { leaseHolder } = data;
    if (leaseHolder === self) return false;
    const { lease } = request;
    if (lease === undefined) return this.isHolderGone(data);
    if (lease.mark !== leaseMark(data)) {
      this.holderSeen(leaseHolder);
      request.lease = undefined;
      return false;
    }
    if (clock.monotonic() - lease.sinceMs < LEASE_MS) return false;
    if (leaseHolder !== "" && !lease.expired) this.#declareGone(leaseHolder);
    lease.expired = true;
    return true;
  }

  /** Returns what is left of the lease of another process; it begins with the first call. */
  leaseLeftMs(request: TrackedRequest, data: PluginData): number {
    const nowMs = this.#options.clock.monotonic();
    const mark = leaseMark(data);
    if (request.lease?.mark !== mark) {
      request.lease = { mark, sinceMs: nowMs, expired: false };
    }
    return Math.max(0, LEASE_MS - (nowMs - request.lease.sinceMs));
  }

  #declareGone(leaseHolder: string): void {
    if (this.#gone.has(leaseHolder)) return;
    this.#gone.set(leaseHolder, this.#options.clock.now());
    this.#onGone(leaseHolder);
  }
}

/** What whoever sees a request may write: everything else that is stored shows that the holder acts. */
const FACTS: ReadonlySet<string> = new Set([
  "x-version",
  "x-kind",
  "x-created",
  "x-request-expires",
  "x-access-expires",
  "x-starts",
  "x-reviews",
  "x-inferred",
  "x-constraints",
  "x-unknown-fields",
  "x-user",
  "x-mentions",
]);

/**
 * Returns what changes when the holder of the lease acts. Teleport answers with the same keys in another order
 * each time, so it is put in order here.
 */
function leaseMark(data: PluginData): string {
  const signs = Object.entries(encodePluginData(data))
    .filter(([key]) => key.startsWith("x-") && !FACTS.has(key))
    .map((entry) => entry.join(" "));
  return signs.toSorted().join("\n");
}
