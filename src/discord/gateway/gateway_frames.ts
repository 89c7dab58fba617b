/**
 * What the Gateway says, checked field by field.
 *
 * Source: Discord developer docs, "Gateway Events", read 2026-08. Unknown fields are skipped, as new
 * ones appear at any time.
 *
 * @module
 */

import * as v from "valibot";

/** Source: "Gateway Opcodes". */
export const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
} as const;

/** An ID of Discord. */
export const Snowflake = v.pipe(v.string(), v.regex(/^\d{1,20}$/));

const Frame = v.object({
  op: v.pipe(v.number(), v.integer()),
  d: v.optional(v.unknown()),
  s: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  t: v.nullish(v.string()),
});

/** What the first message says. */
export const Hello = v.object({
  heartbeat_interval: v.pipe(v.number(), v.minValue(1), v.maxValue(3_600_000)),
});

/** What a new session is. */
export const Ready = v.object({
  session_id: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  resume_gateway_url: v.string(),
  application: v.object({ id: Snowflake }),
  user: v.object({ id: Snowflake }),
});

/** Where the Gateway is, and how often a session may still be started. */
export const GatewayInfo = v.object({
  url: v.string(),
  session_start_limit: v.object({
    total: v.number(),
    remaining: v.number(),
    reset_after: v.pipe(v.number(), v.minValue(0)),
  }),
});

/** One message of the Gateway. */
export type GatewayFrame = v.InferOutput<typeof Frame>;
/** One of {@linkcode Ready}. */
export type GatewayReady = v.InferOutput<typeof Ready>;
/** One of {@linkcode GatewayInfo}. */
export type GatewayInfo = v.InferOutput<typeof GatewayInfo>;

/** A value, or where it is not as it should be, such as `member.user.id`; never what stands there. */
export type CheckedFrame<T> =
  | { readonly value: T; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: string };

export function readFrame(data: unknown): CheckedFrame<GatewayFrame> {
  if (typeof data !== "string") return { fault: "a frame that is not text" };
  try {
    return checkShape(Frame, JSON.parse(data));
  } catch {
    return { fault: "a frame that is not JSON" };
  }
}

/** Checks a value; a fault names the first field that is wrong. */
export function checkShape<Schema extends v.GenericSchema>(
  schema: Schema,
  data: unknown,
): CheckedFrame<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, data, { abortEarly: true });
  if (result.success) return { value: result.output };
  return { fault: v.getDotPath(result.issues[0]) ?? "the whole" };
}

/**
 * Returns the address of a Gateway with the query that it wants.
 *
 * @param plain Whether a connection without TLS will do, as the API itself is called without.
 * @returns `undefined` if it is no address that the bot's token may be sent to.
 */
export function gatewayAddress(
  url: string,
  plain: boolean,
): string | undefined {
  const address = URL.parse(url);
  if (address === null) return undefined;
  const isSafe = address.protocol === "wss:" ||
    (plain && address.protocol === "ws:");
  if (!isSafe || address.username !== "" || address.password !== "") {
    return undefined;
  }
  address.search = "?v=10&encoding=json";
  address.hash = "";
  return address.href;
}
