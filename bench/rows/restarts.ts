/**
 * Restarts of the Auth Service, and of the plugin.
 *
 * @module
 */

import { measureOwed, OWED } from "../owed.ts";
import { measureReconnect } from "../reconnect.ts";
import { quantile } from "../report.ts";
import { Stage } from "../stage.ts";
import { type Bench, OFFICIAL } from "./row.ts";

/** The Auth Service restarts: from its port being open to the watch being open. */
export async function measureRestarts(
  { candidate, folder, note }: Bench,
): Promise<void> {
  // The official plugin ends when the Auth Service is restarted under it.
  if (candidate.name === OFFICIAL) return;
  await using stage = await Stage.set(folder);
  const { auth, configPath } = stage;
  const times = await measureReconnect(candidate, auth, configPath);
  note(
    "Auth Service restarted → watching, ms (median / most of 15)",
    {
      runs: times.map((ms) => [ms]),
      overall: [quantile(times, 0.5)],
      decimals: [0],
    },
  );
}

/** A process is replaced while a limit keeps it from posting. */
export async function measureRestartOwed(
  { candidate, folder, note }: Bench,
): Promise<void> {
  const runs: number[][] = [];
  for (let i = 0; i < 5; i++) {
    const ms = await measureOwed(candidate, folder);
    if (ms === undefined) break;
    runs.push([ms / 1000]);
  }
  note(
    `start with ${OWED} owed posts → all posted, s (least, median, most of 5)`,
    runs.length < 5 ? "lost" : { runs, decimals: [2] },
  );
}
