/**
 * `deno task bench [--peer] [--only NAME] [--runs N]`: measures the plugin, and the official one beside it.
 *
 * Each figure is the median of some runs, five if nothing else is said, with the least and the most of them; a p99 is
 * that of all runs together, as one run has too few waits for it. It all takes some 40 minutes with `--peer`.
 *
 * Auth Service and Discord are stand-ins in processes of their own; where a real Teleport is
 * (programs/teleport.ts), the latency is measured once more on that. Linux only.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  describeMissing,
  findTeleport,
  missingTeleport,
} from "../programs/teleport.ts";
import { bundle } from "./processes.ts";
import { describeMachine, type Figure, Report } from "./report.ts";
import { measureClicks } from "./rows/clicks.ts";
import { measureRequests } from "./rows/cost.ts";
import { measureLimits, measureSlow } from "./rows/limits.ts";
import { measureRestartOwed, measureRestarts } from "./rows/restarts.ts";
import { type Measure, OFFICIAL } from "./rows/row.ts";
import { measureRouting } from "./rows/rules.ts";
import {
  BEYOND_ONE_ANSWER,
  measureCommands,
  measureManyAtStart,
  measureStart,
} from "./rows/starts.ts";
import { measureOwnTime, measureReal, measureWaits } from "./rows/waits.ts";

const MEASUREMENTS: Readonly<Record<string, Measure>> = {
  commands: measureCommands,
  start: measureStart,
  waits: measureWaits,
  own: measureOwnTime,
  requests: measureRequests,
  clicks: measureClicks,
  real: measureReal,
  restarts: measureRestarts,
  owed: measureRestartOwed,
  routing: measureRouting,
  slow: measureSlow,
  many: measureManyAtStart,
  beyond: (bench) => measureManyAtStart(bench, BEYOND_ONE_ANSWER),
  limits: (bench) =>
    measureLimits(bench, { count: 40, channels: 1, leastMs: 35_000 }),
  channels: (bench) =>
    measureLimits(bench, { count: 60, channels: 20, leastMs: 1000 }),
};

function print(
  stream: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

const { values } = parseArgs({
  options: {
    peer: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    runs: { type: "string", default: "5" },
  },
});
const known = Object.keys(MEASUREMENTS);
const unknown = values.only?.find((name) => !known.includes(name));
if (unknown !== undefined) {
  print(
    Deno.stderr,
    `error: expected --only with one of ${known.join(", ")}, found ${unknown}`,
  );
  Deno.exit(64);
}
const missing = missingTeleport(
  ...["teleport", "tctl"] as const,
  ...values.peer ? ["teleport-discord"] as const : [],
);
const official = values.peer ? findTeleport("teleport-discord") : undefined;
const folder = await Deno.makeTempDir({ prefix: "teleport-discord-bench-" });
try {
  const candidates = [await bundle(folder)];
  if (official !== undefined) {
    candidates.push({ name: OFFICIAL, command: official, args: [] });
  }
  const report = new Report(candidates.map(({ name }) => name));
  const machine = await describeMachine();
  print(Deno.stderr, machine);
  sayWhatIsMissing();
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (values.only !== undefined && !values.only.includes(name)) continue;
    for (const candidate of candidates) {
      const note = (title: string, figure: Figure | string) => {
        const cell = report.add(title, candidate.name, figure);
        print(Deno.stderr, `${candidate.name}: ${title}: ${cell}`);
      };
      await measure({ candidate, folder, runs: Number(values.runs), note });
    }
  }
  print(Deno.stdout, `${machine}\n\n${report.table()}`);
  sayWhatIsMissing();
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Says at the start and at the end what is not measured for want of programs. */
function sayWhatIsMissing(): void {
  if (missing.length === 0) return;
  print(Deno.stderr, describeMissing("Not all is measured", missing));
}
