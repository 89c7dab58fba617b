/**
 * Which faults are at work.
 *
 * @module
 */

import type { Noise } from "./noise.ts";
import type { Fault, FaultKind, Schedule } from "./schedule.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Decides for each call whether it fails. */
export class Faults {
  readonly #faults: readonly Fault[];
  readonly #closed: Schedule["closed"];
  readonly #noise: Noise;
  readonly #time: VirtualTime;

  constructor(
    { faults, closed }: Pick<Schedule, "faults" | "closed">,
    noise: Noise,
    time: VirtualTime,
  ) {
    this.#faults = faults;
    this.#closed = closed;
    this.#noise = noise;
    this.#time = time;
  }

  /** Whether a channel is closed to the bot for good. */
  isClosed(channel: number): boolean {
    return this.#closed?.channel === channel &&
      this.#closed.atMs <= this.#time.nowMs;
  }

  /** Whether a fault hits this time. */
  hits(kind: FaultKind, slot: number, channel?: number): boolean {
    const rate = this.rate(kind, slot, channel);
    return rate > 0 && this.#noise.chance(`${kind} ${slot} ${channel}`, rate);
  }

  /** Whether no fault of a kind that begins so has been at work since a time. */
  wereAbsent(prefix: string, sinceMs: number): boolean {
    return !this.#faults.some((fault) =>
      fault.kind.startsWith(prefix) && fault.atMs <= this.#time.nowMs &&
      fault.atMs + fault.forMs >= sinceMs
    );
  }

  /** How likely a fault is now. */
  rate(kind: FaultKind, slot: number, channel?: number): number {
    const nowMs = this.#time.nowMs;
    let rate = 0;
    for (const fault of this.#faults) {
      if (
        fault.kind === kind && fault.atMs <= nowMs &&
        nowMs < fault.atMs + fault.forMs &&
        (fault.slot === undefined || fault.slot === slot) &&
        (fault.channel === undefined || channel === undefined ||
          fault.channel === channel)
      ) rate = Math.max(rate, fault.rate);
    }
    return rate;
  }
}
