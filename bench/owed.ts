/**
 * How soon a restart makes the posts that the process before owed.
 *
 * @module
 */

import { type Candidate, startPlugin } from "./processes.ts";
import { collect, POST, Stage } from "./stage.ts";

/** So many posts are owed when the first process stops. */
export const OWED = 20;

/** What the limit lets pass before. */
const POSTED = 5;

/** How long the second process may take, in milliseconds. */
const PATIENCE_MS = 15_000;

/**
 * Stops a plugin that a limit keeps from posting, lifts the limit, and starts it again.
 *
 * @returns Milliseconds from that start to the last post; `undefined` if some post was lost.
 */
export async function measureOwed(
  candidate: Candidate,
  folder: string,
): Promise<number | undefined> {
  await using stage = await Stage.set(folder, {
    discord: { limits: { posts: { limit: POSTED, perMs: 600_000 } } },
  });
  {
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    await collect(stage, POSTED + OWED, 2000);
    plugin.process.kill("SIGTERM");
    await plugin.process.status;
  }
  const { discord, configPath } = stage;
  const lifted = discord.first((line) => line["lifted"] === true);
  await discord.tell({ kind: "lift" });
  await lifted;
  let posted = 0;
  const all = Promise.withResolvers<number>();
  const startedMs = performance.now();
  discord.each(({ route, status }) => {
    if (route !== POST || status !== 200 || ++posted < OWED) return;
    all.resolve(performance.now() - startedMs);
  });
  const { plugin } = await startPlugin(candidate, configPath);
  await using _plugin = plugin;
  return await Promise.race([all.promise, lost()]);
}

function lost(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined));
}
