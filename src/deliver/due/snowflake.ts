/**
 * Discord's IDs, which hold the time at which they were made.
 *
 * Source: Discord developer docs, "Snowflakes".
 *
 * @module
 */

/** Discord's epoch, 2015-01-01, in milliseconds. */
export const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** Returns the least snowflake of a time; it compares like an ID, and need not exist. */
export function snowflakeAt(ms: number): bigint {
  return BigInt(Math.trunc(ms) - DISCORD_EPOCH_MS) << 22n;
}

/** Returns when an ID was made, by Discord's clock, in milliseconds since 1970. */
export function snowflakeMs(id: string): number {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH_MS;
}
