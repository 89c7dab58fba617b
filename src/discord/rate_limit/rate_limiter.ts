/**
 * Lets calls to Discord go as fast as its rate limits allow, and no faster.
 *
 * @module
 */

import { onAbort, OVER } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { ApiRoute } from "./api_route.ts";
import { type Bucket, RESET_MARGIN_MS } from "./bucket.ts";
import { GlobalLimit, type GlobalShare } from "./global_limit.ts";
import type { Cooldown } from "./cooldown.ts";
import type { LimitNews, LimitRefusal, Scope } from "./limit_headers.ts";
import { type LongWait, LongWaits } from "./long_waits.ts";
import { RouteQueue } from "./route_queue.ts";

/** How long a route and channel are remembered after their last call. */
const FORGET_AFTER_MS = 10 * 60_000;

/** How often the forgettable are looked for, at most. */
const SWEEP_EVERY_MS = 60_000;

/** The right to make one call; disposing of it without {@linkcode Slot.sent} gives it back. */
export interface Slot extends Disposable {
  /** Whether a refusal came up since the slot was given that this call would meet too. */
  isClosed(): boolean;
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
  readonly #queues = new Map<string, RouteQueue<Waiter>>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #longWaits: LongWaits;
  /** Serial number of the last call of each route that was let go. */
  readonly #lastServed = new Map<string, number>();
  #served = 0;
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
    return this.#queues.size;
  }

  /**
   * Waits until the call may be made.
   *
   * @param order Where several wait for the same route and channel, greatest and smallest take turns.
   * @throws The signal's reason, if it is aborted before the slot is there.
   */
  async acquire(
    route: ApiRoute,
    order: number,
    signal: AbortSignal,
  ): Promise<Slot> {
    signal.throwIfAborted();
    this.#sweep();
    const queue = this.#queues.getOrInsertComputed(
      `${route.name} ${route.major}`,
      () => new RouteQueue(route, this.#clock.monotonic()),
    );
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    queue.waiting.add(order, resolve);
    this.#waiting++;
    using _ = onAbort(signal, () => {
      if (queue.waiting.remove(resolve)) this.#waiting--;
      reject(signal.reason);
      this.#letGo();
    });
    this.#letGo();
    return await promise;
  }

  /** Lets every call go that may, and sets the alarm for the first that may later. */
  #letGo(): void {
    while (this.#waiting > 0) {
      const nowMs = this.#clock.monotonic();
      const globalMs = this.#global.readyAtMs(nowMs, this.#inFlight);
      if (globalMs > nowMs) return this.#setAlarm(globalMs);
      const { queue, atMs } = this.#next(nowMs);
      if (queue === undefined) return this.#setAlarm(atMs);
      this.#give(queue);
    }
    this.#setAlarm(Infinity);
  }

  /** Finds the queue that is served next, or else when one will be ready. */
  #next(
    nowMs: number,
  ): { queue: RouteQueue<Waiter> | undefined; atMs: number } {
    let next: RouteQueue<Waiter> | undefined;
    let atMs = Infinity;
    for (const queue of this.#queues.values()) {
      if (queue.waiting.size === 0) continue;
      const readyAtMs = queue.readyAtMs(nowMs);
      atMs = Math.min(atMs, readyAtMs);
      if (readyAtMs <= nowMs && this.#goesBefore(queue, next)) next = queue;
    }
    return { queue: next, atMs };
  }

  #goesBefore(
    queue: RouteQueue<Waiter>,
    other: RouteQueue<Waiter> | undefined,
  ): boolean {
    if (other === undefined) return true;
    const byRoute = (this.#lastServed.get(queue.route.name) ?? 0) -
      (this.#lastServed.get(other.route.name) ?? 0);
    return byRoute < 0 ||
      (byRoute === 0 && queue.lastServed < other.lastServed);
  }

  #give(queue: RouteQueue<Waiter>): void {
    const give = queue.waiting.take();
    if (give === undefined) return;
    this.#waiting--;
    this.#inFlight++;
    queue.inFlight++;
    queue.lastServed = ++this.#served;
    queue.usedAtMs = this.#clock.monotonic();
    this.#lastServed.set(queue.route.name, this.#served);
    give(this.#slot(queue, this.#global.take()));
  }

  #slot(queue: RouteQueue<Waiter>, share: GlobalShare): Slot {
    const clock = this.#clock;
    let sentMs: number | undefined;
    let held = true;
    const end = (news: LimitNews | undefined) => {
      if (!held) return;
      held = false;
      this.#inFlight--;
      queue.inFlight--;
      queue.usedAtMs = clock.monotonic();
      if (sentMs === undefined) this.#global.giveBack(share);
      else this.#settle(queue, share, news, sentMs);
      this.#letGo();
    };
    return {
      isClosed: () => {
        const nowMs = clock.monotonic();
        return this.#global.cooldown.isClosed(nowMs) || queue.isClosed(nowMs);
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
    queue: RouteQueue<Waiter>,
    share: GlobalShare,
    news: LimitNews | undefined,
    sentMs: number,
  ): void {
    const nowMs = this.#clock.monotonic();
    this.#global.settle(share, news, nowMs);
    const name = news?.headers?.bucket;
    if (name !== undefined) {
      queue.join(`${name} ${queue.route.major}`, this.#buckets);
    }
    queue.bucket.settle(news, sentMs, nowMs);
    if (news?.refusal !== undefined) {
      this.#close(queue, news.refusal, nowMs);
    } else if (news?.fromDiscord === true) {
      this.#global.cooldown.passed(nowMs);
      queue.bucket.cooldown.passed(nowMs);
      queue.cooldown.passed(nowMs);
      this.#longWaits.passed(queue.route);
    }
  }

  #close(
    queue: RouteQueue<Waiter>,
    refusal: LimitRefusal,
    nowMs: number,
  ): void {
    const waitMs = refusal.waitMs + RESET_MARGIN_MS;
    const { scope } = refusal;
    this.#closedBy(scope, queue).close(nowMs, waitMs, scope);
    this.#longWaits.refused(queue.route, scope, refusal.waitMs);
    this.#logger.debug("calls held back", {
      route: queue.route.name,
      channel_id: queue.route.major,
      scope,
      wait_ms: refusal.waitMs,
    });
  }

  /** Returns what a refusal of a scope closes. */
  #closedBy(scope: Scope, queue: RouteQueue<Waiter>): Cooldown {
    switch (scope) {
      case "window":
      case "bucket":
        return queue.bucket.cooldown;
      case "route":
        return queue.cooldown;
      case "global":
      case "address":
        return this.#global.cooldown;
    }
  }

  /** Forgets what was not used for long; done in passing, so that no timer is needed. */
  #sweep(): void {
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#sweptAtMs + SWEEP_EVERY_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [key, queue] of this.#queues) {
      if (nowMs < queue.usedAtMs + FORGET_AFTER_MS || !queue.isIdle(nowMs)) {
        continue;
      }
      queue.leave(this.#buckets);
      this.#queues.delete(key);
    }
  }

  #setAlarm(atMs: number): void {
    if (this.#alarm?.atMs === atMs) return;
    this.#alarm?.stop.abort(OVER);
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
