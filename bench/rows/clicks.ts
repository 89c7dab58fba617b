/**
 * How soon a click is answered.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type Candidate, startPlugin } from "../processes.ts";
import { PATCH, Stage } from "../stage.ts";
import { type Bench, OFFICIAL, PACE_MS, SAMPLES, waitsOf } from "./row.ts";

const OUTCOME = "PATCH /webhooks/:id/:token/messages/@original";

/** As many as a process takes of all people in a minute. */
const CLICKS = 200;

/** Somebody clicks on each message: how soon do they read the outcome, and does the message show it? */
export async function measureClicks(
  { candidate, folder, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const times = await Array.fromAsync(
    { length: Math.ceil(SAMPLES / CLICKS) },
    () => clickThrough(candidate, folder, CLICKS),
  );
  const name = `ms (p50 / p99 of ${SAMPLES})`;
  note(`click → outcome told, ${name}`, waitsOf(times.map(({ told }) => told)));
  note(
    `click → message shows it, ${name}`,
    waitsOf(times.map(({ shown }) => shown)),
  );
}

async function clickThrough(
  candidate: Candidate,
  folder: string,
  count: number,
): Promise<{ told: number[]; shown: number[] }> {
  await using stage = await Stage.set(folder, { discord: { gateway: true } });
  await Deno.writeTextFile(stage.configPath, "[review]\nenabled = true\n", {
    append: true,
  });
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  const { auth, discord } = stage;
  // The Gateway is open some time after the start.
  await sleep(2000);
  const told: number[] = [];
  const shown: number[] = [];
  for (let i = 0; i < count; i++) {
    const clicked = discord.first(({ route }) => route === "click");
    const answered = discord.first(({ route }) => route === OUTCOME);
    const edited = discord.first(({ route }) => route === PATCH);
    await auth.ask({ kind: "create" });
    const clickMs = Number((await clicked).atMs);
    told.push(Number((await answered).atMs) - clickMs);
    shown.push(Number((await edited).atMs) - clickMs);
    await sleep(PACE_MS);
  }
  return { told, shown };
}
