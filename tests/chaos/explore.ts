/**
 * Looks for schedules that go wrong: `deno task chaos:explore [runs] [seed] [mutant…]`.
 *
 * Without a mutant the real service runs; with `all`, each mutant that no kept schedule finds. The
 * smallest schedule that goes wrong is printed with all that happened in it; for a mutant it is kept in
 * schedules.json, as long as the real service passes it.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool for a person

import fc from "fast-check";
import { anySchedule } from "./arbitrary.ts";
import { buildMutant, type Mutant } from "./build.ts";
import { MUTANTS } from "./mutants.ts";
import { KEPT_SCHEDULES } from "./kept.ts";
import type { Schedule } from "./schedule.ts";
import { type Build, REAL, runSchedule } from "./world.ts";

const [runs = "1000", seed = String(Date.now() % 2 ** 31), ...names] =
  Deno.args;

/** Runs schedules until one goes wrong; returns the smallest such schedule. */
async function explore(build: Build): Promise<Schedule | undefined> {
  const counters = new Map<string, number>();
  const property = fc.asyncProperty(anySchedule, async (schedule) => {
    const outcome = await runSchedule(schedule, build);
    for (const [what, n] of outcome.counters) {
      counters.set(what, (counters.get(what) ?? 0) + n);
    }
    if (outcome.failure !== undefined) throw new Error(outcome.failure);
  });
  const startedMs = performance.now();
  const details = await fc.check(property, {
    numRuns: Number(runs),
    seed: Number(seed),
    // Shrinking may take long; the smallest so far is good enough then.
    interruptAfterTimeLimit: Number(runs) * 100,
  });
  const ms = performance.now() - startedMs;
  const each = (ms / (details.numRuns + details.numShrinks)).toFixed(1);
  console.log(
    `seed ${seed}: ${details.numRuns} schedules, ${details.numShrinks} smaller ones, ${each} ms each`,
  );
  if (details.counterexample === null) {
    if (names.length === 0) {
      for (const [what, n] of [...counters].sort()) console.log(`${n} ${what}`);
    }
    return undefined;
  }
  return details.counterexample[0];
}

async function show(schedule: Schedule, build: Build): Promise<void> {
  const { failure, trace } = await runSchedule(schedule, build, {
    trace: true,
  });
  const idle = /: (GetPluginData|ListAccessRequests)$|listed requests/;
  for (const line of trace) if (!idle.test(line)) console.log(line);
  console.log(JSON.stringify(schedule));
  console.log(failure);
}

async function exploreMutant(mutant: Mutant): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const build = await buildMutant(mutant, folder);
    for (const { name, schedule } of KEPT_SCHEDULES) {
      if ((await runSchedule(schedule, build)).failure === undefined) continue;
      return console.log(`${mutant.name}: found by "${name}"`);
    }
    const schedule = await explore(build);
    if (schedule === undefined) return console.log(`${mutant.name}: NOT FOUND`);
    const { failure } = await runSchedule(schedule, build);
    const real = await runSchedule(schedule, REAL);
    console.log(`${mutant.name}: ${failure}; the real one: ${real.failure}`);
    if (real.failure !== undefined) return await show(schedule, REAL);
    const file = new URL("schedules.json", import.meta.url);
    const kept = JSON.parse(await Deno.readTextFile(file));
    kept.push({ name: mutant.name, schedule });
    await Deno.writeTextFile(file, JSON.stringify(kept, undefined, 2) + "\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (names.length === 0) {
  const schedule = await explore(REAL);
  if (schedule !== undefined) await show(schedule, REAL);
}
for (const mutant of MUTANTS) {
  if (names.includes("all") || names.includes(mutant.name)) {
    await exploreMutant(mutant);
  }
}
