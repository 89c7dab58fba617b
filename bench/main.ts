/**
 * `deno task bench [--peer] [--only NAME]`: measures the plugin, and the official one beside it.
 *
 * Auth Service and Discord are stand-ins in processes of their own; where a real Teleport is
 * (programs/teleport.ts), the latency is measured once more on that, its storage polled every 20 ms. Linux only.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { timeCommands } from "./commands.ts";
import {
  bundle,
  type Candidate,
  measureRules,
  readUsage,
  startPlugin,
} from "./processes.ts";
import { findTeleport, missingTeleport } from "../programs/teleport.ts";
import { measureInside } from "./inside.ts";
import { measureOwed, OWED } from "./owed.ts";
import { measureReconnect } from "./reconnect.ts";
import { collect, PATCH, POST, Stage } from "./stage.ts";

/** One measured figure: its name, and a value a candidate. */
type Figures = Map<string, Map<string, string>>;

const OFFICIAL = "official plugin";

const OUTCOME = "PATCH /webhooks/:id/:token/messages/@original";

async function measureStart(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  await using stage = await Stage.set(folder);
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    const { plugin, readyMs } = await startPlugin(candidate, stage.configPath);
    times.push(readyMs);
    await plugin[Symbol.asyncDispose]();
  }
  note(
    figures,
    "start to ready, ms (median of 7)",
    candidate,
    quantile(times, 0.5).toFixed(0),
  );
}

async function measureCommands(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  for (const [name, times] of await timeCommands(candidate, folder)) {
    const title = `${name}, ms (median of ${times.length})`;
    note(figures, title, candidate, quantile(times, 0.5).toFixed(0));
  }
}

/** Time between two requests of a latency measurement: no rate limit is met. */
const PACE_MS = 30;

/** One request after another: what a reviewer waits for. */
async function measureLatency(
  { auth, discord }: Stage,
  count: number,
): Promise<{ announce: number[]; resolve: number[] }> {
  const announce: number[] = [];
  const resolve: number[] = [];
  for (let i = 0; i < count; i++) {
    const posted = discord.first(({ route }) => route === POST);
    const { id, atMs } = await auth.ask({ kind: "create" });
    announce.push(Number((await posted).atMs) - Number(atMs));
    await sleep(PACE_MS);
    const edited = discord.first(({ route }) => route === PATCH);
    const approval = await auth.ask({ kind: "approve", id });
    resolve.push(Number((await edited).atMs) - Number(approval.atMs));
    await sleep(PACE_MS);
  }
  return { announce, resolve };
}

/** Enough for a p99 that one slow call does not decide. */
const SAMPLES = 2000;

/** What a reviewer waits for, in a process that has done nothing else. */
async function measureWaits(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  await using stage = await Stage.set(folder);
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  const { announce, resolve } = await measureLatency(stage, SAMPLES);
  note(
    figures,
    `request made → POST, ms (p50 / p99 of ${SAMPLES})`,
    candidate,
    spread(announce),
  );
  note(
    figures,
    `approved → PATCH, ms (p50 / p99 of ${SAMPLES})`,
    candidate,
    spread(resolve),
  );
}

/** What the plugin itself takes of that. */
async function measureOwnTime(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  await using stage = await Stage.set(folder);
  const { announce, resolve } = await measureInside(candidate, stage, SAMPLES);
  const name = `own time, ms (p50 / p99 of ${SAMPLES})`;
  note(figures, `event → POST written, ${name}`, candidate, spread(announce));
  note(figures, `event → PATCH written, ${name}`, candidate, spread(resolve));
}

/** A process is replaced while a limit keeps it from posting. */
async function measureRestartOwed(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const ms = await measureOwed(candidate, folder);
    if (ms === undefined) break;
    times.push(ms / 1000);
  }
  note(
    figures,
    `start with ${OWED} owed posts → all posted, s (least, median, most of 5)`,
    candidate,
    times.length === 5
      ? [0, 0.5, 1].map((q) => quantile(times, q).toFixed(2)).join(", ")
      : "lost",
  );
}

/** What many requests cost, and what a process holds before and after them. */
async function measureRequests(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  await using stage = await Stage.set(folder);
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  const { pid } = plugin.process;
  await sleep(5000);
  const idle = await readUsage(pid);
  note(
    figures,
    "resident when idle, MiB",
    candidate,
    idle.residentMib.toFixed(1),
  );
  // What runs only once, such as compiling what turns out to be hot, is no cost of a request.
  await measureLatency(stage, 200);
  const before = await readUsage(pid);
  const count = 2000;
  await burst(stage, count, 16);
  await sleep(2000);
  const after = await readUsage(pid);
  note(
    figures,
    "CPU a request, ms",
    candidate,
    ((after.cpuMs - before.cpuMs) / count).toFixed(2),
  );
  note(
    figures,
    `resident after ${count} requests, MiB`,
    candidate,
    after.residentMib.toFixed(1),
  );
}

/** Somebody clicks on each message: how soon do they read the outcome, and does the message show it? */
async function measureClicks(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  await using stage = await Stage.set(folder, { discord: { gateway: true } });
  await Deno.writeTextFile(stage.configPath, "[review]\nenabled = true\n", {
    append: true,
  });
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  const { auth, discord } = stage;
  // The Gateway is open some time after the start.
  await sleep(2000);
  // As many clicks as are taken of one person in a minute.
  const count = 20;
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
  const name = `(p50 / p99 of ${count})`;
  note(figures, `click → outcome told, ms ${name}`, candidate, spread(told));
  note(
    figures,
    `click → message shows it, ms ${name}`,
    candidate,
    spread(shown),
  );
}

async function measureReal(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  if (missingTeleport("teleport", "tctl").length > 0) return;
  await using stage = await Stage.set(folder, { real: true });
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  await sleep(5000);
  const idle = await readUsage(plugin.process.pid);
  note(
    figures,
    "real cluster: resident when idle, MiB",
    candidate,
    idle.residentMib.toFixed(1),
  );
  const { announce, resolve } = await measureLatency(stage, 200);
  note(
    figures,
    "real cluster: request made → POST, ms (p50 / p99 of 200)",
    candidate,
    spread(announce),
  );
  note(
    figures,
    "real cluster: approved → PATCH, ms (p50 / p99 of 200)",
    candidate,
    spread(resolve),
  );
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

/** Requests made at once into channels that allow 5 posts in 5 s; all channels together 50 a second. */
async function measureLimits(
  candidate: Candidate,
  folder: string,
  figures: Figures,
  { count, channels, leastMs }: {
    count: number;
    channels: number;
    leastMs: number;
  },
): Promise<void> {
  const limits = { posts: { limit: 5, perMs: 5000 }, global: 50 };
  await using stage = await Stage.set(folder, {
    channels,
    discord: { limits },
  });
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  const { posted, limited, lastMs } = await collect(
    stage,
    count,
    leastMs + 10_000,
  );
  note(
    figures,
    `${count} requests into ${channels} limited channel(s), least ${
      leastMs / 1000
    } s: posted, s, 429s`,
    candidate,
    `${posted}, ${(lastMs / 1000).toFixed(2)}, ${limited}`,
  );
}

/** Requests made at once into a Discord that takes 80 ms a call. */
async function measureSlow(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  await using stage = await Stage.set(folder, { discord: { delayMs: 80 } });
  const { plugin } = await startPlugin(candidate, stage.configPath);
  await using _ = plugin;
  // The very first post into a channel goes alone, to learn its limits.
  await collect(stage, 1, 5000);
  const seen = await collect(stage, 40, 20_000);
  note(
    figures,
    "40 requests at 80 ms a call: posted, s",
    candidate,
    `${seen.posted}, ${(seen.lastMs / 1000).toFixed(2)}`,
  );
}

/** A cluster with many requests whose messages are in step. */
async function measureManyAtStart(
  candidate: Candidate,
  folder: string,
  figures: Figures,
  announced = { count: 10_000, reasonLength: 600 },
): Promise<void> {
  // The official plugin lists nothing when it starts.
  if (candidate.name === OFFICIAL) return;
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
  const calls = await readCalls();
  note(
    figures,
    `request made meanwhile → POST, ${announced.count} announced, ms`,
    candidate,
    announceMs.toFixed(0),
  );
  const name = `start with ${announced.count} announced requests: ` +
    "s, s of CPU time, MiB resident, MiB at the peak, calls";
  note(
    figures,
    name,
    candidate,
    `${(readyMs / 1000).toFixed(2)}, ${(cpuMs / 1000).toFixed(2)}, ${
      residentMib.toFixed(0)
    }, ${peakMib.toFixed(0)}, ${JSON.stringify(calls)}`,
  );
}

/** More plugin data than one answer may have, which are 64 MiB: 50 000 requests with 1.4 KiB each. */
const BEYOND_ONE_ANSWER = { count: 50_000, reasonLength: 1200 };

/** The Auth Service restarts: from its port being open to the watch being open. */
async function measureRestarts(
  candidate: Candidate,
  folder: string,
  figures: Figures,
): Promise<void> {
  // The official plugin ends when the Auth Service is restarted under it.
  if (candidate.name === OFFICIAL) return;
  await using stage = await Stage.set(folder);
  const { auth, configPath } = stage;
  const times = await measureReconnect(candidate, auth, configPath);
  note(
    figures,
    "Auth Service restarted → watching, ms (median / most of 15)",
    candidate,
    `${quantile(times, 0.5).toFixed(0)} / ${quantile(times, 1).toFixed(0)}`,
  );
}

/** Rules are this plugin's own: how long 1 000 of them take for a request, and how much memory. */
async function measureRouting(
  candidate: Candidate,
  _folder: string,
  figures: Figures,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const { routeMs, memoryMib } = await measureRules();
  note(
    figures,
    "one request by 1 000 rules, ms (p50 / p99 of 300)",
    candidate,
    spread(routeMs),
  );
  note(figures, "1 000 rules, MiB", candidate, memoryMib.toFixed(1));
}

type Measure = (
  candidate: Candidate,
  folder: string,
  figures: Figures,
) => Promise<void>;

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
  beyond: (...args) => measureManyAtStart(...args, BEYOND_ONE_ANSWER),
  limits: (...args) =>
    measureLimits(...args, { count: 40, channels: 1, leastMs: 35_000 }),
  channels: (...args) =>
    measureLimits(...args, { count: 60, channels: 20, leastMs: 1000 }),
};

function note(
  figures: Figures,
  name: string,
  candidate: Candidate,
  value: string,
): void {
  const row = figures.get(name) ?? new Map<string, string>();
  figures.set(name, row.set(candidate.name, value));
  print(Deno.stderr, `${candidate.name}: ${name}: ${value}`);
}

function print(
  stream: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ??
    NaN;
}

function spread(values: readonly number[]): string {
  return `${quantile(values, 0.5).toFixed(1)} / ${
    quantile(values, 0.99).toFixed(1)
  }`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const { values } = parseArgs({
  options: {
    peer: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
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
  const figures: Figures = new Map();
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (values.only !== undefined && !values.only.includes(name)) continue;
    for (const candidate of candidates) {
      await measure(candidate, folder, figures);
    }
  }
  const names = candidates.map(({ name }) => name);
  print(
    Deno.stdout,
    `| figure | ${names.join(" | ")} |\n|${" --- |".repeat(names.length + 1)}`,
  );
  for (const [name, row] of figures) {
    print(
      Deno.stdout,
      `| ${name} | ${names.map((each) => row.get(each) ?? "–").join(" | ")} |`,
    );
  }
  if (missing.length > 0) {
    print(
      Deno.stderr,
      `!! Not measured: what needs ${
        missing.join(", ")
      }, which are neither in TELEPORT_BIN_DIR nor in the cache`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
