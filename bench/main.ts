/**
 * `deno task bench [--peer] [--only NAME] [--runs N]`: measures the plugin, and the official one beside it.
 *
 * Each figure is the median of some runs, five if nothing else is said, with the least and the most of them. It all
 * takes half an hour with `--peer`.
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
import {
  describeMissing,
  findTeleport,
  missingTeleport,
} from "../programs/teleport.ts";
import { measureInside } from "./inside.ts";
import { measureOwed, OWED } from "./owed.ts";
import { measureReconnect } from "./reconnect.ts";
import { describeMachine, type Figure, quantile, Report } from "./report.ts";
import { collect, PATCH, POST, Stage } from "./stage.ts";

/** What a measurement works with. */
interface Bench {
  readonly candidate: Candidate;
  readonly folder: string;
  /** How often it is measured. */
  readonly runs: number;
  readonly note: (name: string, figure: Figure | string) => void;
}

const OFFICIAL = "official plugin";

const OUTCOME = "PATCH /webhooks/:id/:token/messages/@original";

async function measureStart(
  { candidate, folder, note }: Bench,
): Promise<void> {
  await using stage = await Stage.set(folder);
  const runs: number[][] = [];
  for (let i = 0; i < 7; i++) {
    const { plugin, readyMs } = await startPlugin(candidate, stage.configPath);
    runs.push([readyMs]);
    await plugin[Symbol.asyncDispose]();
  }
  note("start to ready, ms (median of 7)", { runs, decimals: [0] });
}

async function measureCommands(
  { candidate, folder, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const form = Deno.env.has("DENORT_BIN") ? "compiled" : "bundle";
  for (const [name, times] of await timeCommands(candidate, folder)) {
    const runs = times.map((ms) => [ms]);
    const title = `${name}, ms (median of ${times.length})`;
    note(title, { runs, decimals: [0], form });
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

/** @param runs The waits of each run. */
function waitsOf(runs: readonly (readonly number[])[]): Figure {
  return { runs: runs.map(p50p99), overall: p50p99(runs.flat()) };
}

function p50p99(values: readonly number[]): readonly number[] {
  return [quantile(values, 0.5), quantile(values, 0.99)];
}

/** What a reviewer waits for, in processes that have done nothing else. */
async function measureWaits(
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
async function measureOwnTime(
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

/** A process is replaced while a limit keeps it from posting. */
async function measureRestartOwed(
  { candidate, folder, note }: Bench,
): Promise<void> {
  const runs: number[][] = [];
  for (let i = 0; i < 5; i++) {
    const ms = await measureOwed(candidate, folder);
    if (ms === undefined) break;
    runs.push([ms / 1000]);
  }
  note(
    `start with ${OWED} owed posts → all posted, s (least, median, most of 5)`,
    runs.length < 5 ? "lost" : { runs, decimals: [2] },
  );
}

/** What requests cost, and what a process holds before and after many of them. */
async function measureRequests(
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

/** Somebody clicks on each message: how soon do they read the outcome, and does the message show it? */
async function measureClicks(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  // As many clicks as are taken of one person in a minute.
  const count = 20;
  const times = await Array.fromAsync(
    { length: runs },
    () => clickThrough(candidate, folder, count),
  );
  const name = `(p50 / p99 of ${count})`;
  note(`click → outcome told, ms ${name}`, {
    runs: times.map(({ told }) => p50p99(told)),
  });
  note(`click → message shows it, ms ${name}`, {
    runs: times.map(({ shown }) => p50p99(shown)),
  });
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

async function measureReal(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  if (missingTeleport("teleport", "tctl").length > 0) return;
  await using stage = await Stage.set(folder, { real: true });
  const count = 200;
  const idleMib: number[][] = [];
  const announce: number[][] = [];
  const resolve: number[][] = [];
  for (let i = 0; i < runs; i++) {
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    await sleep(5000);
    idleMib.push([(await readUsage(plugin.process.pid)).residentMib]);
    const waits = await measureLatency(stage, Math.ceil(count / runs));
    announce.push(waits.announce);
    resolve.push(waits.resolve);
  }
  note("real cluster: resident when idle, MiB", { runs: idleMib });
  note(
    `real cluster: request made → POST, ms (p50 / p99 of ${count})`,
    waitsOf(announce),
  );
  note(
    `real cluster: approved → PATCH, ms (p50 / p99 of ${count})`,
    waitsOf(resolve),
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
  { candidate, folder, runs, note }: Bench,
  { count, channels, leastMs }: {
    count: number;
    channels: number;
    leastMs: number;
  },
): Promise<void> {
  const limits = { posts: { limit: 5, perMs: 5000 }, global: 50 };
  const seen = await Array.fromAsync({ length: runs }, async () => {
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
    return [posted, lastMs / 1000, limited];
  });
  note(
    `${count} requests into ${channels} limited channel(s), least ${
      leastMs / 1000
    } s: posted, s, 429s`,
    { runs: seen, decimals: [0, 2, 0], between: ", " },
  );
}

/** Requests made at once into a Discord that takes 80 ms a call. */
async function measureSlow(
  { candidate, folder, runs, note }: Bench,
): Promise<void> {
  const seen = await Array.fromAsync({ length: runs }, async () => {
    await using stage = await Stage.set(folder, { discord: { delayMs: 80 } });
    const { plugin } = await startPlugin(candidate, stage.configPath);
    await using _ = plugin;
    // The very first post into a channel goes alone, to learn its limits.
    await collect(stage, 1, 5000);
    const { posted, lastMs } = await collect(stage, 40, 20_000);
    return [posted, lastMs / 1000];
  });
  note(
    "40 requests at 80 ms a call: posted, s",
    { runs: seen, decimals: [0, 2], between: ", " },
  );
}

/** A cluster with many requests whose messages are in step. */
async function measureManyAtStart(
  { candidate, folder, runs, note }: Bench,
  announced = { count: 10_000, reasonLength: 600 },
): Promise<void> {
  // The official plugin lists nothing when it starts.
  if (candidate.name === OFFICIAL) return;
  const starts = await Array.fromAsync(
    { length: runs },
    () => startWithMany(candidate, folder, announced),
  );
  note(
    `request made meanwhile → POST, ${announced.count} announced, ms`,
    { runs: starts.map(({ announceMs }) => [announceMs]), decimals: [0] },
  );
  note(
    `start with ${announced.count} announced requests: ` +
      "s, s of CPU time, MiB resident, MiB at the peak, calls",
    {
      runs: starts.map(({ figures }) => figures),
      decimals: [2, 2, 0],
      between: ", ",
      note: `, ${JSON.stringify(starts.at(-1)?.calls)}`,
    },
  );
}

async function startWithMany(
  candidate: Candidate,
  folder: string,
  announced: { readonly count: number; readonly reasonLength: number },
) {
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
  return {
    announceMs,
    figures: [readyMs / 1000, cpuMs / 1000, residentMib, peakMib],
    calls: await readCalls(),
  };
}

/** More plugin data than one answer may have, which are 64 MiB: 50 000 requests with 1.4 KiB each. */
const BEYOND_ONE_ANSWER = { count: 50_000, reasonLength: 1200 };

/** The Auth Service restarts: from its port being open to the watch being open. */
async function measureRestarts(
  { candidate, folder, note }: Bench,
): Promise<void> {
  // The official plugin ends when the Auth Service is restarted under it.
  if (candidate.name === OFFICIAL) return;
  await using stage = await Stage.set(folder);
  const { auth, configPath } = stage;
  const times = await measureReconnect(candidate, auth, configPath);
  note(
    "Auth Service restarted → watching, ms (median / most of 15)",
    {
      runs: times.map((ms) => [ms]),
      overall: [quantile(times, 0.5)],
      decimals: [0],
    },
  );
}

/** Rules are this plugin's own: how long 1 000 of them take for a request, and how much memory. */
async function measureRouting(
  { candidate, runs, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const rules = await Array.fromAsync({ length: runs }, () => measureRules());
  const form = "source";
  note("one request by 1 000 rules, ms (p50 / p99 of 300)", {
    runs: rules.map(({ routeMs }) => p50p99(routeMs)),
    form,
  });
  note("1 000 rules, MiB", {
    runs: rules.map(({ memoryMib }) => [memoryMib]),
    form,
  });
}

type Measure = (bench: Bench) => Promise<void>;

/** Once: it takes a minute, or as long as the limits say. */
const once = (bench: Bench): Bench => ({ ...bench, runs: 1 });

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
  beyond: (bench) => measureManyAtStart(once(bench), BEYOND_ONE_ANSWER),
  limits: (bench) =>
    measureLimits(once(bench), { count: 40, channels: 1, leastMs: 35_000 }),
  channels: (bench) =>
    measureLimits(bench, { count: 60, channels: 20, leastMs: 1000 }),
};

function print(
  stream: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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
