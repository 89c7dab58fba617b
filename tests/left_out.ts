/**
 * Tests that this machine cannot run, for want of a program or of something else. Their names end with why, and
 * the run ends with a line for each reason (run.ts).
 *
 * @module
 */

import { findProgram } from "../programs/command.ts";
import { missingTeleport, type TeleportProgram } from "../programs/teleport.ts";

/** Whether a test can run, and what to add to its name. */
export interface Possible {
  readonly ignore: boolean;
  readonly leftOut: string;
}

/** Leaves out a test unless all of these programs are there. */
export function needs(...programs: readonly string[]): Possible {
  return without(programs.filter((each) => findProgram(each) === undefined));
}

/** Leaves out a test unless all of these programs of a real Teleport are there. */
export function needsTeleport(
  ...programs: readonly TeleportProgram[]
): Possible {
  return without(missingTeleport(...programs));
}

function without(missing: readonly string[]): Possible {
  return leftOutFor(
    missing.length === 0 ? undefined : `no ${missing.join(", ")}`,
  );
}

/** Leaves out a test for a reason, if there is one: "no zsh", "not root". */
export function leftOutFor(reason: string | undefined): Possible {
  return reason === undefined
    ? { ignore: false, leftOut: "" }
    : { ignore: true, leftOut: ` (left out: ${reason})` };
}

/**
 * Counts the tests that were left out, by reason.
 *
 * @param report What `deno test --junit-path` wrote.
 */
export function countLeftOut(report: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const skipped =
    /<testcase name="(?:[^"]*\(left out: ([^()"]+)\))?[^"]*"[^>]*>\s*<skipped/g;
  for (const [, reason = "no reason given"] of report.matchAll(skipped)) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

/** Returns a line for each reason: "left out, no zsh: 1 test". */
export function formatLeftOut(
  counts: ReadonlyMap<string, number>,
): readonly string[] {
  return [...counts].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([reason, count]) =>
      `left out, ${reason}: ${count} ${count === 1 ? "test" : "tests"}`
    );
}

/**
 * Returns what was left out beyond what may be, a line each.
 *
 * @param allowed How many tests may be left out for want of a program, as "zsh:1,man:2".
 */
export function beyondAllowed(
  counts: ReadonlyMap<string, number>,
  allowed: string,
): readonly string[] {
  const most = new Map(
    allowed.split(/(?<=:\d+),/).map((each) => {
      const [program = "", count] = each.split(":");
      return [`no ${program}`, Number(count)];
    }),
  );
  return [...counts].flatMap(([reason, count]) => {
    const limit = most.get(reason) ?? 0;
    const tests = count === 1 ? "1 test is" : `${count} tests are`;
    return count <= limit
      ? []
      : [`error: ${tests} left out with "${reason}", ${limit} may be`];
  });
}
