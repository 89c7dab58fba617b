/**
 * A soak run as text: a table of what the plugin held, what happened, and the verdict.
 *
 * @module
 */

import { type Finding, judge, median, MIB } from "./judge.ts";
import type { RunResult } from "./run.ts";
import type { TimedSample } from "./sample.ts";

/** Rows of the table. */
const WINDOWS = 12;

/**
 * Two calls that are on their way at the same time may arrive in either order; whoever finds that out by the
 * comparison of its record edits once more.
 */
const MAX_RELAPSE_MS = 2000;

/** Judges everything about a run. */
export function judgeRun(result: RunResult, minutes: number): Finding[] {
  const { tally, exitCodes, messages, relapses, notOnce } = result;
  const longestMs = Math.max(0, ...relapses.map(({ lastedMs }) => lastedMs));
  const errors = [...messages].filter(([key]) => /^(error|\?):/.test(key));
  return [
    ...judge(result.samples, minutes),
    {
      name: "messages in step",
      passed: tally.inStep === tally.ids.length && tally.astray.length === 0,
      figures: `${tally.inStep} of ${tally.ids.length} requests, the slowest ${
        Math.round(tally.slowestMs / 1000)
      } s after its end`,
    },
    {
      name: "one message a channel",
      passed: notOnce.length === 0,
      figures: `${notOnce.length} requests have more, or none`,
    },
    {
      name: "nothing older after something newer",
      passed: longestMs <= MAX_RELAPSE_MS,
      figures: relapses.length === 0
        ? "never"
        : `${relapses.length} times, at most for ${Math.round(longestMs)} ms`,
    },
    {
      name: "errors in the log",
      passed: errors.length === 0,
      figures: errors.length === 0
        ? "none"
        : errors.map(([key, count]) => `${key} (${count})`).join("; "),
    },
    {
      name: "exit code after SIGTERM",
      passed: exitCodes.every((code) => code === 0),
      figures: exitCodes.join(", "),
    },
  ];
}

/** Returns the table of what the plugin held, in Markdown. */
export function formatSamples(
  samples: readonly TimedSample[],
  minutes: number,
): string {
  const width = minutes / WINDOWS;
  const rows = Array.from({ length: WINDOWS }, (_, i) => {
    const from = i * width;
    const inside = samples.filter(({ minute }) =>
      minute >= from && minute < from + width
    );
    const collected = inside.flatMap(({ collected }) => collected ?? []);
    const middle = (values: readonly number[], digits = 0) =>
      values.length === 0 ? "–" : median(values).toFixed(digits);
    return [
      `${Number(from.toFixed(1))} to ${Number((from + width).toFixed(1))}`,
      middle(inside.map(({ residentBytes }) => residentBytes / MIB), 1),
      middle(collected.map(({ heapBytes }) => heapBytes / MIB), 2),
      middle(collected.map(({ codeBytes }) => codeBytes / MIB), 2),
      middle(collected.map(({ externalBytes }) => externalBytes / MIB), 2),
      middle(inside.map(({ files }) => files)),
      middle(inside.map(({ sockets }) => sockets)),
      middle(inside.map(({ timers }) => timers)),
      middle(collected.map(({ listeners }) => listeners)),
    ];
  });
  return table([
    "minutes",
    "resident, MiB",
    "heap after a collection, MiB",
    "code in it, MiB",
    "external, MiB",
    "files",
    "sockets",
    "timers",
    "abort listeners",
  ], rows);
}

/** Returns counts as a table in Markdown. */
export function formatCounts(
  title: string,
  counts: ReadonlyMap<string, number>,
): string {
  const rows = [...counts].toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, count]) => [name, `${count}`]);
  return table([title, "times"], rows);
}

/** Returns the verdict, the last line of which says it all. */
export function formatVerdict(findings: readonly Finding[]): string {
  const lines = findings.map(({ name, passed, figures }) =>
    `${passed ? "ok    " : "FAILED"} ${name}: ${figures}`
  );
  const failed = findings.filter(({ passed }) => !passed);
  return [
    ...lines,
    failed.length === 0
      ? "verdict: passed"
      : `verdict: FAILED (${failed.map(({ name }) => name).join(", ")})`,
  ].join("\n");
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)]
    .join("\n");
}
