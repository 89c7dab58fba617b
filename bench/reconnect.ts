/**
 * How soon the plugin watches again after the Auth Service was restarted.
 *
 * @module
 */

import { type Candidate, type StandIn, startPlugin } from "./processes.ts";

/** How long the Auth Service is down, in milliseconds: short and long, as restarts are. */
const DOWN_MS = [300, 800, 1500, 2500, 4000];

/**
 * Restarts the stand-in Auth Service again and again under a plugin.
 *
 * @param configPath A configuration that leads to the stand-ins.
 * @returns Milliseconds from the port being open to the watch being open, one for each restart.
 */
export async function measureReconnect(
  candidate: Candidate,
  auth: StandIn,
  configPath: string,
  rounds = 3,
): Promise<number[]> {
  const { plugin } = await startPlugin(candidate, configPath);
  await using _ = plugin;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const downMs of DOWN_MS) {
      const { reconnectMs } = await auth.ask({ kind: "restart", downMs });
      times.push(Number(reconnectMs));
    }
  }
  return times;
}
