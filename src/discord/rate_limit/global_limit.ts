/**
 * Limits that count all calls of the bot together.
 *
 * @module
 */

import { Cooldown } from "./cooldown.ts";
import type { LimitNews } from "./limit_headers.ts";

/** Source: Discord developer docs, "Global Rate Limit": 50 requests a second for a bot. */
const CALLS_PER_SECOND = 50;

/** A second, and a little for clocks that count whole milliseconds or are being set right. */
const SECOND_MS = 1_003;

/** How long after sending a call may reach Discord, when no answer proves that it has. */
const LONGEST_WAY_MS = 250;

/**
 * Source: Discord developer docs, "Invalid Request Limit": 10 000 in 10 minutes ban the address for a
 * while. A tenth leaves room for whatever else runs behind the same address.
 */
const INVALID_ANSWERS = 1_000;
const INVALID_WINDOW_MS = 10 * 60_000;

/** One call's share of the global limit: taken until a second after it reached Discord. */
export interface GlobalShare {
  /** `Infinity` until it is sent. */
  sentMs: number;
  /** How long the answer took; `Infinity` until it is there. */
  tookMs: number;
}

/** Says when the bot as a whole may send one more call. Times are milliseconds on the monotonic clock. */
export class GlobalLimit {
  readonly cooldown = new Cooldown();
  #shares: GlobalShare[] = [];
  readonly #invalid: number[] = [];

  /** Returns when one more call may be sent; `Infinity` if an answer has to come first. */
  readyAtMs(nowMs: number, inFlight: number): number {
    return Math.max(
      this.cooldown.readyAtMs(nowMs, inFlight),
      this.#shareFreeAtMs(nowMs),
      this.#harmlessAtMs(nowMs, inFlight),
    );
  }

  /** Takes a share before a call; it counts until {@linkcode GlobalLimit.giveBack} or a second after the call. */
  take(): GlobalShare {
    const share = { sentMs: Infinity, tookMs: Infinity };
    this.#shares.push(share);
    return share;
  }

  giveBack(share: GlobalShare): void {
    this.#shares = this.#shares.filter((other) => other !== share);
  }

  sent(share: GlobalShare, nowMs: number): void {
    share.sentMs = nowMs;
  }

  /** Takes note of how a call ended; `undefined` if no answer came. */
  settle(share: GlobalShare, news: LimitNews | undefined, nowMs: number): void {
    share.tookMs = nowMs - share.sentMs;
    if (news?.invalid === true) this.#invalid.push(nowMs);
  }

  #shareFreeAtMs(nowMs: number): number {
    // A call reached Discord before its answer left there, and the next one needs its time to get there.
    // Together these two ways take at least half as long as the shortest call, however uneven they are: the
    // shortest of all, as others may have taken long here, like the first one of a process.
    const shortestMs = Math.min(
      LONGEST_WAY_MS,
      ...this.#shares.map(({ tookMs }) => tookMs),
    );
    const freeAtMs = ({ sentMs, tookMs }: GlobalShare) =>
      sentMs + Math.min(LONGEST_WAY_MS, tookMs - shortestMs / 2) + SECOND_MS;
    this.#shares = this.#shares.filter((share) => freeAtMs(share) > nowMs);
    if (this.#shares.length < CALLS_PER_SECOND) return nowMs;
    return Math.min(...this.#shares.map(freeAtMs));
  }

  /** Each call under way may turn out invalid, so it counts beforehand. */
  #harmlessAtMs(nowMs: number, inFlight: number): number {
    const past = nowMs - INVALID_WINDOW_MS;
    while ((this.#invalid[0] ?? Infinity) <= past) this.#invalid.shift();
    if (this.#invalid.length + inFlight < INVALID_ANSWERS) return nowMs;
    return (this.#invalid[0] ?? Infinity) + INVALID_WINDOW_MS;
  }
}
