/**
 * Draws how time, CPU and memory grow with the load, from the figures of `deno task bench:growth`.
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

/** One load: so many requests at once into so many channels. */
export interface Load {
  /** Which program. */
  readonly who: string;
  readonly requests: number;
  readonly channels: number;
  /** The least time in which Discord's limits let the posts be made. */
  readonly leastMs: number;
  readonly runs: readonly {
    readonly posted: number;
    /** Calls that Discord refused because of a limit. */
    readonly limited: number;
    /** From the first request to the last message. */
    readonly lastMs: number;
    readonly cpuMs: number;
    readonly peakMib: number;
  }[];
}

/** All figures of one measurement. */
export interface Growth {
  readonly date: string;
  /** Processor, memory and kernel. */
  readonly machine: string;
  /** In which form the program ran. */
  readonly form: string;
  readonly loads: readonly Load[];
}

type Run = Load["runs"][number];

const WIDTH = 700;
const MARGIN = 20;
const HEAD = 64;
const PANEL = {
  left: 58,
  width: 196,
  height: 132,
  gapX: 14,
  gapY: 62,
} as const;
const CAPTION_LINE = 17;

const COLORS = ["#5865f2", "#f0b232"];
const LEAST = "#949ba4";
const GROUND = "#2b2d31";
const GRID = "#404249";
const TITLE: TextLook = { size: 13, fill: "#ffffff", weight: "600" };
const SMALL: TextLook = { size: 11, fill: "#b5bac1" };

/** What one row of panels shows of a run, with the marks of its axis. */
interface Quantity {
  readonly title: string;
  readonly of: (run: Run) => number;
  readonly axis: "logarithmic" | "linear";
  readonly ticks: readonly number[];
}

const QUANTITIES: readonly Quantity[] = [
  {
    title: "Time to the last message, seconds",
    of: ({ lastMs }) => lastMs / 1000,
    axis: "logarithmic",
    ticks: [0.1, 1, 10, 100, 1000],
  },
  {
    title: "CPU time, seconds",
    // It is counted in steps of 10 ms.
    of: ({ cpuMs }) => Math.max(cpuMs, 10) / 1000,
    axis: "logarithmic",
    ticks: [0.01, 0.1, 1, 10],
  },
  {
    title: "Memory at the peak, MiB",
    of: ({ peakMib }) => peakMib,
    axis: "linear",
    ticks: [0, 50, 100, 150, 200],
  },
];

interface Point {
  readonly x: number;
  /** Median, least and most of the runs. */
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** Said above or below the point. */
  readonly label: string;
  /** Whether all messages were posted. */
  readonly whole: boolean;
}

interface Line {
  readonly color: string;
  readonly points: readonly Point[];
}

/** Places a value along an axis, in pixels. */
type Scale = (value: number) => number;

/** Returns the picture as SVG. */
export function drawGrowth({ date, machine, form, loads }: Growth): string {
  const names = [...new Set(loads.map(({ who }) => who))];
  const channels = [...new Set(loads.map((load) => load.channels))];
  const requests = [...new Set(loads.map((load) => load.requests))];
  const runs = Math.min(...loads.map((load) => load.runs.length));
  const across = scale("logarithmic", requests, 28, PANEL.width - 34);
  const captionTop = topOf(QUANTITIES.length) - 10;
  const caption = [
    (runs === 1
      ? "One run."
      : `Median of ${runs} runs; bars from the least to the most of them.`) +
    " Hollow: only so many messages were posted, the rest was lost.",
    `Measured on ${date} ${form}; ${machine}.`,
  ];
  const height = captionTop + caption.length * CAPTION_LINE + 8;
  return picture(
    WIDTH,
    height,
    "Requests made at once: time to the last message, CPU time and memory",
    [
      box(0, 0, WIDTH, height, "#313338", { radius: 8 }),
      ...drawLegend(names),
      ...channels.map((each, i) =>
        centred(
          leftOf(i) + PANEL.width / 2,
          HEAD - 4,
          `into ${each} ${each === 1 ? "channel" : "channels"}`,
          { ...SMALL, fill: "#ffffff" },
        )
      ),
      ...QUANTITIES.flatMap((quantity, row) => {
        const values = [
          ...loads.flatMap((load) => load.runs.map(quantity.of)),
          ...quantity.axis === "linear" ? [0] : [],
        ];
        // Room for what stands below and above the points.
        const bottom = PANEL.height - (quantity.axis === "linear" ? 0 : 24);
        const up = scale(quantity.axis, values, bottom, 24);
        return [
          text(MARGIN, topOf(row) - 10, quantity.title, TITLE),
          ...channels.flatMap((each, column) => {
            const here = loads.filter((load) => load.channels === each);
            const lines = names.map((name, i) => ({
              color: COLORS[i] ?? LEAST,
              points: here.filter(({ who }) => who === name)
                .map((load) => pointOf(load, quantity, row === 0)),
            }));
            const least = here.filter(({ who, leastMs }) =>
              row === 0 && who === names[0] && leastMs > 0
            );
            return drawPanel(leftOf(column), topOf(row), [
              ...ticksIn(quantity.ticks, up, column === 0),
              ...requests.map((x) =>
                centred(
                  across(x),
                  PANEL.height + 16,
                  x.toLocaleString("en"),
                  SMALL,
                )
              ),
              dashes(least.map((load) => [
                across(load.requests),
                up(load.leastMs / 1000),
              ])),
              ...lines.flatMap((line) => drawLine(line, lines, across, up)),
            ]);
          }),
        ];
      }),
      ...caption.map((line, i) =>
        text(MARGIN, captionTop + i * CAPTION_LINE, line, SMALL)
      ),
    ],
  );
}

function drawLegend(names: readonly string[]): string[] {
  const keys = [
    ...names.map((name, i) => [name, COLORS[i] ?? LEAST, ""] as const),
    ["least by Discord's limits", LEAST, DASHED] as const,
  ];
  let x = MARGIN;
  const shapes = keys.flatMap(([name, color, dash]) => {
    const key = [
      stroke([[x, 26], [x + 18, 26]], color, dash),
      ...dash === "" ? [dot(x + 9, 26, color, true)] : [],
      text(x + 25, 30, name, SMALL),
    ];
    x += 45 + textWidth(name, SMALL);
    return key;
  });
  const what = "across: requests made at once";
  const right = WIDTH - MARGIN - textWidth(what, SMALL);
  return [...shapes, text(right, 30, what, SMALL)];
}

/** @param counts Whether the point says how many messages were posted, if some were not. */
function pointOf(load: Load, quantity: Quantity, counts: boolean): Point {
  const values = load.runs.map(quantity.of).toSorted((a, b) => a - b);
  const y = median(values);
  const posted = median(load.runs.map((run) => run.posted));
  const whole = posted === load.requests;
  return {
    x: load.requests,
    y,
    low: values[0] ?? y,
    high: values.at(-1) ?? y,
    label: counts && !whole ? `${posted} posted` : written(y),
    whole,
  };
}

/** Writes a value with two digits, or more if it is large. */
function written(value: number): string {
  const digits = value < 1 ? 2 : value < 10 ? 1 : 0;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function leftOf(column: number): number {
  return PANEL.left + column * (PANEL.width + PANEL.gapX);
}

function topOf(row: number): number {
  return HEAD + 34 + row * (PANEL.height + PANEL.gapY);
}

/** Draws shapes, which count from the left end and the top of the panel, over its ground. */
function drawPanel(
  left: number,
  top: number,
  shapes: readonly string[],
): string[] {
  return [
    `<g transform="translate(${left} ${top})">`,
    box(0, 0, PANEL.width, PANEL.height, GROUND, { radius: 4 }),
    ...shapes,
    "</g>",
  ];
}

/** Lines across a panel; in the first of a row they are named. */
function ticksIn(
  ticks: readonly number[],
  up: Scale,
  named: boolean,
): string[] {
  return ticks.filter((tick) => up(tick) >= 0 && up(tick) <= PANEL.height)
    .flatMap((tick) => {
      const label = tick.toLocaleString("en");
      const x = -7 - textWidth(label, SMALL);
      return [
        box(0, up(tick), PANEL.width, 0.7, GRID),
        ...named ? [text(x, up(tick) + 4, label, SMALL)] : [],
      ];
    });
}

/** The bars from the least to the most, the line through the medians, and what each is. */
function drawLine(
  line: Line,
  all: readonly Line[],
  across: Scale,
  up: Scale,
): string[] {
  const { color, points } = line;
  const isHighest = ({ x, y }: Point) =>
    all.every((other) =>
      other === line ||
      other.points.every((point) => point.x !== x || point.y < y)
    );
  return [
    stroke(points.map(({ x, y }) => [across(x), up(y)]), color),
    ...points.flatMap((point) => {
      const { x, y, low, high, label, whole } = point;
      const [at, bottom, top] = [across(x), up(low), up(high)];
      const edge = (height: number): readonly Place[] => [
        [at - 4, height],
        [at + 4, height],
      ];
      return [
        stroke([[at, bottom], [at, top]], color),
        stroke(edge(bottom), color),
        stroke(edge(top), color),
        dot(at, up(y), color, whole),
        // A line that rises leaves room on the right below it.
        centred(
          isHighest(point) ? at : at + 6,
          isHighest(point) ? top - 8 : bottom + 18,
          label,
          { ...SMALL, fill: "#dbdee1" },
        ),
      ];
    }),
  ];
}

/** Across and down, in pixels. */
type Place = readonly [number, number];

const DASHED = ' stroke-dasharray="4 4"';

function dashes(places: readonly Place[]): string {
  return stroke(places, LEAST, DASHED);
}

function stroke(places: readonly Place[], color: string, dash = ""): string {
  const path = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(" ");
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.7"${dash}/>`;
}

function dot(x: number, y: number, color: string, filled: boolean): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.2" fill="${
    filled ? color : GROUND
  }" stroke="${color}" stroke-width="1.5"/>`;
}

/** Returns an axis with the least of the values at one place, and the most at another. */
function scale(
  axis: Quantity["axis"],
  values: readonly number[],
  start: number,
  end: number,
): Scale {
  const measure = axis === "linear" ? (value: number) => value : Math.log10;
  const low = measure(Math.min(...values));
  const high = measure(Math.max(...values));
  return (value) =>
    start + (measure(value) - low) / (high - low) * (end - start);
}
