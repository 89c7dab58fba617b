import assert from "node:assert/strict";
import { Pause } from "../../../src/lib/async/pause.ts";
import { FakeClock } from "../../fakes/clock.ts";

const permissions = "none";
const REASON = new Error("stop");

/** Waits for the end of the pause for each name, and tells who went on. */
function passAll(pause: Pause, signal: AbortSignal, names: readonly string[]) {
  const passed: string[] = [];
  const all = Promise.all(
    names.map((name) =>
      pause.untilResumed(signal).then(() => passed.push(name))
    ),
  );
  return { passed, all };
}

Deno.test(
  "without a pause everybody goes on at once",
  { permissions },
  async () => {
    const pause = new Pause();
    assert.ok(!pause.isPaused);
    const { signal } = new AbortController();
    await passAll(pause, signal, ["a", "b"]).all;
  },
);

Deno.test("a pause holds everybody until it ends", {
  permissions,
}, async () => {
  const pause = new Pause();
  pause.pause();
  assert.ok(pause.isPaused);
  const { signal } = new AbortController();
  const { passed, all } = passAll(pause, signal, ["a", "b"]);
  await new FakeClock().advance(0);
  assert.deepEqual(passed, []);
  pause.resume();
  assert.ok(!pause.isPaused);
  await all;
  assert.deepEqual(passed, ["a", "b"]);
});

Deno.test("only the first close() is news", { permissions }, () => {
  const pause = new Pause();
  assert.equal(pause.pause(), true);
  assert.equal(pause.pause(), false);
  pause.resume();
  pause.resume();
  assert.equal(pause.pause(), true);
});

Deno.test("a pause that begins again at once holds those who waited", {
  permissions,
}, async () => {
  const pause = new Pause();
  pause.pause();
  const controller = new AbortController();
  const { passed, all } = passAll(pause, controller.signal, ["a"]);
  pause.resume();
  pause.pause();
  controller.abort(REASON);
  await assert.rejects(all, REASON);
  assert.deepEqual(passed, []);
});

Deno.test("the signal ends the wait of one, not of the others", {
  permissions,
}, async () => {
  const pause = new Pause();
  pause.pause();
  const controller = new AbortController();
  const { signal } = new AbortController();
  const stopped = pause.untilResumed(controller.signal);
  const waiting = pause.untilResumed(signal);
  controller.abort(REASON);
  await assert.rejects(stopped, REASON);
  await assert.rejects(pause.untilResumed(controller.signal), REASON);
  pause.resume();
  await waiting;
  await assert.rejects(pause.untilResumed(controller.signal), REASON);
});
