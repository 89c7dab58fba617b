import assert from "node:assert/strict";
import fc from "fast-check";
import { anySchedule } from "./arbitrary.ts";
import { KEPT_SCHEDULES } from "./kept.ts";
import { REAL, runSchedule } from "./world.ts";

// `deno task chaos` draws many more, and others each time.
const DRAWN = Deno.env.get("CHAOS_RUNS");
const RUNS = Number(DRAWN ?? 300);
const SEED = Number(
  Deno.env.get("CHAOS_SEED") ??
    (DRAWN === undefined ? 4 : Date.now() % 2 ** 31),
);

/** What the schedules have to reach, or they prove nothing. */
const REACHED = [
  "kills",
  "holds",
  "posts answered with an earlier message",
  "calls that arrived after another process acted",
  "requests announced by the official plugin",
  "lost events",
  "requests given back",
  "clicks that became reviews",
  "clicks that another process had answered",
  "clicks that were answered too late",
  "clicks that Teleport refused",
  "forms",
  "posts of forums",
  "tags of posts",
  "messages in threads",
  "threads closed",
  "reminders",
  "further reminders",
  "escalations",
  "calls of escalations",
  "notices before the end",
  "ends shown",
  "ends that had to be told",
  "log: call failed, will retry",
  "log: may not read access monitoring rules, routing by the configuration alone",
  "log: cannot read access monitoring rules, routing by what is known of them",
  "log: cannot record, will retry",
  "log: content was refused, sending the minimal message",
  "log: Discord refused the bot token, waiting for a new one",
  "log: message found that was posted before",
  "log: parts of the message were refused, sending it without them",
  "log: delivery failed, trying again ever more rarely",
  "log: message is no longer followed",
  "log: recipient cannot be reached, trying again from time to time",
  "log: request resolved before it was announced here",
];

Deno.test("whatever goes wrong, each message is there once and true in the end", async () => {
  const reached = new Set<string>();
  const property = fc.asyncProperty(anySchedule, async (schedule) => {
    const { failure, counters } = await runSchedule(schedule, REAL);
    for (const what of counters.keys()) reached.add(what);
    assert.equal(failure, undefined);
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
  assert.deepEqual(REACHED.filter((what) => !reached.has(what)), []);
});

Deno.test("schedules that found something once end well", async (t) => {
  for (const { name, schedule } of KEPT_SCHEDULES) {
    await t.step(name, async () => {
      const { failure } = await runSchedule(schedule, REAL);
      assert.equal(failure, undefined);
    });
  }
});

Deno.test("a schedule goes the same way each time", async () => {
  for (const schedule of fc.sample(anySchedule, { numRuns: 5, seed: SEED })) {
    const [first, second] = [
      await runSchedule(schedule, REAL, { trace: true }),
      await runSchedule(schedule, REAL, { trace: true }),
    ];
    assert.ok(first.trace.length > 0);
    assert.deepEqual(first.trace, second.trace);
  }
});
