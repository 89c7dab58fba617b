/**
 * What rules cost.
 *
 * @module
 */

import { measureRules } from "../processes.ts";
import { type Bench, OFFICIAL, SAMPLES, waitsOf } from "./row.ts";

/** Rules are this plugin's own: how long 1 000 of them take for a request, and how much memory. */
export async function measureRouting(
  { candidate, runs, note }: Bench,
): Promise<void> {
  if (candidate.name === OFFICIAL) return;
  const rules = await Array.fromAsync(
    { length: runs },
    () => measureRules(Math.ceil(SAMPLES / runs)),
  );
  const form = "source";
  note(`one request by 1 000 rules, ms (p50 / p99 of ${SAMPLES})`, {
    ...waitsOf(rules.map(({ routeMs }) => routeMs)),
    form,
  });
  note("1 000 rules, MiB", {
    runs: rules.map(({ memoryMib }) => [memoryMib]),
    form,
  });
}
