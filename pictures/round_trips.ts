/**
 * Draws the round trips between an event and its call, and its record, as `deno task bench:trips` recorded them.
 *
 * @module
 */

import {
  box,
  centred,
  picture,
  text,
  type TextLook,
  textWidth,
} from "./svg.ts";

/** A call and its answer. Moments are in milliseconds after somebody made or approved the request. */
export interface Trip {
  readonly to: "auth" | "discord";
  /** The method, such as `UpdatePluginData` or `POST`. */
  readonly call: string;
  /** The plugin begins with the call. */
  readonly calledMs: number;
  /** Its last byte is on its way. */
  readonly sentMs: number;
  /** The last byte of the answer arrives. */
  readonly answeredMs: number;
  /** The plugin has read the answer, and goes on. */
  readonly readMs: number;
}

/** What follows when a request is made, or approved. */
export interface Path {
  readonly what: "made" | "approved";
  /** How many requests the moments are the medians of. */
  readonly requests: number;
  /** The event arrives. */
  readonly arrivedMs: number;
  /** The plugin has read the event. */
  readonly observedMs: number;
  /** In the order in which they begin. */
  readonly trips: readonly Trip[];
}

/** One recording. */
export interface RoundTrips {
  readonly date: string;
  readonly machine: string;
  /** In which form the program ran. */
  readonly form: string;
  readonly paths: readonly Path[];
}

const WIDTH = 700;
const MARGIN = 20;
const LEFT = 112;
const ROW = { height: 34, bar: 16 } as const;
const LINE = 17;
const TICKS_MS = [1, 2, 5, 10, 20, 50];

const TITLE: TextLook = { size: 13, fill: "#ffffff", weight: "600" };
const SMALL: TextLook = { size: 11, fill: "#b5bac1" };
const NUMBER: TextLook = { size: 9, fill: "#1e1f22", weight: "bold" };

/** What a step of the plugin is, or whom it waits for and why. */
const KINDS = {
  gRPC: ["#57c28f", "gRPC"],
  own: ["#f0b232", "deciding, rendering"],
  HTTP: ["#5cc8ff", "JSON, HTTP"],
  event: ["#6d6f78", "event"],
  before: ["#f23f43", "before the call, for safety"],
  after: ["#949ba4", "only before the next decision"],
  call: ["#5865f2", "the call"],
} as const;

type Kind = keyof typeof KINDS;

interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: Kind;
  readonly label: string;
}

/** Returns the picture as SVG. */
export function drawRoundTrips(recording: RoundTrips): string {
  const endMs = Math.max(
    ...recording.paths.flatMap(({ trips }) => trips.map((trip) => trip.readMs)),
  );
  const across = (ms: number) =>
    LEFT + ms / (endMs * 1.02) * (WIDTH - LEFT - MARGIN);
  const shapes: string[] = [];
  let y = 30;
  for (const kinds of LEGEND) {
    shapes.push(...drawLegend(kinds, y));
    y += LINE + 2;
  }
  for (const path of recording.paths) {
    const panel = drawPanel(path, across, endMs, y + 18);
    shapes.push(...panel.shapes);
    y = panel.bottom;
  }
  const requests = Math.min(...recording.paths.map((path) => path.requests));
  const count = requests.toLocaleString("en");
  const note =
    `Medians of ${count} requests, ${recording.date}, ${recording.form}, ${recording.machine}`;
  shapes.push(text(MARGIN, y + 22, note, SMALL));
  return picture(
    WIDTH,
    y + 40,
    "From an event to its call and its record: round trips and own work, in milliseconds",
    [box(0, 0, WIDTH, y + 40, "#313338", { radius: 8 }), ...shapes],
  );
}

const LEGEND: readonly (readonly Kind[])[] = [
  ["gRPC", "own", "HTTP"],
  ["before", "after", "call"],
];

function drawLegend(kinds: readonly Kind[], y: number): string[] {
  const isOwn = kinds.includes("own");
  let x = LEFT;
  return [
    text(MARGIN, y, isOwn ? "Own work:" : "Waiting:", SMALL),
    ...kinds.flatMap((kind) => {
      const [color, name] = KINDS[kind];
      const key = [box(x, y - 9, 14, 10, color), text(x + 20, y, name, SMALL)];
      x += 40 + textWidth(name, SMALL);
      return key;
    }),
  ];
}

/** Draws one path: a lane for each side, time running to the right, and a list of the plugin's own steps. */
function drawPanel(
  path: Path,
  across: (ms: number) => number,
  endMs: number,
  top: number,
): { readonly shapes: readonly string[]; readonly bottom: number } {
  const steps = stepsOf(path);
  const waits = waitsOf(path);
  const endOf = ({ toMs }: Bar) => across(toMs);
  const endOfText = (bar: Bar) =>
    Math.max(endOf(bar), across(bar.fromMs) + textWidth(said(bar), SMALL) + 4);
  const lanes = [
    { name: "Auth Service", rows: rowsOf(waits.auth, endOfText, across) },
    { name: "plugin", rows: rowsOf(steps, endOf, across) },
    { name: "Discord", rows: rowsOf(waits.discord, endOfText, across) },
  ];
  const shapes = [text(MARGIN, top, titleOf(path), TITLE)];
  let y = top + 12;
  for (const { name, rows } of lanes) {
    const height = rows.length * ROW.height;
    shapes.push(
      box(LEFT, y, WIDTH - LEFT - MARGIN, height - 2, "#2b2d31", { radius: 4 }),
      text(MARGIN, y + height / 2 + 3, name, { ...SMALL, fill: "#dbdee1" }),
    );
    for (const [i, row] of rows.entries()) {
      for (const bar of row) {
        const number = steps.indexOf(bar) + 1;
        shapes.push(
          ...drawBar(bar, number, across, y + i * ROW.height),
        );
      }
    }
    y += height;
  }
  for (const ms of [path.arrivedMs, callOf(path)?.sentMs ?? path.arrivedMs]) {
    shapes.push(dashed(across(ms), top + 12 + ROW.height - ROW.bar, y));
  }
  const tickMs = TICKS_MS.find((each) => endMs / each < 15) ?? endMs;
  for (let ms = 0; ms <= endMs; ms += tickMs) {
    const label = ms === 0 ? "0 ms" : `${ms}`;
    const x = across(ms);
    shapes.push(
      box(x, y - 2, 1, 5, "#80848e"),
      centred(x, y + 14, label, SMALL),
    );
  }
  y += 32;
  const lines = Math.ceil(steps.length / 3);
  for (const [i, { label, fromMs, toMs }] of steps.entries()) {
    const x = MARGIN + Math.floor(i / lines) * (WIDTH - 2 * MARGIN) / 3;
    const line = `${i + 1}  ${label}, ${(toMs - fromMs).toFixed(2)} ms`;
    shapes.push(text(x, y + (i % lines) * LINE, line, SMALL));
  }
  return { shapes, bottom: y + lines * LINE };
}

/** Draws a bar of the plugin with its number in the list, any other with what it is. */
function drawBar(
  bar: Bar,
  number: number,
  across: (ms: number) => number,
  top: number,
): string[] {
  const [x, end] = [across(bar.fromMs), across(bar.toMs)];
  const [color] = KINDS[bar.kind];
  const y = top + ROW.height - ROW.bar - 5;
  const shape = box(x, y, Math.max(1, end - x - 0.5), ROW.bar, color, {
    radius: 2,
  });
  if (number === 0) {
    const last = WIDTH - MARGIN - textWidth(said(bar), SMALL) - 4;
    return [shape, text(Math.min(x + 4, last), y - 4, said(bar), SMALL)];
  }
  const width = textWidth(`${number}`, NUMBER);
  const middle = (x + end - width) / 2;
  return end - x > width + 2
    ? [shape, text(middle, y + 11, `${number}`, NUMBER)]
    : [shape, text(middle, y - 4, `${number}`, { ...NUMBER, fill: color })];
}

/** What is written over a bar. */
function said({ label, fromMs, toMs }: Bar): string {
  return `${label} ${(toMs - fromMs).toFixed(1)}`;
}

function dashed(x: number, top: number, bottom: number): string {
  const at = x.toFixed(1);
  return `<path d="M${at} ${top} V${bottom}" stroke="#dbdee1" stroke-dasharray="3 3"/>`;
}

/** The call that people see. */
function callOf({ trips }: Path): Trip | undefined {
  return trips.find(({ to }) => to === "discord");
}

/** Whether the call began only when the answer of this trip was read. */
function isBefore(trip: Trip, call: Trip | undefined): boolean {
  return call !== undefined && trip.readMs <= call.calledMs;
}

function titleOf(path: Path): string {
  const call = callOf(path);
  if (call === undefined) return `A request is ${path.what}`;
  const waitedMs = path.trips.filter((trip) => isBefore(trip, call))
    .reduce((sum, { sentMs, answeredMs }) => sum + answeredMs - sentMs, 0);
  const afterMs = call.sentMs - path.arrivedMs;
  return `A request is ${path.what}: ${call.call} on its way ${
    afterMs.toFixed(1)
  } ms after the event, ${waitedMs.toFixed(1)} ms of that waiting`;
}

/** What the first write of a path is; the others record what a message shows. */
const FIRST_WRITE = { made: "claim", approved: "what was seen" } as const;

/** Returns what a trip is for. */
function nameOf(trip: Trip, { what, trips }: Path): string {
  if (trip.call !== "UpdatePluginData") return trip.call;
  const first = trips.find(({ call }) => call === trip.call);
  return trip === first ? FIRST_WRITE[what] : "record";
}

/** Whom the plugin waits for, by lane. */
function waitsOf(path: Path): Readonly<Record<Trip["to"], readonly Bar[]>> {
  const call = callOf(path);
  const bars = (to: Trip["to"]) =>
    path.trips.filter((trip) => trip.to === to).map((trip): Bar => ({
      fromMs: trip.sentMs,
      toMs: trip.answeredMs,
      kind: to === "discord"
        ? "call"
        : isBefore(trip, call)
        ? "before"
        : "after",
      label: nameOf(trip, path),
    }));
  const event: Bar = {
    fromMs: 0,
    toMs: path.arrivedMs,
    kind: "event",
    label: "event",
  };
  return { auth: [event, ...bars("auth")], discord: bars("discord") };
}

/** What the plugin itself does, in the order of time; what it does between two trips belongs to the later one. */
function stepsOf(path: Path): readonly Bar[] {
  const { arrivedMs, observedMs, trips } = path;
  const steps = trips.flatMap((trip): Bar[] => {
    const { to, calledMs, sentMs, answeredMs, readMs } = trip;
    const sinceMs = Math.max(
      observedMs,
      ...trips.flatMap((other) =>
        other === trip ? [] : [other.calledMs, other.readMs]
      ).filter((ms) => ms <= calledMs),
    );
    const name = nameOf(trip, path);
    const kind = to === "auth" ? "gRPC" : "HTTP";
    const prepared = to === "discord"
      ? "render the message"
      : name === "record"
      ? "compose the record"
      : "decide what is needed";
    return [
      { fromMs: sinceMs, toMs: calledMs, kind: "own", label: prepared },
      { fromMs: calledMs, toMs: sentMs, kind, label: `send: ${name}` },
      {
        fromMs: answeredMs,
        toMs: readMs,
        kind,
        label: `read answer: ${name}`,
      },
    ];
  });
  const event: Bar = {
    fromMs: arrivedMs,
    toMs: observedMs,
    kind: "gRPC",
    label: "read the event",
  };
  return [event, ...steps].toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Spreads bars over as few rows as hold them, and what is written over them, without one over another. */
function rowsOf(
  bars: readonly Bar[],
  rightOf: (bar: Bar) => number,
  across: (ms: number) => number,
): readonly (readonly Bar[])[] {
  const rows: Bar[][] = [];
  for (const bar of bars.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const free = rows.find((row) => {
      const last = row.at(-1);
      return last === undefined || rightOf(last) <= across(bar.fromMs);
    });
    if (free === undefined) rows.push([bar]);
    else free.push(bar);
  }
  return rows;
}
