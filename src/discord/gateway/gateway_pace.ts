/**
 * How soon a session of the Gateway may be started.
 *
 * After 1,000 starts in 24 hours Discord resets the bot's token.
 *
 * Source: Discord developer docs, "Session Start Limit"; docs/design/discord-gateway.md 2.
 *
 * @module
 */

import type { GatewayInfo } from "./gateway_frames.ts";

/** One start in 5 seconds is all that a small bot may make. */
const LEAST_GAP_MS = 5000;

/** Room left to starts that other processes with the same token make. */
const RESERVE = 5;

/**
 * Returns how long to wait before a session is started.
 *
 * While at least half of the day's starts are left, only the gap between two counts. After that the rest
 * is spread over the time that is left, so that even a process that crashes again and again keeps the
 * token.
 *
 * @param sinceLastMs Time since this process started a session the last time.
 */
export function startDelayMs(
  limit: GatewayInfo["session_start_limit"],
  sinceLastMs: number,
): number {
  const gapMs = Math.max(0, LEAST_GAP_MS - sinceLastMs);
  const { total, remaining, reset_after: resetMs } = limit;
  const left = remaining - RESERVE;
  if (left <= 0) return Math.max(gapMs, resetMs);
  if (remaining * 2 >= total) return gapMs;
  return Math.max(gapMs, resetMs / left);
}
