/**
 * `deno task bench:growth [--peer] [--runs N]`: a load that grows, into channels with Discord's limits.
 *
 * Many requests are made at once; measured are the time to the last message, and what it cost. The figures go to
 * pictures/growth.json, from which `deno task pictures` draws docs/images/growth.svg.
 *
 * Each load is measured five times if nothing else is said. The largest into one channel takes 17 minutes by the
 * limits alone, in which the plugin mostly waits, so the runs of loads that take more than a minute go side by side,
 * each begun a little after the one before. All others go one after another, also those of the official plugin, which
 * waits for no limit. It all takes half an hour with `--peer`. Linux only.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ROOT } from "../packaging/source.ts";
import type { Growth, Load } from "../pictures/growth.ts";
import { findTeleport } from "../programs/teleport.ts";
import { bundle, type Candidate, readUsage, startPlugin } from "./processes.ts";
import { describeComputer } from "./report.ts";
import { OFFICIAL } from "./rows/row.ts";
import { collect, Stage } from "./stage.ts";

const REQUESTS = [10, 100, 1000];
const CHANNELS = [1, 10, 50];

/** Discord's limits: posts in a channel, and calls of a bot a second. */
const POSTS = { limit: 5, perMs: 5000 };
const CALLS_PER_SECOND = 50;

/** The runs of a load that takes longer than this by the limits go side by side. */
const LONG_MS = 60_000;

/** Begun so long after the one before, a run does not meet the burst with which that begins. */
const APART_MS = 6000;

/** Who calls nobody for so long has lost what is missing. */
const QUIET_MS = 10_000;

/** Returns the least time in which so many posts can be made, in milliseconds. */
function leastMs(requests: number, channels: number): number {
  const inOne = Math.ceil(requests / channels);
  return Math.max(
    (Math.ceil(inOne / POSTS.limit) - 1) * POSTS.perMs,
    (Math.ceil(requests / CALLS_PER_SECOND) - 1) * 1000,
  );
}

async function measure(
  candidate: Candidate,
  folder: string,
  requests: number,
  channels: number,
): Promise<Load["runs"][number]> {
  await using stage = await Stage.set(folder, {
    channels,
    discord: { limits: { posts: POSTS, global: CALLS_PER_SECOND } },
  });
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  const { pid } = plugin.process;
  const before = await readUsage(pid);
  const { posted, limited, lastMs } = await collect(
    stage,
    requests,
    leastMs(requests, channels) * 2 + QUIET_MS,
    QUIET_MS,
  );
  const after = await readUsage(pid);
  return {
    posted,
    limited,
    lastMs: Math.round(lastMs),
    cpuMs: after.cpuMs - before.cpuMs,
    peakMib: Math.round(after.peakMib),
  };
}

/** Measures a load so often. */
async function repeat(
  runs: number,
  how: "in turn" | "side by side",
  once: () => Promise<Load["runs"][number]>,
): Promise<Load["runs"]> {
  if (how === "in turn") return await Array.fromAsync({ length: runs }, once);
  return await Promise.all(
    Array.from({ length: runs }, async (_, i) => {
      await sleep(i * APART_MS);
      return await once();
    }),
  );
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const { values } = parseArgs({
  options: {
    peer: { type: "boolean", default: false },
    runs: { type: "string", default: "5" },
  },
});
const folder = await Deno.makeTempDir({ prefix: "teleport-discord-growth-" });
try {
  const candidates = [await bundle(folder)];
  const official = values.peer ? findTeleport("teleport-discord") : undefined;
  if (official !== undefined) {
    candidates.push({ name: OFFICIAL, command: official, args: [] });
  }
  const loads: Load[] = [];
  for (const channels of CHANNELS) {
    for (const requests of REQUESTS) {
      for (const candidate of candidates) {
        const who = candidate.name;
        const least = leastMs(requests, channels);
        const waits = least > LONG_MS && who !== OFFICIAL;
        const once = async () => {
          const run = await measure(candidate, folder, requests, channels);
          print(`${who}: ${requests} into ${channels}: ${JSON.stringify(run)}`);
          return run;
        };
        const runs = await repeat(
          Number(values.runs),
          waits ? "side by side" : "in turn",
          once,
        );
        loads.push({ who, requests, channels, leastMs: least, runs });
      }
    }
  }
  const growth: Growth = {
    date: new Date().toISOString().slice(0, 10),
    machine: await describeComputer(),
    form: `as one bundle, Deno ${Deno.version.deno}`,
    loads,
  };
  await Deno.writeTextFile(
    `${ROOT}pictures/growth.json`,
    `${JSON.stringify(growth, null, 2)}\n`,
  );
} finally {
  await Deno.remove(folder, { recursive: true });
}
