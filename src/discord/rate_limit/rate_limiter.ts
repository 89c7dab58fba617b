/**
 * Lets calls to Discord go as fast as its rate limits allow, and no faster.
 *
 * @module
 */

import type { Clock } from "../../lib/async/clock.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { Route } from "./api_route.ts";
import { type Bucket, RESET_MARGIN_MS } from "./bucket.ts";
import { GlobalLimit, type GlobalShare } from "./global_limit.ts";
import type { LimitNews, Refusal } from "./limit_headers.ts";
import { type LongWait, LongWaits } from "./long_waits.ts";
import { Lane } from "./route_queue.ts";

/** How long a route and channel are remembered after their last call. */
const FORGET_AFTER_MS = 10 * 60_000;

/** How often the forgettable are looked for, at most. */
const SWEEP_EVERY_MS = 60_000;

/** The right to make one call; disposing of it without {@linkcode Slot.sent} gives it back. */
export interface Slot extends Disposable {
  /** Whether a refusal came up since the slot was given that this call would meet too. */
  readonly isClosed: boolean;
  /** Says that the call goes out now. */
  sent(): void;
  /** Says what the answer told; without it, the call counts as lost when the slot is disposed of. */
  settle(news: LimitNews): void;
}

type Waiter = (slot: Slot) => void;

/**
 * Gives out slots. Channels do not hold up one another; where calls compete for the global limit, the
 * routes take turns, and within a route the channels.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #global = new GlobalLimit();
  readonly #lanes = new Map<string, Lane<Waiter>>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #longWaits: LongWaits;
  /** Serial number of the last call of each route that was let go. */
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;
  #waiting = 0;
  #inFlight = 0;
  #alarm: { readonly atMs: number; readonly stop: AbortController } | undefined;
  #sweptAtMs: number;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#longWaits = new LongWaits(clock, logger);
    this.#sweptAtMs = clock.monotonic();
  }

  /** What Discord keeps waiting for long. */
  get longWaits(): readonly LongWait[] {
    return this.#longWaits.current;
  }

  /** How many routes and channels are remembered. */
  get size(): number {
    return this.#lanes.size;
  }

  /**
   * Waits until the call may be made.
   *
   * @param order Where several wait for the same route and channel, greatest and smallest take turns.
   * @throws The signal's reason, if it is aborted before the slot is there.
   */
  async acquire(
    route: Route,
    order: number,
    signal: AbortSignal,
  ): Promise<Slot> {
    signal.throwIfAborted();
    this.#sweep();
    const lane = this.#laneOf(route);
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const abort = () => {
      if (lane.waiting.remove(resolve)) this.#waiting--;
      reject(signal.reason);
      this.#letGo();
    };
    lane.waiting.add(order, resolve);
    this.#waiting++;
    signal.addEventListener("abort", abort, { once: true });
    this.#letGo();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Lets every call go that may, and sets the alarm for the first that may later. */
  #letGo(): void {
    while (this.#waiting > 0) {
      const nowMs = this.#clock.monotonic();
      const globalMs = this.#global.readyAtMs(nowMs, this.#inFlight);
      if (globalMs > nowMs) return this.#setAlarm(globalMs);
      const { lane, atMs } = this.#next(nowMs);
      if (lane === undefined) return this.#setAlarm(atMs);
      this.#give(lane);
    }
    this.#setAlarm(Infinity);
  }

  /** Finds the lane whose turn is next, or else when one will be ready. */
  #next(
    nowMs: number,
  ): { lane: Lane<Waiter> | undefined; atMs: number } {
    let next: Lane<Waiter> | undefined;
    let atMs = Infinity;
    for (const lane of this.#lanes.values()) {
      if (lane.waiting.size === 0) continue;
      const readyAtMs = lane.readyAtMs(nowMs);
      atMs = Math.min(atMs, readyAtMs);
      if (readyAtMs <= nowMs && this.#goesBefore(lane, next)) next = lane;
    }
    return { lane: next, atMs };
  }

  #goesBefore(lane: Lane<Waiter>, other: Lane<Waiter> | undefined): boolean {
    if (other === undefined) return true;
    const byRoute = (this.#lastTurns.get(lane.route.name) ?? 0) -
      (this.#lastTurns.get(other.route.name) ?? 0);
    return byRoute < 0 || (byRoute === 0 && lane.lastTurn < other.lastTurn);
  }

  #give(lane: Lane<Waiter>): void {
    const give = lane.waiting.take();
    if (give === undefined) return;
    this.#waiting--;
    this.#inFlight++;
    lane.inFlight++;
    lane.lastTurn = ++this.#turn;
    lane.usedAtMs = this.#clock.monotonic();
    this.#lastTurns.set(lane.route.name, this.#turn);
    give(this.#slot(lane, this.#global.take()));
  }

  #slot(lane: Lane<Waiter>, share: GlobalShare): Slot {
    const clock = this.#clock;
    let sentMs: number | undefined;
    let held = true;
    const isClosed = () => {
      const nowMs = clock.monotonic();
      return this.#global.barrier.isClosed(nowMs) || lane.isClosed(nowMs);
    };
    const end = (news: LimitNews | undefined) => {
      if (!held) return;
      held = false;
      this.#inFlight--;
      lane.inFlight--;
      lane.usedAtMs = clock.monotonic();
      if (sentMs === undefined) this.#global.giveBack(share);
      else this.#settle(lane, share, news, sentMs);
      this.#letGo();
    };
    return {
      get isClosed() {
        return isClosed();
      },
      sent: () => {
        sentMs = clock.monotonic();
        this.#global.sent(share, sentMs);
        this.#letGo();
      },
      settle: end,
      [Symbol.dispose]: () => end(undefined),
    };
  }

  #settle(
    lane: Lane<Waiter>,
    share: GlobalShare,
    news: LimitNews | undefined,
    sentMs: number,
  ): void {
    const nowMs = this.#clock.monotonic();
    this.#global.settle(share, news, nowMs);
    const name = news?.headers?.bucket;
    if (name !== undefined) {
      lane.join(`${name} ${lane.route.major}`, this.#buckets);
    }
    lane.bucket.settle(news, sentMs, nowMs);
    if (news?.refusal !== undefined) {
      this.#close(lane, news.refusal, nowMs);
    } else if (news?.fromDiscord === true) {
      this.#global.barrier.passed(nowMs);
      lane.bucket.barrier.passed(nowMs);
      lane.barrier.passed(nowMs);
      this.#longWaits.passed(lane.route);
    }
  }

  #close(lane: Lane<Waiter>, refusal: Refusal, nowMs: number): void {
    const waitMs = refusal.waitMs + RESET_MARGIN_MS;
    switch (refusal.scope) {
      case "window":
        lane.bucket.barrier.close(nowMs, waitMs, false);
        break;
      case "bucket":
        lane.bucket.barrier.close(nowMs, waitMs, true);
        break;
      case "route":
        lane.barrier.close(nowMs, waitMs, true);
        break;
      case "global":
      case "address":
        this.#global.barrier.close(nowMs, waitMs, false);
        break;
    }
    this.#longWaits.refused(lane.route, refusal.scope, refusal.waitMs);
    this.#logger.debug("calls held back", {
      route: lane.route.name,
      channel_id: lane.route.major,
      scope: refusal.scope,
      wait_ms: refusal.waitMs,
    });
  }

  #laneOf(route: Route): Lane<Waiter> {
    const key = `${route.name} ${route.major}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(route, this.#clock.monotonic());
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Forgets what was not used for long; done in passing, so that no timer is needed. */
  #sweep(): void {
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#sweptAtMs + SWEEP_EVERY_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [key, lane] of this.#lanes) {
      if (nowMs < lane.usedAtMs + FORGET_AFTER_MS || !lane.isIdle(nowMs)) {
        continue;
      }
      lane.leave(this.#buckets);
      this.#lanes.delete(key);
    }
  }

  #setAlarm(atMs: number): void {
    if (this.#alarm?.atMs === atMs) return;
    this.#alarm?.stop.abort();
    this.#alarm = undefined;
    if (atMs === Infinity) return;
    const stop = new AbortController();
    this.#alarm = { atMs, stop };
    const waitMs = Math.ceil(Math.max(0, atMs - this.#clock.monotonic()));
    this.#clock.sleep(waitMs, stop.signal).then(() => {
      this.#alarm = undefined;
      this.#letGo();
    }, () => {
      // Set anew, or nobody waits any longer.
    });
  }
}
