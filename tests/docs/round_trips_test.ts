/** What docs/images/round-trips.svg says of a recording. */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import recorded from "../../pictures/round_trips.json" with { type: "json" };
import {
  drawRoundTrips,
  type Path,
  type RoundTrips,
  type Trip,
} from "../../pictures/round_trips.ts";

const BEFORE = "before the call, for safety";
const AFTER = "only before the next decision";

/** An edit for which the plugin began to write what was seen, and waited for it or not. */
function edited(patchCalledMs: number): Path {
  const trip = (to: Trip["to"], call: string, calledMs: number): Trip => ({
    to,
    call,
    calledMs,
    sentMs: calledMs + 0.4,
    answeredMs: calledMs + 1,
    readMs: calledMs + 1.1,
  });
  return {
    what: "approved",
    requests: 2000,
    arrivedMs: 0.3,
    observedMs: 0.7,
    trips: [
      trip("auth", "UpdatePluginData", 1),
      trip("discord", "PATCH", patchCalledMs),
      trip("auth", "UpdatePluginData", patchCalledMs + 1.3),
    ],
  };
}

function draw(...paths: readonly Path[]): string {
  const date = "2026-12-01";
  return drawRoundTrips({ date, machine: "a machine", form: "a form", paths });
}

/** Returns how many waits are drawn in the colour that the legend has for something. */
function countOf(what: string, svg: string): number {
  const lines = svg.split("\n");
  const legend = lines[lines.findIndex((line) => line.includes(what)) - 1];
  const fill = /fill="(#\w+)"/.exec(legend ?? "")?.[1];
  ok(fill !== undefined, `no legend for "${what}"`);
  return lines.filter((line) => line.includes(`fill="${fill}"`)).length - 1;
}

Deno.test("a write that the edit waits for comes before the call", {
  permissions: "none",
}, () => {
  const svg = draw(edited(2.2));
  deepStrictEqual([countOf(BEFORE, svg), countOf(AFTER, svg)], [1, 1]);
  match(svg, /PATCH on its way 2\.3 ms after the event, 0\.6 ms of that wait/);
});

Deno.test("a write beside the edit comes before the next decision only", {
  permissions: "none",
}, () => {
  const svg = draw(edited(1.2));
  deepStrictEqual([countOf(BEFORE, svg), countOf(AFTER, svg)], [0, 2]);
  match(svg, /PATCH on its way 1\.3 ms after the event, 0\.0 ms of that wait/);
});

Deno.test(
  "the recording is of 2,000 requests or more, with the calls that design/round-trips.md names",
  {
    permissions: "none",
  },
  () => {
    const { paths } = recorded as RoundTrips;
    for (const { what, requests } of paths) {
      ok(requests >= 2000, `${requests} ${what}`);
    }
    const calls = paths.map(({ trips }) => trips.map(({ call }) => call));
    const write = "UpdatePluginData";
    deepStrictEqual(calls, [[write, "POST", write], [write, "PATCH", write]]);
  },
);
