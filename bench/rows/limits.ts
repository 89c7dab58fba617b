/**
 * Many requests at once, into a Discord that has limits or is slow.
 *
 * @module
 */

import { startPlugin } from "../processes.ts";
import { collect, Stage } from "../stage.ts";
import type { Bench } from "./row.ts";

/** Runs that wait for so long by the limits do so side by side. */
const LONG_MS = 30_000;

/** Who calls nobody for so long has lost what is missing. */
const PATIENCE_MS = 10_000;

/** Requests made at once into channels that allow 5 posts in 5 s; all channels together 50 a second. */
export async function measureLimits(
  { candidate, folder, runs, note }: Bench,
  { count, channels, leastMs }: {
    count: number;
    channels: number;
    leastMs: number;
  },
): Promise<void> {
  const limits = { posts: { limit: 5, perMs: 5000 }, global: 50 };
  const once = async () => {
    await using stage = await Stage.set(folder, {
      channels,
      discord: { limits },
    });
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    const { posted, limited, lastMs } = await collect(
      stage,
      count,
      leastMs + PATIENCE_MS,
      PATIENCE_MS,
    );
    return [posted, lastMs / 1000, limited];
  };
  const seen = leastMs < LONG_MS
    ? await Array.fromAsync({ length: runs }, once)
    : await Promise.all(Array.from({ length: runs }, once));
  note(
    `${count} requests into ${channels} limited channel(s), least ${
      leastMs / 1000
    } s: posted, s, 429s`,
    { runs: seen, decimals: [0, 2, 0], between: ", " },
  );
}

/** Requests made at once into a Discord that takes 80 ms a call. */
export async function measureSlow(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  const seen = await Array.fromAsync({ length: runs }, async () => {
    await using stage = await Stage.set(folder, { discord: { delayMs: 80 } });
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    // The very first post into a channel goes alone, to learn its limits.
    await collect(stage, 1, 5000);
    const { posted, lastMs } = await collect(stage, 40, 20_000);
    return [posted, lastMs / 1000];
  });
  note(
    "40 requests at 80 ms a call: posted, s",
    { runs: seen, decimals: [0, 2], between: ", " },
  );
}
