/**
 * Draws how time, CPU and memory grow with the load, from the figures of `deno task bench:growth`.
 *
 * @module
 */

import { box, picture, text, type TextLook, textWidth } from "./svg.ts";

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
  readonly machine: string;
  /** In which form the program ran. */
  readonly form: string;
  readonly loads: readonly Load[];
}

const WIDTH = 700;
const MARGIN = 20;
const HEAD = 54;
const PANEL = { width: 150, height: 150, gapX: 62, gapY: 66 } as const;

const COLORS = ["#5865f2", "#f0b232"];
const LEAST = "#949ba4";
const TITLE: TextLook = { size: 13, fill: "#ffffff", weight: "600" };
const SMALL: TextLook = { size: 11, fill: "#b5bac1" };

interface Point {
  readonly x: number;
  readonly y: number;
  readonly note?: string;
}

interface Line {
  readonly color: string;
  readonly dashed?: boolean;
  readonly points: readonly Point[];
}

/** Returns the picture as SVG. */
export function drawGrowth(growth: Growth): string {
  const { loads } = growth;
  const names = [...new Set(loads.map(({ who }) => who))];
  const channels = [...new Set(loads.map((load) => load.channels))];
  const runs = Math.max(...loads.map((load) => load.runs.length));
  const middle = channels[Math.floor(channels.length / 2)] ?? 1;
  const of = (
    who: string,
    places: number,
    value: (load: Load) => number,
    note: (load: Load) => string | undefined = () => undefined,
  ): readonly Point[] =>
    loads.filter((load) => load.who === who && load.channels === places)
      .map((load) => {
        const said = note(load);
        const point = { x: load.requests, y: value(load) };
        return said === undefined ? point : { ...point, note: said };
      });
  const lines = (places: number, value: (load: Load) => number) =>
    names.map((who, i) => ({
      color: COLORS[i] ?? LEAST,
      points: of(who, places, value),
    }));
  const times = channels.map((places) => ({
    title: `${places} ${places === 1 ? "channel" : "channels"}: seconds`,
    lines: [
      ...names.slice(0, 1).map((who) => ({
        color: LEAST,
        dashed: true,
        points: of(who, places, ({ leastMs }) => leastMs / 1000),
      })),
      ...names.map((who, i) => ({
        color: COLORS[i] ?? LEAST,
        points: of(
          who,
          places,
          (load) => medianOf(load, "lastMs") / 1000,
          lostNote,
        ),
      })),
    ],
  }));
  const costs = [
    {
      title: `${middle} channels: CPU, seconds`,
      lines: lines(middle, (load) => medianOf(load, "cpuMs") / 1000),
    },
    {
      title: `${middle} channels: most memory, MiB`,
      lines: lines(middle, (load) => medianOf(load, "peakMib")),
    },
  ];
  const height = HEAD + 2 * (PANEL.height + PANEL.gapY);
  const legend = [...names, "least by Discord's limits"];
  let x = MARGIN + 14;
  const keys = legend.flatMap((name, i) => {
    const color = i < names.length ? COLORS[i] ?? LEAST : LEAST;
    const key = [
      box(x, 24, 14, 4, color),
      text(x + 20, 30, name, SMALL),
    ];
    x += 40 + textWidth(name, SMALL);
    return key;
  });
  return picture(
    WIDTH,
    height,
    "Requests made at once: time to the last message, CPU time and memory",
    [
      box(0, 0, WIDTH, height, "#313338", { radius: 8 }),
      ...keys,
      ...[...times, ...costs].flatMap(({ title, lines }, i) =>
        drawPanel(title, lines, i % 3, Math.floor(i / 3))
      ),
      ...[
        `${growth.date}, ${growth.form}`,
        growth.machine,
        runs === 1 ? "one run" : `median of ${runs} runs`,
        "10, 100 and 1,000 requests",
        "numbers: messages that were",
        "posted, where some were not",
      ].map((line, i) =>
        text(
          leftOf(2) - 20,
          topOf(1) + 14 + i * 17,
          line,
          i < 3 ? SMALL : { ...SMALL, fill: "#dbdee1" },
        )
      ),
    ],
  );
}

function lostNote(load: Load): string | undefined {
  const posted = medianOf(load, "posted");
  return posted < load.requests ? String(posted) : undefined;
}

function medianOf(
  { runs }: Load,
  key: keyof Load["runs"][number],
): number {
  const sorted = runs.map((run) => run[key]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function leftOf(column: number): number {
  return MARGIN + 38 + column * (PANEL.width + PANEL.gapX);
}

function topOf(row: number): number {
  return HEAD + 20 + row * (PANEL.height + PANEL.gapY);
}

/** Draws lines over logarithmic axes. */
function drawPanel(
  title: string,
  lines: readonly Line[],
  column: number,
  row: number,
): string[] {
  const [left, top] = [leftOf(column), topOf(row)];
  const points = lines.flatMap((line) => line.points);
  const across = scale(points.map(({ x }) => x), left, PANEL.width);
  const up = scale(
    points.map(({ y }) => y),
    top + PANEL.height,
    -PANEL.height,
  );
  const shapes = [
    text(left - 38, top - 10, title, TITLE),
    box(left, top, PANEL.width, PANEL.height, "#2b2d31", { radius: 4 }),
  ];
  for (const tick of up.ticks) {
    const label = tick.toLocaleString("en");
    shapes.push(
      box(left, up.at(tick), PANEL.width, 0.5, "#4e5058"),
      text(
        left - 6 - textWidth(label, SMALL),
        up.at(tick) + 4,
        label,
        SMALL,
      ),
    );
  }
  for (const tick of across.ticks) {
    const label = tick.toLocaleString("en");
    shapes.push(text(
      across.at(tick) - textWidth(label, SMALL) / 2,
      top + PANEL.height + 16,
      label,
      SMALL,
    ));
  }
  for (const { color, dashed = false, points } of lines) {
    const path = points.map(({ x, y }) =>
      `${across.at(x).toFixed(1)},${up.at(y).toFixed(1)}`
    ).join(" ");
    const dash = dashed ? ' stroke-dasharray="4 4"' : "";
    shapes.push(
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dash}/>`,
      ...dashed
        ? []
        : points.map(({ x, y }) =>
          `<circle cx="${across.at(x).toFixed(1)}" cy="${
            up.at(y).toFixed(1)
          }" r="3" fill="${color}"/>`
        ),
      ...points.map(({ x, y, note = "" }) =>
        text(
          across.at(x) - textWidth(note, SMALL) / 2,
          up.at(y) - 8,
          note,
          { ...SMALL, fill: color },
        )
      ),
    );
  }
  return shapes;
}

/** What is less than this is drawn as this. */
const LEAST_VALUE = 0.05;

/** Returns a logarithmic axis that holds all values. */
function scale(
  values: readonly number[],
  start: number,
  length: number,
): { at(value: number): number; ticks: readonly number[] } {
  const logs = values.map((value) => Math.log10(Math.max(LEAST_VALUE, value)));
  const [low, high] = [
    Math.min(...logs) - 0.15,
    Math.max(...logs) + 0.25,
  ];
  const at = (value: number) =>
    start +
    (Math.log10(Math.max(LEAST_VALUE, value)) - low) / (high - low) * length;
  const decades = [0.1, 1, 10, 100, 1000];
  const steps = high - low < 1 ? [20, 50, 200, 60, 80, 150] : [];
  const ticks = [...decades, ...steps]
    .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  return { at, ticks };
}
