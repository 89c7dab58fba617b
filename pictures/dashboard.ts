/**
 * Draws the panels of the dashboard from what a soak run recorded.
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

/** One line of a chart: seconds since the start, and values; those without a value are left out. */
export interface RecordedSeries {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/** A panel and what it showed. */
export interface RecordedPanel {
  readonly type: "stat" | "chart";
  readonly title: string;
  readonly series: readonly RecordedSeries[];
}

/** What `pictures/dashboard.json` holds. */
export interface Recording {
  readonly minutes: number;
  readonly panels: readonly RecordedPanel[];
}

const WIDTH = 900;
const GAP = 10;
const STAT_HEIGHT = 70;
const CHART_HEIGHT = 190;
const MOST_SERIES = 6;

const COLORS = [
  "#73bf69",
  "#f2cc0c",
  "#5794f2",
  "#ff780a",
  "#b877d9",
  "#f2495c",
];

const TITLE: TextLook = { size: 13, fill: "#ccccdc", weight: "600" };
const SMALL: TextLook = { size: 10.5, fill: "#9a9aa8" };

/** Returns the dashboard as SVG. */
export function drawDashboard(title: string, recording: Recording): string {
  const stats = recording.panels.filter(({ type }) => type === "stat");
  // A panel that showed nothing says nothing here.
  const charts = recording.panels.filter((panel) =>
    panel.type === "chart" && panel.series.some((each) => peakOf(each) > 0)
  );
  const statWidth = (WIDTH - GAP * (stats.length + 1)) / stats.length;
  const chartWidth = (WIDTH - GAP * 3) / 2;
  const rows = Math.ceil(charts.length / 2);
  const height = GAP * (rows + 2) + STAT_HEIGHT + rows * CHART_HEIGHT;
  return picture(WIDTH, height, title, [
    box(0, 0, WIDTH, height, "#111217", { radius: 8 }),
    ...stats.map((panel, i) =>
      drawStat(panel, GAP + i * (statWidth + GAP), GAP, statWidth)
    ),
    ...charts.map((panel, i) =>
      drawChart(
        panel,
        GAP + (i % 2) * (chartWidth + GAP),
        2 * GAP + STAT_HEIGHT + Math.floor(i / 2) * (CHART_HEIGHT + GAP),
        chartWidth,
        recording.minutes,
      )
    ),
  ]);
}

function drawStat(
  { title, series }: RecordedPanel,
  x: number,
  y: number,
  width: number,
): string {
  const value = series[0]?.points.at(-1)?.[1];
  const shown = value === undefined ? "–" : formatStat(title, value);
  const look: TextLook = { size: 24, fill: "#73bf69", weight: "bold" };
  return box(x, y, width, STAT_HEIGHT, "#181b1f", { radius: 4 }) +
    text(x + 10, y + 20, title, TITLE) +
    centred(x + width / 2, y + 54, shown, look);
}

function formatStat(title: string, value: number): string {
  if (/Ready|Watches|Hears/.test(title)) return value === 1 ? "yes" : "no";
  if (/expires/.test(title)) return `${(value / 3600).toFixed(1)} h`;
  return String(Math.round(value));
}

function drawChart(
  { title, series }: RecordedPanel,
  x: number,
  y: number,
  width: number,
  minutes: number,
): string {
  const [left, right, top, bottom] = [x + 52, x + width - 12, y + 32, y + 140];
  const highest = Math.max(
    ...series.flatMap(({ points }) => points.map(([, value]) => value)),
    0,
  );
  const most = roundUp(highest);
  const place = ([seconds, value]: readonly [number, number]) => {
    const px = left + (seconds / (minutes * 60)) * (right - left);
    return `${px.toFixed(1)} ${
      (bottom - (value / most) * (bottom - top)).toFixed(1)
    }`;
  };
  const drawn = series.filter((each) => peakOf(each) > 0)
    .toSorted((a, b) => peakOf(b) - peakOf(a))
    .slice(0, MOST_SERIES);
  const grid = [0, 0.5, 1].map((share) => {
    const at = bottom - share * (bottom - top);
    const label = formatAxis(title, share * most);
    return `<path d="M${left} ${at} H${right}" stroke="#2c3036"/>` +
      text(left - 6 - textWidth(label, SMALL), at + 4, label, SMALL);
  });
  let legendX = left;
  const legend = drawn.map(({ name }, i) => {
    const shown = name.length > 20 ? `…${name.slice(-19)}` : name;
    const width = 16 + textWidth(shown, SMALL) + 10;
    const [row, at] = [Math.floor(i / 3), legendX];
    legendX = i % 3 === 2 ? left : legendX + width;
    const lineY = bottom + 22 + row * 15;
    return box(at, lineY - 4, 11, 3, COLORS[i] ?? "") +
      text(at + 16, lineY, shown, SMALL);
  });
  return [
    box(x, y, width, CHART_HEIGHT, "#181b1f", { radius: 4 }),
    text(x + 10, y + 20, title, TITLE),
    ...grid,
    ...drawn.map(({ points }, i) =>
      points.length === 0
        ? ""
        : `<path d="M${points.map(place).join(" L")}" fill="none" stroke="${
          COLORS[i]
        }" stroke-width="1.4"/>`
    ),
    ...legend,
  ].join("");
}

function peakOf({ points }: RecordedSeries): number {
  return Math.max(...points.map(([, value]) => value), 0);
}

/** Returns the next of 1, 2 and 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power)
    .find((step) => step >= value) ?? value;
}

function formatAxis(title: string, value: number): string {
  if (title === "Memory") return `${(value / 1_048_576).toFixed(0)} MiB`;
  if (/Duration|Wait/.test(title)) {
    return value < 1
      ? `${Number((value * 1000).toPrecision(2))} ms`
      : `${value} s`;
  }
  return Number(value.toPrecision(2)).toString();
}
