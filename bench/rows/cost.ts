/**
 * What requests cost, and what a process holds before and after many of them.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { readUsage, startPlugin } from "../processes.ts";
import { POST, Stage } from "../stage.ts";
import type { Bench } from "./row.ts";
import { measureLatency } from "./waits.ts";

/** What requests cost, and what a process holds before and after many of them. */
export async function measureRequests(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  const count = 2000;
  const pacedCount = 300;
  const idleMib: number[][] = [];
  const pacedMs: number[][] = [];
  const cpuMs: number[][] = [];
  const afterMib: number[][] = [];
  for (let i = 0; i < runs; i++) {
    await using stage = await Stage.set(folder);
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    const { pid } = plugin.process;
    await sleep(5000);
    idleMib.push([(await readUsage(pid)).residentMib]);
    // What runs only once, such as compiling what turns out to be hot, is no cost of a request.
    await measureLatency(stage, 200);
    // A burst is another load for each: this plugin makes 50 calls a second, the other all at once, and a
    // process that is woken for each costs more.
    const paced = await measureCpu(
      pid,
      () => measureLatency(stage, pacedCount),
    );
    pacedMs.push([paced / pacedCount]);
    const burstMs = await measureCpu(pid, async () => {
      await burst(stage, count, 16);
      await sleep(2000);
    });
    cpuMs.push([burstMs / count]);
    afterMib.push([(await readUsage(pid)).residentMib]);
  }
  note("resident when idle, MiB", { runs: idleMib });
  note("CPU a request, ms", { runs: cpuMs, decimals: [2] });
  note("CPU a request at the same pace, with its approval, ms", {
    runs: pacedMs,
    decimals: [2],
  });
  note(`resident after ${count} requests, MiB`, { runs: afterMib });
}

/** Returns how many milliseconds of CPU time a process takes while something is done. */
async function measureCpu(
  pid: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await readUsage(pid);
  await work();
  return (await readUsage(pid)).cpuMs - before.cpuMs;
}

/** Makes requests, a few ahead of what was posted, until all are posted. */
async function burst(
  { auth, discord }: Stage,
  count: number,
  ahead: number,
): Promise<void> {
  let made = 0;
  let posted = 0;
  const done = Promise.withResolvers<void>();
  const make = () => {
    while (made < count && made < posted + ahead) {
      made++;
      auth.tell({ kind: "create" });
    }
  };
  const end = discord.each(({ route }) => {
    if (route !== POST) return;
    posted++;
    if (posted === count) done.resolve();
    make();
  });
  make();
  await done.promise;
  end();
}
