/**
 * Waits that are too long to go unnoticed.
 *
 * @module
 */

import type { Clock } from "../../lib/async/clock.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { ApiRoute } from "./api_route.ts";
import type { Scope } from "./limit_headers.ts";

/** One thing that Discord keeps waiting for long. */
export interface LongWait {
  /** Method and path template of the calls; `undefined` if it is all of them. */
  readonly route: string | undefined;
  /** Channel or server of the calls; `undefined` if it is all of them, or they have none. */
  readonly channelId: string | undefined;
  readonly until: Date;
}

/** Shorter waits are everyday business. */
const LONG_MS = 60_000;

/** What ended so long ago without another call is not remembered. */
const FORGET_AFTER_MS = 3_600_000;

/** Remembers for how long calls are kept back, and says so once. */
export class LongWaits {
  readonly #clock: Pick<Clock, "now">;
  readonly #logger: Logger;
  readonly #waits = new Map<string, LongWait>();

  constructor(clock: Pick<Clock, "now">, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Those that are not over, in the order in which they began. */
  get current(): readonly LongWait[] {
    const nowMs = this.#clock.now();
    return [...this.#waits.values()].filter(({ until }) =>
      until.getTime() > nowMs
    );
  }

  /** Takes note of a refusal that keeps calls back. */
  refused(route: ApiRoute, scope: Scope, waitMs: number): void {
    if (waitMs < LONG_MS) return;
    const nowMs = this.#clock.now();
    for (const [key, { until }] of this.#waits) {
      const overMs = nowMs - until.getTime();
      if (overMs > FORGET_AFTER_MS) this.#waits.delete(key);
    }
    const isAll = scope === "global" || scope === "address";
    const key = isAll ? ALL : keyOf(route);
    const isKnown = this.#waits.has(key);
    const until = new Date(nowMs + waitMs);
    const channelId = isAll ? undefined : route.major || undefined;
    const name = isAll ? undefined : route.name;
    this.#waits.set(key, { route: name, channelId, until });
    const fields = {
      route: name ?? "all",
      channel_id: channelId,
      wait_ms: waitMs,
      until: until.toISOString(),
      hint: scope === "address"
        ? "Discord has blocked this address: something behind it called too often"
        : undefined,
    };
    if (isKnown) this.#logger.debug("Discord still keeps calls back", fields);
    else this.#logger.warn("Discord keeps calls back for long", fields);
  }

  /** Takes note of a call that was not kept back. */
  passed(route: ApiRoute): void {
    if (this.#waits.size === 0) return;
    for (const key of [ALL, keyOf(route)]) {
      const wait = this.#waits.get(key);
      if (wait === undefined || wait.until.getTime() > this.#clock.now()) {
        continue;
      }
      this.#waits.delete(key);
      this.#logger.info("Discord lets calls pass again", {
        route: wait.route ?? "all",
        channel_id: wait.channelId,
      });
    }
  }
}

/** Stands for all routes and channels. */
const ALL = "";

function keyOf(route: ApiRoute): string {
  return `${route.name} ${route.major}`;
}
