/**
 * The calls of one route in one channel.
 *
 * @module
 */

import type { ApiRoute } from "./api_route.ts";
import { Bucket } from "./bucket.ts";
import { Cooldown } from "./cooldown.ts";
import { WaitingCalls } from "./waiting_calls.ts";

/**
 * Calls with the same route and channel. Queues share a bucket if Discord gives them the same
 * name; until it has answered once, a queue has a bucket of its own.
 */
export class RouteQueue<T> {
  readonly route: ApiRoute;
  readonly waiting = new WaitingCalls<T>();
  /** Closed by refusals that concern this route in this channel alone. */
  readonly cooldown = new Cooldown();
  inFlight = 0;
  /** Serial number of the last call that was let go: the queue that was served longest ago is next. */
  lastServed = 0;
  usedAtMs: number;
  #bucket = new Bucket();
  #bucketName: string | undefined;

  constructor(route: ApiRoute, nowMs: number) {
    this.route = route;
    this.usedAtMs = nowMs;
    this.#bucket.users.add(this);
  }

  get bucket(): Bucket {
    return this.#bucket;
  }

  /** Returns when the next call of this queue may go; `Infinity` if an answer has to come first. */
  readyAtMs(nowMs: number): number {
    return Math.max(
      this.cooldown.readyAtMs(nowMs, this.inFlight),
      this.#bucket.readyAtMs(nowMs),
    );
  }

  /** Whether a refusal came up that the next call would meet. */
  isClosed(nowMs: number): boolean {
    return this.cooldown.isClosed(nowMs) ||
      this.#bucket.cooldown.isClosed(nowMs);
  }

  /** Whether nothing would be missed if this queue were forgotten. */
  isIdle(nowMs: number): boolean {
    return this.waiting.size === 0 && this.inFlight === 0 &&
      this.cooldown.isIdle(nowMs) && this.#bucket.isIdle(nowMs);
  }

  /** Shares the bucket that Discord named from now on. */
  join(name: string, buckets: Map<string, Bucket>): void {
    if (name === this.#bucketName) return;
    const unnamed = this.#bucketName === undefined ? this.#bucket : undefined;
    const bucket = buckets.get(name) ?? unnamed ?? new Bucket();
    this.leave(buckets);
    buckets.set(name, bucket);
    bucket.users.add(this);
    this.#bucket = bucket;
    this.#bucketName = name;
  }

  /** Gives up its bucket, which is forgotten when nobody else uses it. */
  leave(buckets: Map<string, Bucket>): void {
    this.#bucket.users.delete(this);
    if (this.#bucketName !== undefined && this.#bucket.users.size === 0) {
      buckets.delete(this.#bucketName);
    }
  }
}
