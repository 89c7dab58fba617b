import assert from "node:assert/strict";
import fc from "fast-check";
import { anySchedule } from "./arbitrary.ts";
import { buildMutant } from "./build.ts";
import { KEPT_SCHEDULES } from "./kept.ts";
import { MUTANTS } from "./mutants.ts";
import type { Schedule } from "./schedule.ts";
import { type Build, runSchedule } from "./world.ts";

/** Schedules that are drawn for each mutant that no kept one finds. */
const RUNS = 100;

Deno.test("each deliberate breakage is found", async (t) => {
  const drawn = fc.sample(anySchedule, { numRuns: RUNS, seed: 4 });
  const schedules = [...KEPT_SCHEDULES.map((kept) => kept.schedule), ...drawn];
  for (const mutant of MUTANTS) {
    await t.step(mutant.name, async () => {
      const folder = await Deno.makeTempDir();
      try {
        const build = await buildMutant(mutant, folder);
        assert.ok(await findsFault(build, schedules));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});

async function findsFault(
  build: Build,
  schedules: readonly Schedule[],
): Promise<boolean> {
  for (const schedule of schedules) {
    const { failure } = await runSchedule(schedule, build);
    if (failure !== undefined) return true;
  }
  return false;
}
