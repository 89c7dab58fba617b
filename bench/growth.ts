/**
 * `deno task bench:growth [--peer] [--runs N] [--skip-long]`: a load that grows, into channels with Discord's limits.
 *
 * Many requests are made at once; measured are the time to the last message, and what it cost. The figures go to
 * pictures/growth.json, from which `deno task pictures` draws docs/images/growth.svg. The largest load into one
 * channel takes 17 minutes by the limits alone, so it is measured once. Linux only.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ROOT } from "../packaging/source.ts";
import type { Growth, Load } from "../pictures/growth.ts";
import { findTeleport } from "../programs/teleport.ts";
import { bundle, type Candidate, readUsage, startPlugin } from "./processes.ts";
import { describeProcessor } from "./report.ts";
import { collect, Stage } from "./stage.ts";

const REQUESTS = [10, 100, 1000];
const CHANNELS = [1, 10, 50];

/** Discord's limits: posts in a channel, and calls of a bot a second. */
const POSTS = { limit: 5, perMs: 5000 };
const CALLS_PER_SECOND = 50;

/** A load that takes longer than this by the limits is measured once. */
const LONG_MS = 300_000;

/** Who calls nobody for so long has lost what is missing. */
const QUIET_MS = 15_000;

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

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const { values } = parseArgs({
  options: {
    peer: { type: "boolean", default: false },
    runs: { type: "string", default: "5" },
    "skip-long": { type: "boolean", default: false },
  },
});
const folder = await Deno.makeTempDir({ prefix: "teleport-discord-growth-" });
try {
  const candidates = [await bundle(folder)];
  const official = values.peer ? findTeleport("teleport-discord") : undefined;
  if (official !== undefined) {
    candidates.push({ name: "official plugin", command: official, args: [] });
  }
  const loads: Load[] = [];
  for (const channels of CHANNELS) {
    for (const requests of REQUESTS) {
      const least = leastMs(requests, channels);
      const isLong = least > LONG_MS;
      if (isLong && values["skip-long"]) continue;
      const count = isLong ? 1 : Number(values.runs);
      for (const candidate of candidates) {
        const runs = [];
        for (let i = 0; i < count; i++) {
          const run = await measure(candidate, folder, requests, channels);
          print(
            `${candidate.name}: ${requests} into ${channels}: ${
              JSON.stringify(run)
            }`,
          );
          runs.push(run);
        }
        loads.push({
          who: candidate.name,
          requests,
          channels,
          leastMs: least,
          runs,
        });
      }
    }
  }
  const growth: Growth = {
    date: new Date().toISOString().slice(0, 10),
    machine: await describeProcessor(),
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
