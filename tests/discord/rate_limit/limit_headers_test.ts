import assert from "node:assert/strict";
import {
  type LimitNews,
  readLimits,
} from "../../../src/discord/rate_limit/limit_headers.ts";

interface Case {
  readonly name: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly json?: Record<string, unknown>;
  readonly expect: Partial<LimitNews>;
}

const FULL = {
  "x-ratelimit-bucket": "abcd",
  "x-ratelimit-limit": "5",
  "x-ratelimit-remaining": "4",
  "x-ratelimit-reset": "1470173023.123",
  "x-ratelimit-reset-after": "1.2345",
};
const USED_UP = { ...FULL, "x-ratelimit-remaining": "0" };
const LIMITED = { message: "You are being rate limited.", global: false };

const cases: readonly Case[] = [
  {
    name: "a success with all headers",
    status: 200,
    headers: FULL,
    expect: {
      fromDiscord: true,
      headers: {
        bucket: "abcd",
        limit: 5,
        remaining: 4,
        resetAfterMs: 1235,
      },
      refusal: undefined,
      invalid: false,
    },
  },
  {
    name: "a success without headers: no limit",
    status: 200,
    expect: { fromDiscord: true, headers: undefined, refusal: undefined },
  },
  {
    name: "headers that are not numbers",
    status: 200,
    headers: { ...FULL, "x-ratelimit-reset-after": "soon" },
    expect: { headers: undefined },
  },
  {
    name: "an infinite reset",
    status: 200,
    headers: { ...FULL, "x-ratelimit-reset-after": "1e999" },
    expect: { headers: undefined },
  },
  {
    name: "a limit of 0 counts as 1",
    status: 200,
    headers: { ...FULL, "x-ratelimit-limit": "0" },
    expect: {
      headers: { bucket: "abcd", limit: 1, remaining: 4, resetAfterMs: 1235 },
    },
  },
  {
    name: "404 of Discord",
    status: 404,
    json: { message: "Unknown Message", code: 10008 },
    expect: { fromDiscord: true, refusal: undefined, invalid: false },
  },
  {
    name: "401",
    status: 401,
    json: { message: "401: Unauthorized", code: 0 },
    expect: { refusal: undefined, invalid: true },
  },
  {
    name: "403 of Discord",
    status: 403,
    json: { message: "Missing Access", code: 50001 },
    expect: { refusal: undefined, invalid: true },
  },
  {
    name: "403 without JSON is Cloudflare",
    status: 403,
    expect: {
      fromDiscord: false,
      refusal: { scope: "address", waitMs: 300_000 },
      invalid: true,
    },
  },
  {
    name: "40333 is Cloudflare",
    status: 403,
    json: { message: "internal network error", code: 40333 },
    expect: { refusal: { scope: "address", waitMs: 300_000 } },
  },
  {
    name: "429 without JSON is Cloudflare",
    status: 429,
    headers: { "retry-after": "60" },
    expect: { refusal: { scope: "address", waitMs: 60_000 }, invalid: true },
  },
  {
    name: "429 without JSON and without Retry-After",
    status: 429,
    expect: { refusal: { scope: "address", waitMs: 300_000 } },
  },
  {
    name: "429 of a bucket that is used up",
    status: 429,
    headers: { ...USED_UP, "x-ratelimit-scope": "user", "retry-after": "2" },
    json: { ...LIMITED, retry_after: 1.2 },
    expect: { refusal: { scope: "window", waitMs: 1_200 }, invalid: true },
  },
  {
    name: "429 although the bucket has room",
    status: 429,
    headers: { ...FULL, "x-ratelimit-scope": "user" },
    json: { ...LIMITED, retry_after: 7 },
    expect: { refusal: { scope: "bucket", waitMs: 7_000 } },
  },
  {
    name: "429 that others caused",
    status: 429,
    headers: { ...USED_UP, "x-ratelimit-scope": "shared" },
    json: { ...LIMITED, retry_after: 7 },
    expect: { refusal: { scope: "bucket", waitMs: 7_000 }, invalid: false },
  },
  {
    name: "429 of old messages' edits",
    status: 429,
    headers: FULL,
    json: { ...LIMITED, retry_after: 20, code: 30046 },
    expect: { refusal: { scope: "route", waitMs: 20_000 } },
  },
  {
    name: "global 429 by its body",
    status: 429,
    json: { ...LIMITED, retry_after: 0.5, global: true },
    expect: { refusal: { scope: "global", waitMs: 500 } },
  },
  {
    name: "global 429 by its header",
    status: 429,
    headers: { "x-ratelimit-global": "true", "retry-after": "3" },
    json: { message: "" },
    expect: { refusal: { scope: "global", waitMs: 3_000 } },
  },
  {
    name: "429 of a limit that does not say for how long",
    status: 429,
    headers: { "x-ratelimit-scope": "shared" },
    json: LIMITED,
    expect: { refusal: { scope: "bucket", waitMs: 1_000 } },
  },
  {
    name: "429 in JSON that names neither a time nor a limit is Cloudflare",
    status: 429,
    json: { message: "You are being blocked from accessing our API", code: 0 },
    expect: { refusal: { scope: "address", waitMs: 300_000 }, invalid: true },
  },
  {
    name: "502 with HTML says nothing",
    status: 502,
    expect: {
      fromDiscord: false,
      headers: undefined,
      refusal: undefined,
      invalid: false,
    },
  },
];

for (const { name, status, headers = {}, json, expect } of cases) {
  Deno.test({
    name: `readLimits(): ${name}`,
    permissions: "none",
    fn: () => {
      const news = readLimits(status, new Headers(headers), json);
      assert.deepEqual({ ...news, ...expect }, news);
    },
  });
}
