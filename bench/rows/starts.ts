/**
 * How long commands take, and starts with nothing and with much to read.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { timeCommands } from "../commands.ts";
import { type Candidate, readUsage, startPlugin } from "../processes.ts";
import { POST, Stage } from "../stage.ts";
import { type Bench, OFFICIAL } from "./row.ts";

export async function measureStart(
  { candidate, folder, note }: Bench,
): Promise<void> {
  await using stage = await Stage.set(folder);
  const runs: number[][] = [];
  for (let i = 0; i < 7; i++) {
    const { plugin, readyMs } = await startPlugin(candidate, stage.configPath);
    runs.push([readyMs]);
    await plugin[Symbol.asyncDispose]();
  }
  note("start to ready, ms (median of 7)", { runs, decimals: [0] });
}

export async function measureCommands(
  { candidate, folder, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const form = Deno.env.has("DENORT_BIN") ? "compiled" : "bundle";
  for (const [name, times] of await timeCommands(candidate, folder)) {
    const runs = times.map((ms) => [ms]);
    const title = `${name}, ms (median of ${times.length})`;
    note(title, { runs, decimals: [0], form });
  }
}

/** A cluster with many requests whose messages are in step. */
export async function measureManyAtStart(
  { candidate, folder, runs, note }: Bench,
  announced = { count: 10_000, reasonLength: 600 },
): Promise<void> {
  // The official plugin lists nothing when it starts.
  if (candidate.name === OFFICIAL) return;
  const starts = await Array.fromAsync(
    { length: runs },
    () => startWithMany(candidate, folder, announced),
  );
  note(
    `request made meanwhile → POST, ${announced.count} announced, ms`,
    { runs: starts.map(({ announceMs }) => [announceMs]), decimals: [0] },
  );
  note(
    `start with ${announced.count} announced requests: ` +
      "s, s of CPU time, MiB resident, MiB at the peak, calls",
    {
      runs: starts.map(({ figures }) => figures),
      decimals: [2, 2, 0],
      between: ", ",
      note: `, ${JSON.stringify(starts.at(-1)?.calls)}`,
    },
  );
}

async function startWithMany(
  candidate: Candidate,
  folder: string,
  announced: { readonly count: number; readonly reasonLength: number },
) {
  await using stage = await Stage.set(folder, { announced });
  const { auth, discord, configPath } = stage;
  const readCalls = async () => {
    const { calls } = await auth.ask({ kind: "calls" });
    return calls as Readonly<Record<string, number>>;
  };
  const starting = startPlugin(candidate, configPath);
  // Not before the stand-in has encoded all plugin data, during which it answers nobody.
  const isUnderWay = async () =>
    ((await readCalls())["ListAccessRequests"] ?? 0) > 2;
  while (!await isUnderWay()) await sleep(50);
  // Somebody makes one more while those are being read.
  const posted = discord.first(({ route }) => route === POST);
  const { atMs } = await auth.ask({ kind: "create" });
  const announceMs = Number((await posted).atMs) - Number(atMs);
  const { plugin, readyMs } = await starting;
  await using _ = plugin;
  // What stays, as after the requests above.
  await sleep(2000);
  const { residentMib, peakMib, cpuMs } = await readUsage(plugin.process.pid);
  return {
    announceMs,
    figures: [readyMs / 1000, cpuMs / 1000, residentMib, peakMib],
    calls: await readCalls(),
  };
}

/** More plugin data than one answer may have, which are 64 MiB: 50 000 requests with 1.4 KiB each. */
export const BEYOND_ONE_ANSWER = { count: 50_000, reasonLength: 1200 };
