/**
 * What an answer of Discord says about its rate limits.
 *
 * Source: Discord developer docs, "Rate Limits", read 2026-08.
 *
 * @module
 */

/** State of the bucket that a call fell into, just after the call. */
export interface BucketHeaders {
  /** `X-RateLimit-Bucket`: opaque, the same for all routes and channels that share the limit's definition. */
  readonly bucket: string | undefined;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAfterMs: number;
}

/**
 * Whom a refusal stops:
 *
 * - `window`: the bucket, which is used up as its headers announced;
 * - `bucket`: the bucket, by a limit that its headers do not show, or by other users of the channel;
 * - `route`: this route in this channel only (30046, edits of messages older than an hour);
 * - `global`: the bot;
 * - `address`: everything that comes from this machine. Cloudflare says so, most often without Discord's
 *   JSON, and in JSON without a time or any header of a limit.
 */
export type Scope = "window" | "bucket" | "route" | "global" | "address";

/** Who has to wait, and for how long. */
export interface LimitRefusal {
  readonly scope: Scope;
  readonly waitMs: number;
}

/** What one answer teaches about limits. */
export interface LimitNews {
  /** Whether Discord itself answered, so that absent headers mean "no limit". */
  readonly fromDiscord: boolean;
  readonly headers: BucketHeaders | undefined;
  readonly refusal: LimitRefusal | undefined;
  /** Whether the answer counts towards the ban of the address that follows 10 000 of them in 10 minutes. */
  readonly invalid: boolean;
}

/** How long all calls pause when Cloudflare refuses and does not say for how long. */
const UNTOLD_WAIT_MS = 5 * 60_000;

/** How long to wait after a 429 that does not say. */
const SHORT_WAIT_MS = 1_000;

const CLOUDFLARE_BLOCKS = 40333;
const OLD_MESSAGE_EDITS = 30046;

/**
 * Reads what an answer says about limits.
 *
 * @param json The body of an error, if it is Discord's JSON.
 */
export function readLimits(
  status: number,
  headers: Headers,
  json: Readonly<Record<string, unknown>> | undefined,
): LimitNews {
  const bucket = readBucketHeaders(headers);
  const scope = readScope(status, headers, json, bucket);
  const untold = scope === "address" ? UNTOLD_WAIT_MS : SHORT_WAIT_MS;
  return {
    fromDiscord: json !== undefined || (status >= 200 && status < 300),
    headers: bucket,
    refusal: scope === undefined
      ? undefined
      : { scope, waitMs: readRetryAfterMs(headers, json) ?? untold },
    invalid: status === 401 || status === 403 ||
      (status === 429 && headers.get("x-ratelimit-scope") !== "shared"),
  };
}

/**
 * Returns how long an answer asks to wait, in milliseconds; `undefined` if it does not say.
 *
 * The body's `retry_after` has decimals, where the `Retry-After` header may be rounded up.
 */
export function readRetryAfterMs(
  headers: Headers,
  json: Readonly<Record<string, unknown>> | undefined,
): number | undefined {
  const seconds = toNumber(json?.retry_after) ??
    toNumber(headers.get("retry-after"));
  return seconds === undefined ? undefined : Math.ceil(seconds * 1_000);
}

function readBucketHeaders(headers: Headers): BucketHeaders | undefined {
  const limit = toNumber(headers.get("x-ratelimit-limit"));
  const remaining = toNumber(headers.get("x-ratelimit-remaining"));
  const resetAfter = toNumber(headers.get("x-ratelimit-reset-after"));
  if (
    limit === undefined || remaining === undefined || resetAfter === undefined
  ) {
    return undefined;
  }
  return {
    bucket: headers.get("x-ratelimit-bucket") ?? undefined,
    // A limit of 0 would never let anyone find out that it was raised.
    limit: Math.max(1, Math.floor(limit)),
    remaining: Math.floor(remaining),
    resetAfterMs: Math.ceil(resetAfter * 1_000),
  };
}

function readScope(
  status: number,
  headers: Headers,
  json: Readonly<Record<string, unknown>> | undefined,
  bucket: BucketHeaders | undefined,
): Scope | undefined {
  if (status === 403) {
    return json === undefined || json.code === CLOUDFLARE_BLOCKS
      ? "address"
      : undefined;
  }
  if (status !== 429) return undefined;
  if (json === undefined || isBareRefusal(headers, json)) return "address";
  const scope = headers.get("x-ratelimit-scope");
  if (
    json.global === true || scope === "global" ||
    headers.get("x-ratelimit-global") === "true"
  ) {
    return "global";
  }
  if (json.code === OLD_MESSAGE_EDITS) return "route";
  return scope !== "shared" && bucket?.remaining === 0 ? "window" : "bucket";
}

/**
 * Whether a 429 names neither a time nor a limit: each limit of Discord's own does, a block of the
 * address need not. Source: discord.py#5221, "You are being blocked from accessing our API".
 */
function isBareRefusal(
  headers: Headers,
  json: Readonly<Record<string, unknown>>,
): boolean {
  return readRetryAfterMs(headers, json) === undefined &&
    json.global !== true && json.code !== OLD_MESSAGE_EDITS &&
    ![...headers.keys()].some((name) => name.startsWith("x-ratelimit-"));
}

/** A finite, non-negative number, from JSON or from a header; anything else is no statement. */
function toNumber(value: unknown): number | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
