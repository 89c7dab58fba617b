/**
 * Ways in which a call to Discord goes wrong.
 *
 * @module
 */

/** What happens to a call instead of its answer. */
export type Fault =
  /** An answer of our choice; nothing is done. */
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  /** The connection breaks, before the call is carried out or after it. */
  | { readonly kind: "reset"; readonly carriedOut: boolean }
  /** The call is carried out, then half of its answer arrives. */
  | { readonly kind: "cutOff" }
  /** The call is carried out, then its answer is replaced by something that is not JSON. */
  | { readonly kind: "garbled" }
  /** Nothing happens until the promise is fulfilled; then the call is carried out or was already. */
  | {
    readonly kind: "hang";
    readonly until: Promise<unknown>;
    readonly carriedOut: boolean;
  };

/** An error in Discord's own form. */
export function refused(
  status: number,
  code: number,
  extra: Readonly<Record<string, unknown>> = {},
): Fault {
  return json(status, { message: `Error ${code}`, code, ...extra });
}

/** A 429 of the API, though the limits that are announced have room. */
export function rateLimited(
  retryAfterSec: number,
  options: {
    readonly scope?: "user" | "global" | "shared";
    readonly code?: number;
    /** Bucket headers, where the test needs some. */
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Fault {
  const { scope = "user", code } = options;
  return json(429, {
    message: "You are being rate limited.",
    retry_after: retryAfterSec,
    global: scope === "global",
    ...(code !== undefined && { code }),
  }, {
    "retry-after": `${Math.ceil(retryAfterSec)}`,
    "x-ratelimit-scope": scope,
    ...(scope === "global" && { "x-ratelimit-global": "true" }),
    ...options.headers,
  });
}

/** The hidden limit on edits of messages older than an hour. */
export function oldMessageEdits(retryAfterSec: number): Fault {
  return rateLimited(retryAfterSec, { code: 30046 });
}

/** A page of Cloudflare that bans the address. */
export function banned(retryAfterSec?: number, status = 429): Fault {
  return page(
    status,
    "error code: 1015",
    retryAfterSec === undefined ? {} : { "retry-after": `${retryAfterSec}` },
  );
}

/**
 * A block of the address by Cloudflare that comes as Discord's JSON.
 *
 * Source: discord/discord-api-docs#6473.
 */
export const blockedByCloudflare: Fault = json(403, {
  message: "internal network error",
  code: 40333,
});

/**
 * A block of the address that names neither a time nor a limit.
 *
 * Source: Rapptz/discord.py#5221.
 */
export const blockedWithoutTime: Fault = json(429, {
  message:
    "You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently.",
  code: 0,
});

/** A server error with a page of some proxy. */
export function serverError(status = 502): Fault {
  return page(status, "<html><body>Bad Gateway</body></html>");
}

/** A redirect to somewhere else. */
export function redirected(location: string): Fault {
  return page(302, "", { location });
}

/** The connection breaks before anything was done. */
export const resetBefore: Fault = { kind: "reset", carriedOut: false };

/** The answer is lost: everything was done, and nobody hears of it. */
export const lostAnswer: Fault = { kind: "reset", carriedOut: true };

/** Half of the answer arrives. */
export const cutOff: Fault = { kind: "cutOff" };

/** The answer says 200 and is not JSON. */
export const garbled: Fault = { kind: "garbled" };

/** No answer until the promise is fulfilled. */
export function hang(until: Promise<unknown>, carriedOut = false): Fault {
  return { kind: "hang", until, carriedOut };
}

function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return {
    kind: "answer",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

function page(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return {
    kind: "answer",
    status,
    headers: { "content-type": "text/html", ...headers },
    body,
  };
}
