/**
 * `deno task bench:growth [--peer] [--runs N]`: a load that grows, into channels with Discord's limits.
 *
 * Many requests are made at once; measured are the time to the last message, and what it cost. The figures go to
 * pictures/growth.json, from which `deno task pictures` draws docs/images/growth.svg.
 *
 * Each load is measured five times if nothing else is said. By the limits alone, the largest into one channel takes 17
 * minutes, in which the plugin mostly waits. Its runs go side by side, each begun a little after the one before, while
 * all else is measured: five posts a second, when the bursts are over. So do the runs of other loads that take more
 * than a minute, by themselves. The rest goes one after another, also for the official plugin, which waits for no
 * limit. It all takes 20 minutes with `--peer`. Linux only.
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

/** Those of a load that takes longer than this also go beside all other loads. */
const LONGEST_MS = 300_000;

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

/** So many requests at once into so many channels, for one program. */
interface Case {
  readonly candidate: Candidate;
  readonly requests: number;
  readonly channels: number;
}

/** How long a program waits for the limits, in milliseconds; the official plugin waits for none. */
function waitMs({ candidate, requests, channels }: Case): number {
  return candidate.name === OFFICIAL ? 0 : leastMs(requests, channels);
}

async function measureOnce(
  { candidate, requests, channels }: Case,
  folder: string,
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
  const run = {
    posted,
    limited,
    lastMs: Math.round(lastMs),
    cpuMs: after.cpuMs - before.cpuMs,
    peakMib: Math.round(after.peakMib),
  };
  const load = `${requests} into ${channels}`;
  print(`${candidate.name}: ${load}: ${JSON.stringify(run)}`);
  return run;
}

/** Measures a load so often. */
async function measure(
  each: Case,
  folder: string,
  count: number,
): Promise<Load> {
  const { candidate, requests, channels } = each;
  const once = () => measureOnce(each, folder);
  const runs = waitMs(each) > LONG_MS
    ? await sideBySide(count, once)
    : await Array.fromAsync({ length: count }, once);
  const least = leastMs(requests, channels);
  return { who: candidate.name, requests, channels, leastMs: least, runs };
}

/** Does something so often, each time begun a little after the one before. */
async function sideBySide<T>(
  runs: number,
  once: () => Promise<T>,
): Promise<T[]> {
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
  const count = Number(values.runs);
  const cases: readonly Case[] = CHANNELS.flatMap((channels) =>
    REQUESTS.flatMap((requests) =>
      candidates.map((candidate) => ({ candidate, requests, channels }))
    )
  );
  const isLongest = (each: Case) => waitMs(each) > LONGEST_MS;
  const longest = Promise.all(
    cases.filter(isLongest).map((each) => measure(each, folder, count)),
  );
  // Their bursts are over.
  await sleep(count * APART_MS);
  const loads: Load[] = [];
  for (const each of cases.filter((each) => !isLongest(each))) {
    loads.push(await measure(each, folder, count));
  }
  loads.push(...await longest);
  loads.sort((a, b) => a.channels - b.channels || a.requests - b.requests);
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
