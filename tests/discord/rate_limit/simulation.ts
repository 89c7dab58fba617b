/**
 * Discord's limits, and the way of calls there and back, in virtual time.
 *
 * @module
 */

import {
  type ApiRoute,
  routeOf,
} from "../../../src/discord/rate_limit/api_route.ts";
import { readLimits } from "../../../src/discord/rate_limit/limit_headers.ts";
import type { RateLimiter } from "../../../src/discord/rate_limit/rate_limiter.ts";
import type { FakeClock } from "../../fakes/clock.ts";
import {
  type FakeLimitOptions,
  FakeLimits,
} from "../../fakes/discord_limits.ts";

/** How a simulated call goes. */
export interface SimulatedCall {
  readonly route: ApiRoute;
  readonly order?: number;
  /** The limiter of another process. */
  readonly limiter?: RateLimiter;
  /** How long the message is composed, once the slot is there. */
  readonly composeMs?: number;
  readonly thereMs?: number;
  readonly backMs?: number;
  /** Whether the connection breaks instead of the answer. */
  readonly isLost?: boolean;
  /** Whether the slot is given back instead. */
  readonly isGivenBack?: boolean;
  /** Ends the wait for the slot. */
  readonly wait?: AbortSignal;
}

/** What reached the limits. */
export interface Arrival {
  readonly route: ApiRoute;
  readonly order: number;
  readonly atMs: number;
  readonly status: 200 | 429;
  readonly isGlobal: boolean;
}

const NEVER = new AbortController().signal;

/** Counts what arrives as the stand-in Discord does. */
export class Simulation {
  readonly arrivals: Arrival[] = [];
  readonly #clock: FakeClock;
  readonly #limiter: RateLimiter;
  readonly #limits: FakeLimits;

  constructor(
    clock: FakeClock,
    limiter: RateLimiter,
    limits: FakeLimitOptions,
  ) {
    this.#clock = clock;
    this.#limiter = limiter;
    this.#limits = new FakeLimits(limits);
  }

  /** Makes one call; returns the status, 0 if the answer was lost, `undefined` if none was made. */
  async call(call: SimulatedCall): Promise<number | undefined> {
    const { route, order = 0, composeMs = 0, thereMs = 0, backMs = 0 } = call;
    using slot = await (call.limiter ?? this.#limiter).acquire(
      route,
      order,
      call.wait ?? NEVER,
    );
    await this.#pass(composeMs);
    if (call.isGivenBack) return undefined;
    slot.sent();
    await this.#pass(thereMs);
    const verdict = this.#limits.take(
      route.name,
      route.major,
      this.#clock.now(),
    );
    const status = verdict.retryAfterSec === undefined ? 200 : 429;
    const atMs = this.#clock.monotonic();
    const { isGlobal } = verdict;
    this.arrivals.push({ route, order, atMs, status, isGlobal });
    await this.#pass(backMs);
    if (call.isLost) return 0;
    slot.settle(readLimits(
      status,
      new Headers(verdict.headers),
      status === 200 ? undefined : {
        message: "You are being rate limited.",
        retry_after: verdict.retryAfterSec,
        global: isGlobal,
      },
    ));
    return status;
  }

  #pass(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : this.#clock.sleep(ms, NEVER);
  }
}

export function post(channelId: string): ApiRoute {
  return routeOf("POST", "/channels/:id/messages", channelId);
}

export function edit(channelId: string): ApiRoute {
  return routeOf("PATCH", "/channels/:id/messages/:id", channelId, "1");
}
