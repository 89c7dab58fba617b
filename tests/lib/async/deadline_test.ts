import assert from "node:assert/strict";
import { withDeadline } from "../../../src/lib/async/deadline.ts";
import { FakeClock } from "../../fakes/clock.ts";

const pure = { permissions: "none" } as const;

function setUp() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const late = () => new Error("late");
  const options = { ms: 100, clock, signal: stop.signal, late };
  return { clock, stop, options };
}

Deno.test(
  "what comes in time is returned, and no timer is left",
  pure,
  async () => {
    const { clock, options } = setUp();
    const outcome = withDeadline(
      (signal) => clock.sleep(99, signal).then(() => "there"),
      options,
    );
    await clock.advance(99);
    assert.equal(await outcome, "there");
    assert.equal(clock.sleepers, 0);
  },
);

Deno.test(
  "what comes late is told to end, and the error says so",
  pure,
  async () => {
    const { clock, options } = setUp();
    const ended: AbortSignal[] = [];
    const outcome = withDeadline((signal) => {
      ended.push(signal);
      return new Promise<never>(() => {});
    }, options);
    const failed = assert.rejects(outcome, /late/);
    await clock.advance(100);
    await failed;
    assert.equal(ended[0]?.aborted, true);
  },
);

Deno.test("a signal ends the wait with its reason", pure, async () => {
  const { clock, stop, options } = setUp();
  const outcome = withDeadline(
    (signal) => clock.sleep(1000, signal),
    options,
  );
  stop.abort(new Error("stopping"));
  await assert.rejects(outcome, /stopping/);
  assert.equal(clock.sleepers, 0);
});
