import assert from "node:assert/strict";
import { TokenMonitor } from "../../src/deliver/token_monitor.ts";
import { endedBy } from "../../src/lib/async/cancellation.ts";
import { OperatorError } from "../../src/lib/operator_error.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import {
  discordError,
  MemoryDiscord,
  messengerOf,
} from "../fakes/memory_discord.ts";

const ME = "GET /users/@me";
const refuse = discordError(401, 0, ME);

function setUp(reload: () => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock();
  const messenger = new MemoryDiscord(clock);
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const { signal } = stop;
  let reloads = 0;
  const guard = new TokenMonitor({
    messenger: messengerOf(messenger, endedBy(signal)),
    reloadToken: () => {
      reloads++;
      return reload();
    },
    clock,
    logger,
    signal,
  });
  return { clock, messenger, logger, guard, stop, reloads: () => reloads };
}

Deno.test("a token that was not refused lets calls pass", async () => {
  const { guard } = setUp();
  assert.ok(!guard.pause.isPaused);
  await guard.pause.untilResumed(new AbortController().signal);
});

Deno.test("a refused token pauses calls, and tells a person once", () => {
  const { guard, logger, stop } = setUp();
  for (let i = 0; i < 3; i++) guard.refused();
  assert.ok(guard.pause.isPaused);
  assert.deepEqual(logger.lines.map(({ level }) => level), ["error"]);
  stop.abort();
});

Deno.test("the token is read again before each try", async () => {
  const { clock, messenger, guard, reloads } = setUp();
  messenger.script.next(ME, { refuse }, { refuse });
  guard.refused();
  await clock.run(guard.pause.untilResumed(new AbortController().signal));
  assert.equal(reloads(), 3);
  assert.equal(messenger.script.calls.length, 3);
});

Deno.test("a new token that cannot be one is told, once for each thing that is wrong", async () => {
  const faults = ["found nothing", "found nothing", "found white space in it"];
  const { clock, guard, logger } = setUp(() => {
    const fault = faults.shift();
    return fault === undefined
      ? Promise.resolve()
      : Promise.reject(new OperatorError(`Cannot use the bot token: ${fault}`));
  });
  guard.refused();
  await clock.run(guard.pause.untilResumed(new AbortController().signal));
  const lines = logger.find("cannot use the new bot token");
  assert.deepEqual(
    lines.map(({ level, fields }) => `${level} ${fields["err"]}`),
    [
      "error OperatorError: Cannot use the bot token: found nothing",
      "error OperatorError: Cannot use the bot token: found white space in it",
    ],
  );
});

Deno.test("the tries get ever rarer, down to one in 5 min", async () => {
  const { clock, messenger, guard, stop } = setUp();
  const atMs: number[] = [];
  const meanwhile = () => void atMs.push(clock.monotonic());
  messenger.script.always(ME, { refuse, meanwhile });
  guard.refused();
  await clock.advance(3_600_000);
  const waits = atMs.map((ms, i) => ms - (atMs[i - 1] ?? 0));
  assert.deepEqual(waits.slice(0, 3), [2000, 3500, 5750]);
  assert.equal(Math.max(...waits), 300_000);
  stop.abort();
  await clock.advance(0);
});

Deno.test("an accepted token ends the pause for all who wait", async () => {
  const { clock, guard, logger } = setUp();
  guard.refused();
  const { signal } = new AbortController();
  const waiting = [
    guard.pause.untilResumed(signal),
    guard.pause.untilResumed(signal),
  ];
  await clock.run(Promise.all(waiting));
  assert.equal(logger.find("Discord accepted the bot token").length, 1);
  assert.equal(clock.sleepers, 0);
});

Deno.test("a token that cannot be read is tried again", async () => {
  let isThere = false;
  const { clock, guard } = setUp(() =>
    isThere ? Promise.resolve() : Promise.reject(new Error("no such file"))
  );
  guard.refused();
  await clock.advance(10_000);
  assert.ok(guard.pause.isPaused);
  isThere = true;
  await clock.run(guard.pause.untilResumed(new AbortController().signal));
});

Deno.test("a token that may be another one is tried at once", async () => {
  const { clock, messenger, guard } = setUp();
  messenger.script.next(ME, ...Array.from({ length: 9 }, () => ({ refuse })));
  guard.refused();
  await clock.advance(230_000);
  const count = messenger.script.calls.length;
  assert.equal(count, 9);
  guard.retrySoon();
  await clock.advance(0);
  assert.equal(messenger.script.calls.length, count + 1);
  assert.ok(!guard.pause.isPaused);
});

Deno.test("a token that comes while the one before it is tried is tried right after", async () => {
  const { clock, messenger, guard } = setUp();
  messenger.script.next(
    ME,
    ...Array.from({ length: 8 }, () => ({ refuse })),
    { refuse, takesMs: 5000 },
  );
  guard.refused();
  while (messenger.script.calls.length < 9) await clock.advance(1000);
  guard.retrySoon();
  await clock.advance(5000);
  assert.equal(messenger.script.calls.length, 10);
  assert.ok(!guard.pause.isPaused);
});

Deno.test("stopping ends the wait", async () => {
  const { clock, guard, stop } = setUp();
  guard.refused();
  stop.abort();
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
  assert.ok(guard.pause.isPaused);
});
