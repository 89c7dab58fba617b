import assert from "node:assert/strict";
import { judge, median, medianSlope, MIB, trend } from "../../soak/judge.ts";
import type { TimedSample } from "../../soak/sample.ts";

const permissions = "none";
const MINUTES = 60;

const REQUESTS_A_MINUTE = 30;

/** What grows, by how much a minute. */
type Leak = Partial<
  Record<
    "residentMib" | "heapMib" | "codeMib" | "files" | "timers" | "listeners",
    number
  >
>;

/** Samples of a process with the noise that real ones show: each value swings, none drifts by itself. */
function run(leak: Leak = {}): TimedSample[] {
  return Array.from({ length: MINUTES * 6 }, (_, i) => {
    const minute = i / 6;
    const swing = (width: number) => width * Math.sin(i * 2.4);
    const grown = (name: keyof Leak) => (leak[name] ?? 0) * minute;
    // What is loaded and compiled in the beginning is no leak.
    const settling = 6 * Math.min(1, minute / 8);
    return {
      minute,
      requests: Math.floor(minute * REQUESTS_A_MINUTE),
      residentBytes: (64 + settling + swing(2) + grown("residentMib")) * MIB,
      files: 22 + Math.round(swing(2) + grown("files")),
      sockets: 6,
      timers: 10 + Math.round(swing(5) + grown("timers")),
      collected: i % 6 !== 5 ? undefined : {
        heapBytes: (12 + settling / 6 + swing(0.05) + grown("heapMib") +
          grown("codeMib")) * MIB,
        codeBytes: (5 + grown("codeMib")) * MIB,
        externalBytes: 2 * MIB,
        listeners: 8 + Math.round(swing(4) + grown("listeners")),
      },
    };
  });
}

function failures(leak: Leak): string[] {
  return judge(run(leak), MINUTES).filter(({ passed }) => !passed)
    .map(({ name }) => name);
}

Deno.test("a process that holds no more and no less passes", {
  permissions,
}, () => assert.deepEqual(failures({}), []));

Deno.test(
  "each leak is found by its own figure",
  { permissions },
  async (t) => {
    const leaks: [keyof Leak, number, string][] = [
      ["residentMib", 0.15, "resident, MiB"],
      [
        "heapMib",
        200 * REQUESTS_A_MINUTE / MIB,
        "heap without code, bytes a request",
      ],
      ["files", 0.1, "open files"],
      ["timers", 0.1, "timers"],
      ["listeners", 0.2, "abort listeners"],
    ];
    for (const [name, aMinute, finding] of leaks) {
      await t.step(name, () => {
        assert.deepEqual(failures({ [name]: aMinute }), [finding]);
      });
    }
  },
);

Deno.test("compiled code that grows is no leak", { permissions }, () => {
  assert.deepEqual(failures({ codeMib: 0.05 }), []);
});

Deno.test("a heap that swings too much to tell does not pass", {
  permissions,
}, () => {
  const samples = run().map((sample, i) =>
    sample.collected === undefined ? sample : {
      ...sample,
      collected: {
        ...sample.collected,
        heapBytes: sample.collected.heapBytes + 2 * MIB * Math.sin(i * i),
      },
    }
  );
  const failed = judge(samples, MINUTES).filter(({ passed }) => !passed);
  assert.deepEqual(
    failed.map(({ name }) => name),
    ["heap without code, bytes a request"],
  );
});

Deno.test("a run without samples does not pass", { permissions }, () => {
  assert(judge([], MINUTES).every(({ passed }) => !passed));
});

Deno.test("trend() tells a rise and how certain it is", { permissions }, () => {
  const line = Array.from({ length: 11 }, (_, x) => [x, 3 + 2 * x] as const);
  const { growth, error } = trend(line);
  assert(Math.abs(growth - 20) < 1e-9);
  assert(error < 1e-6);
  const noisy = line.map(([x], i) => [x, i % 2 === 0 ? 1 : -1] as const);
  const noise = trend(noisy);
  assert(Math.abs(noise.growth) < 2 * noise.error);
});

Deno.test(
  "medianSlope() is not moved by a few high values",
  { permissions },
  () => {
    const line = Array.from(
      { length: 21 },
      (_, x) => [x, 3 + 2 * x + (x % 7 === 6 ? 500 : 0)] as const,
    );
    const { slope, from, to } = medianSlope(line);
    assert.equal(slope, 2);
    assert(from <= 2 && to >= 2);
    assert(Number.isNaN(medianSlope([]).slope));
  },
);

Deno.test("median() is the middle one", { permissions }, () => {
  assert.equal(median([9, 1, 5]), 5);
  assert(Number.isNaN(median([])));
});
