/**
 * One soak run: the plugin under a steady load with steady trouble, looked into all the time.
 *
 * @module
 */

import { formatConfig } from "../tests/e2e/plugin.ts";
import { channelId } from "../tests/e2e/world.ts";
import { FakeDiscord, type FakeMessage } from "../tests/fakes/discord.ts";
import type { SoakCluster } from "./cluster.ts";
import { type Click, Load, pause, type Tally } from "./load.ts";
import { type SoakPlugin, writeEntry } from "./plugin.ts";
import { Relay } from "./relay.ts";
import { Replica } from "./replica.ts";
import type { TimedSample } from "./sample.ts";
import { findRelapses, type Relapse } from "./shown.ts";
import { Trouble } from "./trouble.ts";

/** What a run is like. */
export interface RunOptions {
  readonly cluster: SoakCluster;
  /** A bundle of the plugin, or `main.ts`. */
  readonly program: string;
  readonly minutes: number;
  /** Milliseconds from one request to the next. */
  readonly everyMs: number;
  /** How many processes run; from two on they are killed and stopped, and people click. */
  readonly replicas?: number;
  /** Program of the second process, if it is another. */
  readonly olderProgram?: string | undefined;
  /** Folder that takes the whole record of the run, if any. */
  readonly keep?: string | undefined;
  /** Where the first process serves its metrics, as `host:port`; nowhere if not given. */
  readonly listen?: string;
  /** Called with each sample as it is taken. */
  readonly onSample?: (sample: TimedSample, tally: Tally) => void;
}

/** The outcome of a run. */
export interface RunResult {
  readonly samples: readonly TimedSample[];
  readonly tally: Tally;
  readonly trouble: ReadonlyMap<string, number>;
  /** Calls to Discord by route and status; 0 is a connection that broke. */
  readonly calls: ReadonlyMap<string, number>;
  /** Lines of the plugin's log, by level and message. */
  readonly messages: ReadonlyMap<string, number>;
  /** Lines that say what happened to the requests that went astray. */
  readonly evidence: readonly string[];
  /** Times that a message said something older after something newer. */
  readonly relapses: readonly Relapse[];
  /** Messages beyond the one that a request has in a channel, and requests without one. */
  readonly notOnce: readonly string[];
  readonly exitCodes: readonly number[];
}

const SAMPLE_MS = 10_000;

/** Forced collections in one run: rare ones, since each hides what would be garbage in real life. */
const COLLECTIONS = 60;

/** Discord user of whoever clicks. */
const REVIEWER = "1600000000000000001";

/** How long somebody who has clicked waits before they click again. */
const ANSWER_MS = 10_000;

/** How long they wait once they are asked to. */
const PATIENCE_MS = 60_000;

const CHANNELS = [channelId(1), channelId(2), channelId(3)] as const;

/** Runs the plugin; resolves once it has ended. */
export async function soak(options: RunOptions): Promise<RunResult> {
  const { cluster, program, minutes, everyMs, replicas: count = 1 } = options;
  const { olderProgram = program } = options;
  const runMs = minutes * 60_000;
  await using owned = new AsyncDisposableStack();
  const discord = owned.use(
    await FakeDiscord.start({
      channels: CHANNELS,
      delayMs: 50,
      gateway: count > 1,
      limits: {
        posts: { limit: 5, perMs: 5000 },
        edits: { limit: 5, perMs: 5000 },
        global: 50,
      },
    }),
  );
  const token = addBot(discord);
  const folder = await Deno.makeTempDir({ prefix: "teleport-discord-soak-" });
  owned.defer(() => Deno.remove(folder, { recursive: true }));
  const bot = count > 1 ? await cluster.startBot() : undefined;
  if (bot !== undefined) owned.use(bot);
  const path = bot?.identity ?? `${folder}/identity`;
  const renewIdentity = async () => {
    // A bot does so by itself.
    if (bot !== undefined) return;
    await Deno.writeTextFile(`${path}.new`, await cluster.issueIdentity());
    await Deno.rename(`${path}.new`, path);
  };
  await renewIdentity();
  const replicas: Replica[] = [];
  /** What each process takes for the host of Discord, which tells whose call it was. */
  const hosts: string[] = [];
  for (let i = 0; i < count; i++) {
    const relay = owned.use(new Relay(cluster.address));
    const toDiscord = owned.use(new Relay(new URL(discord.url).host));
    hosts.push(toDiscord.address);
    const [entry, config] = [`${folder}/${i}.mjs`, `${folder}/${i}.toml`];
    await Deno.writeTextFile(
      config,
      formatConfig({
        teleport: `addr = "${relay.address}"
identity = "${path}"
resync_interval = "1m"`,
        discord: `token = "${token}"\napiurl = "${
          discord.url.replace(new URL(discord.url).host, toDiscord.address)
        }"`,
        channels: { "*": [CHANNELS[0]], ops: [CHANNELS[1], CHANNELS[2]] },
        log: 'severity = "info"',
        http: options.listen === undefined || i > 0
          ? ""
          : `listen = ${JSON.stringify(options.listen)}`,
        rest: count === 1 ? "" : `[review]
enabled = true
require_reason = "never"
[users]
"${bot?.user ?? cluster.user}" = "${REVIEWER}"`,
      }),
    );
    await writeEntry(entry, i === 1 ? olderProgram : program);
    replicas.push(owned.use(new Replica(entry, config, relay)));
  }
  await Promise.all(replicas.map(({ plugin }) => plugin.ready()));
  const [first] = replicas;
  if (first === undefined) throw new RangeError("No process to look into");

  const load = new Load({
    cluster,
    discord,
    channels: { 1: [CHANNELS[0]], 2: [CHANNELS[1], CHANNELS[2]] },
    everyMs,
    maxPauseMs: Math.min(30_000, runMs / 10),
    click: count === 1 ? undefined : clicker(discord),
  });
  const trouble = new Trouble({
    cluster,
    discord,
    replicas,
    renewIdentity,
    runMs,
  });
  const over = AbortSignal.timeout(runMs);
  const working = Promise.all([load.run(over), trouble.run(over)]);
  const samples = await takeSamples(
    first.plugin,
    options,
    load.tally,
    over,
  );
  await working;
  await load.finish();
  const { tally } = load;
  const exitCodes: number[] = [];
  for (const { plugin } of replicas) exitCodes.push(await plugin.stop());
  const messages = CHANNELS.flatMap((channel) => discord.messages(channel));
  if (options.keep !== undefined) {
    await keepRecord(options.keep, {
      "samples.json": samples,
      "trouble.json": trouble.happened,
      "calls.json": discord.calls.map(({ headers, ...call }) => ({
        process: hosts.indexOf(headers.get("host") ?? "") + 1,
        ...call,
      })),
      "messages.json": messages,
    });
    for (const [i, { journal }] of replicas.entries()) {
      await Deno.writeTextFile(
        `${options.keep}/log-${i + 1}.txt`,
        journal.lines.join("\n"),
      );
    }
  }
  return {
    samples,
    tally,
    trouble: countBy(trouble.happened, ({ name }) => name),
    calls: countBy(discord.calls, ({ route, status }) => `${route} ${status}`),
    relapses: messages.flatMap(findRelapses),
    notOnce: countMessages(tally.ids, messages),
    exitCodes,
    messages: sumUp(replicas.map(({ journal }) => journal.messages)),
    evidence: replicas.flatMap(({ journal }, i) =>
      journal.lines.filter((line) =>
        tally.astray.some((text) => line.includes(text.slice(0, 36)))
      ).map((line) => `${i + 1}: ${line}`)
    ),
  };
}

/** Makes a bot whose token tells its ID, as real ones do, and returns the token. */
function addBot({ api }: FakeDiscord): string {
  const id = api.nextId();
  const token = `${btoa(id).replaceAll("=", "")}.stand-in.token`;
  api.addBot(token, { id, username: "teleport" });
  return token;
}

/** Writes what happened, one thing a line, for whoever has to find out why a run failed. */
async function keepRecord(
  folder: string,
  record: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, things] of Object.entries(record)) {
    const lines = things.map((thing) => `${JSON.stringify(thing)}\n`);
    await Deno.writeTextFile(`${folder}/${name}`, lines.join(""));
  }
}

async function takeSamples(
  plugin: SoakPlugin,
  { minutes, onSample }: RunOptions,
  tally: Tally,
  over: AbortSignal,
): Promise<TimedSample[]> {
  const runMs = minutes * 60_000;
  const everyMs = Math.min(SAMPLE_MS, runMs / 60);
  const startedMs = performance.now();
  const samples: TimedSample[] = [];
  let collections = 0;
  for (;;) {
    await pause(everyMs, over);
    if (over.aborted) return samples;
    const passedMs = performance.now() - startedMs;
    const collect = passedMs >= (collections + 1) * runMs / (COLLECTIONS + 1);
    if (collect) collections++;
    const sample = {
      minute: passedMs / 60_000,
      requests: tally.ids.length,
      ...await plugin.sample(collect),
    };
    samples.push(sample);
    onSample?.(sample, tally);
  }
}

/** Returns each request that has several messages in one channel, or none anywhere. */
function countMessages(
  ids: readonly string[],
  messages: readonly FakeMessage[],
): string[] {
  return ids.flatMap((id) => {
    const channels = messages.filter(({ content }) => content.includes(id))
      .map(({ channelId }) => channelId);
    if (channels.length > 0 && channels.length === new Set(channels).size) {
      return [];
    }
    return [`${id} has messages in ${JSON.stringify(channels)}`];
  });
}

/** Returns what makes a person click until Teleport has their review. */
function clicker(discord: FakeDiscord): Click {
  return async (id, label) => {
    const message = CHANNELS.flatMap((channel) => discord.messages(channel))
      .find(({ content }) => content.includes(id));
    if (message === undefined) throw new Error(`No message about ${id}`);
    // An earlier click got through, though its answer was lost.
    const hasButton = message.components.some(({ components }) =>
      (components as { label?: string }[]).some((each) => each.label === label)
    );
    if (!hasButton) return;
    const clicked = discord.click({ message, label, userId: REVIEWER });
    await Promise.race([
      discord.waitFor(() => (clicked.text ?? "") !== ""),
      pause(ANSWER_MS),
    ]);
    if (/is recorded|already/.test(clicked.text ?? "")) return;
    if (/^Too many clicks/.test(clicked.text ?? "")) await pause(PATIENCE_MS);
    throw new Error(`The click was answered by: ${clicked.text}`);
  };
}

function sumUp(
  counts: readonly ReadonlyMap<string, number>[],
): Map<string, number> {
  const sum = new Map<string, number>();
  for (const [key, count] of counts.flatMap((each) => [...each])) {
    sum.set(key, (sum.get(key) ?? 0) + count);
  }
  return sum;
}

function countBy<T>(
  things: readonly T[],
  key: (thing: T) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const thing of things) {
    counts.set(key(thing), (counts.get(key(thing)) ?? 0) + 1);
  }
  return counts;
}
