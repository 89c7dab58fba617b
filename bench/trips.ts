/**
 * `deno task bench:trips [--requests N]`: records the round trips between an event and its call, and its record.
 *
 * One request after another is made and approved. The plugin notes when it begins and ends each call
 * (bench/traced.ts), relays in front of the stand-ins see the bytes, and each moment is the median over all
 * requests but the few that made other calls than most. They go to pictures/round_trips.json, from which `deno task pictures` draws
 * docs/images/round-trips.svg. It takes three minutes. Linux only.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { V8_FLAGS } from "../packaging/permissions.ts";
import { ROOT } from "../packaging/source.ts";
import type { Path, RoundTrips, Trip } from "../pictures/round_trips.ts";
import { type Candidate, startPlugin } from "./processes.ts";
import { type Direction, relayTo } from "./relay.ts";
import { describeProcessor, quantile } from "./report.ts";
import { PACE_MS } from "./rows/row.ts";
import { PATCH, POST, Stage } from "./stage.ts";
import { type Mark, marksPath } from "./traced.ts";

/** So many requests go first: what runs only once is no part of a trip. */
const WARM_UP = 200;

/** The program from its sources, with the flags that are shipped. */
const TRACED: Candidate = {
  name: "this plugin",
  command: Deno.execPath(),
  args: [
    "run",
    `--config=${ROOT}dev.json`,
    "--frozen",
    "-A",
    "--no-code-cache",
    "--unstable-net",
    `--v8-flags=${V8_FLAGS.join()}`,
    `${ROOT}bench/traced.ts`,
  ],
};

/** A piece of a connection, by the wall clock in milliseconds. */
interface Piece {
  readonly to: Trip["to"];
  readonly direction: Direction;
  readonly atMs: number;
}

/** Somebody made or approved a request, by the wall clock in milliseconds. */
interface Cause {
  readonly what: Path["what"];
  readonly atMs: number;
}

/** What happened after a cause, in milliseconds after it. */
interface Seen {
  readonly arrivedMs: number;
  readonly observedMs: number;
  readonly trips: readonly Trip[];
}

async function record(
  folder: string,
  requests: number,
): Promise<{ causes: Cause[]; pieces: Piece[]; marks: Mark[] }> {
  await using stage = await Stage.set(folder);
  const { auth, discord, configPath } = stage;
  const causes: Cause[] = [];
  const pieces: Piece[] = [];
  const onPiece = (to: Trip["to"]) => (direction: Direction) => {
    const atMs = performance.timeOrigin + performance.now();
    pieces.push({ to, direction, atMs });
  };
  using _auth = await relayTo(configPath, "addr", onPiece("auth"));
  using _discord = await relayTo(configPath, "apiurl", onPiece("discord"));
  const { plugin } = await startPlugin(TRACED, configPath);
  await using _ = plugin;
  for (let i = 0; i < WARM_UP + requests; i++) {
    const posted = discord.first(({ route }) => route === POST);
    const { id, atMs } = await auth.ask({ kind: "create" });
    await posted;
    await sleep(PACE_MS);
    const edited = discord.first(({ route }) => route === PATCH);
    const approval = await auth.ask({ kind: "approve", id });
    await edited;
    await sleep(PACE_MS);
    if (i < WARM_UP) continue;
    causes.push({ what: "made", atMs: Number(atMs) });
    causes.push({ what: "approved", atMs: Number(approval.atMs) });
  }
  plugin.process.kill("SIGTERM");
  await plugin.process.status;
  const marks = JSON.parse(await Deno.readTextFile(marksPath(configPath)));
  return { causes, pieces, marks };
}

/** Makes trips of what was noted from one cause to the next; `undefined` if something is missing. */
function tripsAfter(
  { atMs }: Cause,
  marks: readonly Mark[],
  pieces: readonly Piece[],
): Seen | undefined {
  const arrived = pieces.find(({ to, direction }) =>
    to === "auth" && direction === "to client"
  );
  const observed = marks.find(({ name }) => name === "event put");
  if (arrived === undefined || observed === undefined) return undefined;
  const trips: Trip[] = [];
  for (const { name, beginMs, endMs } of marks) {
    const [to = "", call = ""] = name.split(" ");
    if (to !== "auth" && to !== "discord") continue;
    const rest = pieces.filter((piece) =>
      piece.to === to && piece.atMs >= beginMs
    );
    const first = rest.findIndex(({ direction }) => direction === "to server");
    const back = rest.findIndex(({ direction }, i) =>
      i > first && direction === "to client"
    );
    const sent = rest[back - 1];
    const answered = rest.findLast(({ direction, atMs }) =>
      direction === "to client" && atMs <= (endMs ?? NaN)
    );
    if (first < 0 || sent === undefined) return undefined;
    if (answered === undefined || endMs === undefined) return undefined;
    trips.push({
      to,
      call,
      calledMs: beginMs - atMs,
      sentMs: sent.atMs - atMs,
      answeredMs: answered.atMs - atMs,
      readMs: endMs - atMs,
    });
  }
  return {
    arrivedMs: arrived.atMs - atMs,
    observedMs: (observed.endMs ?? NaN) - atMs,
    trips,
  };
}

/** Takes the median of each moment, over all that made the same calls as most did. */
function summarise(what: Path["what"], all: readonly Seen[]): Path {
  const callsOf = ({ trips }: Seen) =>
    trips.map(({ to, call }) => `${to} ${call}`).join();
  const groups = [...Map.groupBy(all, callsOf).values()];
  const usual = groups.reduce((a, b) => b.length > a.length ? b : a, []);
  const median = (momentOf: (seen: Seen) => number | undefined) => {
    const moments = usual.map((seen) => momentOf(seen) ?? NaN);
    return Math.round(quantile(moments, 0.5) * 1000) / 1000;
  };
  const [first] = usual;
  if (first === undefined) throw new Error(`no request was ${what}`);
  return {
    what,
    requests: usual.length,
    arrivedMs: median(({ arrivedMs }) => arrivedMs),
    observedMs: median(({ observedMs }) => observedMs),
    trips: first.trips.map(({ to, call }, i) => ({
      to,
      call,
      calledMs: median(({ trips }) => trips[i]?.calledMs),
      sentMs: median(({ trips }) => trips[i]?.sentMs),
      answeredMs: median(({ trips }) => trips[i]?.answeredMs),
      readMs: median(({ trips }) => trips[i]?.readMs),
    })),
  };
}

/** Splits what is in the order of time at the causes; what came before the first is left out. */
function splitAt<T>(
  causes: readonly Cause[],
  items: readonly T[],
  atMs: (item: T) => number,
): T[][] {
  const parts: T[][] = causes.map(() => []);
  let part = -1;
  for (const item of items) {
    while ((causes[part + 1]?.atMs ?? Infinity) <= atMs(item)) part++;
    parts[part]?.push(item);
  }
  return parts;
}

const { values } = parseArgs({
  options: { requests: { type: "string", default: "2100" } },
});
const folder = await Deno.makeTempDir({ prefix: "teleport-discord-trips-" });
try {
  const { causes, pieces, marks } = await record(
    folder,
    Number(values.requests),
  );
  const partsOfMarks = splitAt(causes, marks, ({ beginMs }) => beginMs);
  const partsOfPieces = splitAt(causes, pieces, ({ atMs }) => atMs);
  const seen = causes.flatMap((cause, i) => {
    const after = tripsAfter(
      cause,
      partsOfMarks[i] ?? [],
      partsOfPieces[i] ?? [],
    );
    return after === undefined ? [] : [{ what: cause.what, after }];
  });
  const pathOf = (what: Path["what"]) =>
    summarise(
      what,
      seen.filter((each) => each.what === what).map(({ after }) => after),
    );
  const trips: RoundTrips = {
    date: new Date().toISOString().slice(0, 10),
    machine: await describeProcessor(),
    form: `from source, Deno ${Deno.version.deno}`,
    paths: [pathOf("made"), pathOf("approved")],
  };
  await Deno.writeTextFile(
    `${ROOT}pictures/round_trips.json`,
    `${JSON.stringify(trips, null, 2)}\n`,
  );
} finally {
  await Deno.remove(folder, { recursive: true });
}
