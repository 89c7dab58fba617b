/**
 * Whether what a process holds grows without end.
 *
 * @module
 */

import type { TimedSample } from "./sample.ts";

export const MIB = 1024 * 1024;

/** One thing that was judged. */
export interface Finding {
  readonly name: string;
  readonly passed: boolean;
  /** The figures behind it, as text. */
  readonly figures: string;
}

/** How something moves over the judged time. */
export interface Trend {
  /** By how much the fitted line rises from its first point to its last. */
  readonly growth: number;
  /** Standard error of that. */
  readonly error: number;
}

/** A measured value, by minute or by the number of requests so far. */
export type Point = readonly [at: number, value: number];

/** How much more may be resident in the last sixth of a run than in the second. */
const MAX_RESIDENT_GROWTH_MIB = 5;

/** What may be kept for good: tables that fill up to a bound, one connection more. */
const TOLERANCES = { files: 2, timers: 3, listeners: 3 };

/**
 * What the heap without compiled code may grow by with each request. V8 keeps some 100 bytes a request beside the
 * code that it still compiles after an hour; a leak of 200 bytes has to be found.
 */
const MAX_BYTES_A_REQUEST = 150;

/** A shorter run is over before what is loaded late and remembered has settled. */
const SETTLED_MINUTES = 30;
const UNSETTLED_HEAP_MIB = 4;
const UNSETTLED_RESIDENT_MIB = 20;

/**
 * Judges a run. Its first sixth is left out: there everything is loaded and compiled.
 *
 * @param minutes How long the run took.
 */
export function judge(
  samples: readonly TimedSample[],
  minutes: number,
): Finding[] {
  const sixth = minutes / 6;
  const settled = samples.filter(({ minute }) => minute >= sixth);
  return [
    judgeResident(settled, sixth, minutes),
    minutes < SETTLED_MINUTES
      ? judgeTrend(
        "heap after a collection, MiB",
        UNSETTLED_HEAP_MIB,
        collectedPoints(settled, ({ heapBytes }) => heapBytes / MIB),
      )
      : judgeHeap(settled),
    judgeTrend("open files", TOLERANCES.files, [
      ...settled.map(({ minute, files }) => [minute, files] as const),
    ]),
    judgeTrend("timers", TOLERANCES.timers, [
      ...settled.map(({ minute, timers }) => [minute, timers] as const),
    ]),
    judgeTrend("abort listeners", TOLERANCES.listeners, [
      ...collectedPoints(settled, ({ listeners }) => listeners),
    ]),
  ];
}

function judgeResident(
  settled: readonly TimedSample[],
  sixth: number,
  minutes: number,
): Finding {
  const resident = (from: number, to: number) =>
    median(
      settled.filter(({ minute }) => minute >= from && minute < to)
        .map(({ residentBytes }) => residentBytes / MIB),
    );
  const first = resident(sixth, 2 * sixth);
  const last = resident(minutes - sixth, Infinity);
  const most = minutes < SETTLED_MINUTES
    ? UNSETTLED_RESIDENT_MIB
    : MAX_RESIDENT_GROWTH_MIB;
  return {
    name: "resident, MiB",
    passed: last - first <= most,
    figures: `${first.toFixed(1)} in minutes ${format(sixth)} to ${
      format(2 * sixth)
    }, ${last.toFixed(1)} in minutes ${format(minutes - sixth)} to ${
      format(minutes)
    }; at most ${most} more`,
  };
}

/**
 * Judges what is left of the heap without compiled code, against the number of requests. There is no benefit of the
 * doubt, and a run that leaves more of it than is tolerated does not pass.
 */
function judgeHeap(samples: readonly TimedSample[]): Finding {
  const points = samples.flatMap(({ requests, collected }) =>
    collected === undefined
      ? []
      : [[requests, collected.heapBytes - collected.codeBytes] as const]
  );
  const { slope, from, to } = medianSlope(points);
  const requests = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  return {
    name: "heap without code, bytes a request",
    passed: slope <= MAX_BYTES_A_REQUEST &&
      (to - from) / 2 <= MAX_BYTES_A_REQUEST,
    figures: `${signed(slope)} (${signed(from)} to ${
      signed(to)
    }) over ${requests} requests, from ${points.length} samples; at most +${MAX_BYTES_A_REQUEST}, certain to as much`,
  };
}

/**
 * Returns the median of the slopes between any two points, with the interval that it lies in with 95 %: a few
 * samples amid a flood of waiting calls do not count for more than others.
 *
 * Source: Theil, 1950; Sen, 1968.
 */
export function medianSlope(
  points: readonly Point[],
): { readonly slope: number; readonly from: number; readonly to: number } {
  const slopes = points.flatMap(([x, y], i) =>
    points.slice(i + 1).filter(([later]) => later > x)
      .map(([later, value]) => (value - y) / (later - x))
  ).toSorted((a, b) => a - b);
  const count = points.length;
  const spread = 1.96 *
    Math.sqrt(count * (count - 1) * (2 * count + 5) / 18);
  const at = (place: number) =>
    slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))] ?? NaN;
  return {
    slope: median(slopes),
    from: at((slopes.length - spread) / 2),
    to: at((slopes.length + spread) / 2),
  };
}

function judgeTrend(
  name: string,
  tolerance: number,
  points: readonly Point[],
): Finding {
  const { growth, error } = trend(points);
  return {
    name,
    // What could be chance is no growth.
    passed: growth - 2 * error <= tolerance,
    figures: `${signed(growth)} ± ${
      (2 * error).toFixed(2)
    } from ${points.length} samples; at most +${tolerance}`,
  };
}

/** Fits a line by least squares. */
export function trend(points: readonly Point[]): Trend {
  const count = points.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  if (count < 3 || spread === 0) return { growth: NaN, error: NaN };
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const rest = sum(
    points.map(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2),
  );
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  return {
    growth: slope * span,
    error: Math.sqrt(rest / (count - 2) / spread) * span,
  };
}

/** Returns the middle value; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function collectedPoints(
  samples: readonly TimedSample[],
  pick: (collected: NonNullable<TimedSample["collected"]>) => number,
): Point[] {
  return samples.flatMap(({ minute, collected }) =>
    collected === undefined ? [] : [[minute, pick(collected)] as const]
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}

function format(minutes: number): string {
  return `${Number(minutes.toFixed(2))}`;
}
