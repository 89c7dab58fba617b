import assert from "node:assert/strict";
import { ProgressLog } from "../../src/watch/progress_log.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";

function setUp(left: { count: number }) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const progress = new ProgressLog({ clock, logger, left: () => left.count });
  const told = () =>
    logger.lines.map(({ message, fields }) => [message, fields["requests"]]);
  return { clock, progress, told };
}

Deno.test("ProgressLog tells what is left of a backlog until it is worked off", async () => {
  const left = { count: 400 };
  const { clock, progress, told } = setUp(left);
  progress.follow(500, new AbortController().signal);
  await clock.advance(30_000);
  left.count = 100;
  await clock.advance(30_000);
  left.count = 0;
  await clock.advance(30_000);
  assert.deepEqual(told(), [
    ["bringing requests in step", 500],
    ["still bringing requests in step", 400],
    ["still bringing requests in step", 100],
  ]);
  assert.equal(clock.sleepers, 0);
});

Deno.test("ProgressLog is silent about what does not get on", async () => {
  const { clock, progress, told } = setUp({ count: 3 });
  progress.follow(3, new AbortController().signal);
  await clock.advance(300_000);
  assert.equal(told().length, 2);
  assert.equal(clock.sleepers, 0);
});

Deno.test("ProgressLog ends with the signal", async () => {
  const { clock, progress } = setUp({ count: 3 });
  const stop = new AbortController();
  progress.follow(3, stop.signal);
  stop.abort();
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
});
