/**
 * Rate limits as Discord enforces them.
 *
 * Source: Discord developer docs, "Rate Limits", read 2026-08.
 *
 * @module
 */

/** So many calls in one window, which opens with the first of them. */
export interface FakeLimit {
  readonly limit: number;
  readonly perMs: number;
}

/** Which limits are enforced; those left out are neither enforced nor announced. */
export interface FakeLimitOptions {
  /** `POST /channels/{id}/messages`, for each channel. */
  readonly posts?: FakeLimit;
  /** `PATCH /channels/{id}/messages/{id}`, for each channel. */
  readonly edits?: FakeLimit;
  /** All other calls, for each route and channel. */
  readonly others?: FakeLimit;
  /** Calls a second over all routes. */
  readonly global?: number;
}

/** What the limits say to one call. */
export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds to wait; `undefined` if the call may pass. */
  readonly retryAfterSec: number | undefined;
  readonly isGlobal: boolean;
}

interface Window {
  readonly endMs: number;
  used: number;
}

/** Counts calls; times are milliseconds since 1970. */
export class FakeLimits {
  readonly #options: FakeLimitOptions;
  readonly #windows = new Map<string, Window>();
  #recent: number[] = [];

  constructor(options: FakeLimitOptions) {
    this.#options = options;
  }

  /** Counts a call, or refuses it. */
  take(
    route: string,
    major: string,
    nowMs: number,
  ): Verdict {
    const globalWaitMs = this.#takeGlobal(nowMs);
    if (globalWaitMs !== undefined) {
      const retryAfterSec = globalWaitMs / 1_000;
      return {
        headers: {
          "x-ratelimit-global": "true",
          "x-ratelimit-scope": "global",
          "retry-after": `${Math.ceil(retryAfterSec)}`,
        },
        retryAfterSec,
        isGlobal: true,
      };
    }
    return this.#takeBucket(route, major, nowMs);
  }

  /** Strictest reading of "50 a second": no second holds more, wherever it starts. */
  #takeGlobal(nowMs: number): number | undefined {
    const { global } = this.#options;
    if (global === undefined) return undefined;
    this.#recent = this.#recent.filter((timeMs) => timeMs > nowMs - 1_000);
    const first = this.#recent.at(-global);
    if (first !== undefined) return first + 1_000 - nowMs;
    this.#recent.push(nowMs);
    return undefined;
  }

  #takeBucket(route: string, major: string, nowMs: number): Verdict {
    const limit = this.#limitOf(route);
    if (limit === undefined) {
      return { headers: {}, retryAfterSec: undefined, isGlobal: false };
    }
    const key = `${route} ${major}`;
    let window = this.#windows.get(key);
    if (window === undefined || window.endMs <= nowMs) {
      window = { endMs: nowMs + limit.perMs, used: 0 };
      this.#windows.set(key, window);
    }
    const isOver = window.used >= limit.limit;
    if (!isOver) window.used++;
    const resetAfterSec = (window.endMs - nowMs) / 1_000;
    const headers = {
      "x-ratelimit-bucket": bucketName(route),
      "x-ratelimit-limit": `${limit.limit}`,
      "x-ratelimit-remaining": `${limit.limit - window.used}`,
      "x-ratelimit-reset": (window.endMs / 1_000).toFixed(3),
      "x-ratelimit-reset-after": resetAfterSec.toFixed(3),
    };
    if (!isOver) return { headers, retryAfterSec: undefined, isGlobal: false };
    return {
      headers: {
        ...headers,
        "x-ratelimit-scope": "user",
        "retry-after": `${Math.ceil(resetAfterSec)}`,
      },
      retryAfterSec: resetAfterSec,
      isGlobal: false,
    };
  }

  #limitOf(route: string): FakeLimit | undefined {
    switch (route) {
      case "POST /channels/:id/messages":
        return this.#options.posts;
      case "PATCH /channels/:id/messages/:id":
        return this.#options.edits;
      default:
        return this.#options.others;
    }
  }
}

/** Something opaque that is the same for one route everywhere. */
function bucketName(route: string): string {
  let hash = 0;
  for (const char of route) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, "0").repeat(4);
}
