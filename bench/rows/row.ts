/**
 * What the rows of the benchmark have in common.
 *
 * @module
 */

import type { Candidate } from "../processes.ts";
import { type Figure, quantile } from "../report.ts";

/** What a measurement works with. */
export interface Bench {
  readonly candidate: Candidate;
  readonly folder: string;
  /** How often it is measured. */
  readonly runs: number;
  readonly note: (name: string, figure: Figure | string) => void;
}

/** Measures one or more rows. */
export type Measure = (bench: Bench) => Promise<void>;

/** What the official plugin is called in the table. */
export const OFFICIAL = "official plugin";

/** Time between two requests of a latency measurement: no rate limit is met. */
export const PACE_MS = 30;

/** Enough for a p99 that one slow call does not decide: all runs have so many together. */
export const SAMPLES = 2000;

/**
 * Makes a figure of p50 and p99: p50 is the median of those of the runs, p99 that of all runs together.
 *
 * @param runs The waits of each run.
 */
export function waitsOf(runs: readonly (readonly number[])[]): Figure {
  const p50s = runs.map((waits) => quantile(waits, 0.5));
  const p99s = runs.map((waits) => quantile(waits, 0.99));
  return {
    runs: p50s.map((p50, i) => [p50, p99s[i] ?? NaN]),
    overall: [quantile(p50s, 0.5), quantile(runs.flat(), 0.99)],
  };
}
