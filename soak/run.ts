/**
 * One soak run: the plugin under a steady load with steady trouble, looked into all the time.
 *
 * @module
 */

import { formatConfig } from "../tests/e2e/plugin.ts";
import { channelId } from "../tests/e2e/world.ts";
import { FakeDiscord } from "../tests/fakes/discord.ts";
import type { SoakCluster } from "./cluster.ts";
import { Load, pause, type Tally } from "./load.ts";
import { SoakPlugin, writeEntry } from "./plugin.ts";
import { Relay } from "./relay.ts";
import type { TimedSample } from "./sample.ts";
import { Trouble } from "./trouble.ts";

/** What a run is like. */
export interface RunOptions {
  readonly cluster: SoakCluster;
  /** A bundle of the plugin, or `main.ts`. */
  readonly program: string;
  readonly minutes: number;
  /** Milliseconds from one request to the next. */
  readonly everyMs: number;
  /** Called with each sample as it is taken. */
  readonly onSample?: (sample: TimedSample, tally: Tally) => void;
}

/** What came of a run. */
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
  readonly exitCode: number;
}

const SAMPLE_MS = 10_000;

/** Forced collections in one run: rare ones, since each hides what would be garbage in real life. */
const COLLECTIONS = 20;

const CHANNELS = [channelId(1), channelId(2), channelId(3)] as const;

/** Runs the plugin; resolves once it has ended. */
export async function soak(options: RunOptions): Promise<RunResult> {
  const { cluster, program, minutes, everyMs } = options;
  const runMs = minutes * 60_000;
  await using owned = new AsyncDisposableStack();
  const discord = owned.use(
    await FakeDiscord.start({
      channels: CHANNELS,
      delayMs: 50,
      limits: {
        posts: { limit: 5, perMs: 5000 },
        edits: { limit: 5, perMs: 5000 },
        global: 50,
      },
    }),
  );
  const relay = owned.use(new Relay(cluster.address));
  const folder = await Deno.makeTempDir({ prefix: "teleport-discord-soak-" });
  owned.defer(() => Deno.remove(folder, { recursive: true }));
  const renewIdentity = async () => {
    const path = `${folder}/identity`;
    await Deno.writeTextFile(`${path}.new`, await cluster.issueIdentity());
    await Deno.rename(`${path}.new`, path);
  };
  await renewIdentity();
  await Deno.writeTextFile(
    `${folder}/config.toml`,
    formatConfig({
      teleport: `addr = "${relay.address}"
identity = "${folder}/identity"
resync_interval = "1m"`,
      discord: `token = "${discord.token}"\napiurl = "${discord.url}"`,
      channels: { "*": [CHANNELS[0]], ops: [CHANNELS[1], CHANNELS[2]] },
      log: 'severity = "info"',
    }),
  );
  await writeEntry(`${folder}/entry.mjs`, program);
  const plugin = owned.use(
    new SoakPlugin(`${folder}/entry.mjs`, `${folder}/config.toml`),
  );
  await plugin.ready();

  const load = new Load({
    cluster,
    discord,
    channels: { 1: [CHANNELS[0]], 2: [CHANNELS[1], CHANNELS[2]] },
    everyMs,
    maxPauseMs: Math.min(30_000, runMs / 10),
  });
  const trouble = new Trouble({
    cluster,
    discord,
    relay,
    renewIdentity,
    runMs,
  });
  const over = AbortSignal.timeout(runMs);
  const working = Promise.all([load.run(over), trouble.run(over)]);
  const samples = await takeSamples(plugin, options, load.tally, over);
  await working;
  await load.finish();
  const { tally } = load;
  return {
    samples,
    tally,
    trouble: trouble.counts,
    calls: countBy(discord.calls, ({ route, status }) => `${route} ${status}`),
    exitCode: await plugin.stop(),
    messages: plugin.messages,
    evidence: plugin.log.filter((line) =>
      tally.astray.some((text) => line.includes(text.slice(0, 36)))
    ),
  };
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
      ...await plugin.sample(collect),
    };
    samples.push(sample);
    onSample?.(sample, tally);
  }
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
