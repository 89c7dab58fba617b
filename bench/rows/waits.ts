/**
 * What a reviewer waits for.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { missingTeleport } from "../../programs/teleport.ts";
import { measureInside } from "../inside.ts";
import { readUsage, startPlugin } from "../processes.ts";
import { PATCH, POST, Stage } from "../stage.ts";
import { type Bench, OFFICIAL, PACE_MS, SAMPLES, waitsOf } from "./row.ts";

/** One request after another: what a reviewer waits for. */
export async function measureLatency(
  { auth, discord }: Stage,
  count: number,
  pauseMs: () => number = () => PACE_MS,
): Promise<{ announce: number[]; resolve: number[] }> {
  const announce: number[] = [];
  const resolve: number[] = [];
  for (let i = 0; i < count; i++) {
    const posted = discord.first(({ route }) => route === POST);
    const { id, atMs } = await auth.ask({ kind: "create" });
    announce.push(Number((await posted).atMs) - Number(atMs));
    await sleep(pauseMs());
    const edited = discord.first(({ route }) => route === PATCH);
    const approval = await auth.ask({ kind: "approve", id });
    resolve.push(Number((await edited).atMs) - Number(approval.atMs));
    await sleep(pauseMs());
  }
  return { announce, resolve };
}

/** What a reviewer waits for, in processes that have done nothing else. */
export async function measureWaits(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  const waits = await Array.fromAsync({ length: runs }, async () => {
    await using stage = await Stage.set(folder);
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    return await measureLatency(stage, Math.ceil(SAMPLES / runs));
  });
  const name = `ms (p50 / p99 of ${SAMPLES})`;
  note(
    `request made → POST, ${name}`,
    waitsOf(waits.map(({ announce }) => announce)),
  );
  note(
    `approved → PATCH, ${name}`,
    waitsOf(waits.map(({ resolve }) => resolve)),
  );
}

/** What the plugin itself takes of that. */
export async function measureOwnTime(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const times = await Array.fromAsync({ length: runs }, async () => {
    await using stage = await Stage.set(folder);
    return await measureInside(candidate, stage, Math.ceil(SAMPLES / runs));
  });
  const name = `own time, ms (p50 / p99 of ${SAMPLES})`;
  note(
    `event → POST written, ${name}`,
    waitsOf(times.map(({ announce }) => announce)),
  );
  note(
    `event → PATCH written, ${name}`,
    waitsOf(times.map(({ resolve }) => resolve)),
  );
}

/** A real Teleport looks at its storage so often. */
const POLL_MS = 20;

/** The shortest pause there: what is left to write is written. */
const SHORTEST_MS = 10;

/**
 * Draws pauses, the same for each candidate: at a steady pace all calls would meet the same moment between two looks
 * at the storage, and the candidates not the same one.
 *
 * @returns What draws the next, in milliseconds.
 */
function drawPauses(): () => number {
  // Marsaglia's xorshift.
  let state = 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return SHORTEST_MS + (state >>> 0) / 2 ** 32 * POLL_MS;
  };
}

/** The same on a real Teleport, where one is. */
export async function measureReal(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  if (missingTeleport("teleport", "tctl").length > 0) return;
  const pauseMs = drawPauses();
  const idleMib: number[][] = [];
  const announce: number[][] = [];
  const resolve: number[][] = [];
  for (let i = 0; i < runs; i++) {
    await using stage = await Stage.set(folder, { real: true });
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    await sleep(5000);
    idleMib.push([(await readUsage(plugin.process.pid)).residentMib]);
    const waits = await measureLatency(
      stage,
      Math.ceil(SAMPLES / runs),
      pauseMs,
    );
    announce.push(waits.announce);
    resolve.push(waits.resolve);
  }
  note("real cluster: resident when idle, MiB", { runs: idleMib });
  note(
    `real cluster: request made → POST, ms (p50 / p99 of ${SAMPLES})`,
    waitsOf(announce),
  );
  note(
    `real cluster: approved → PATCH, ms (p50 / p99 of ${SAMPLES})`,
    waitsOf(resolve),
  );
}
