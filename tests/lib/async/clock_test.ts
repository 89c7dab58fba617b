import process from "node:process";
import assert from "node:assert/strict";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { countedSignal } from "./counted_signal.ts";

const permissions = "none";
const REASON = new Error("stop");

Deno.test("sleep() waits at least as long as asked", {
  permissions,
}, async () => {
  const { signal } = new AbortController();
  const startMs = systemClock.monotonic();
  await systemClock.sleep(5, signal);
  // Timers count in whole milliseconds.
  assert.ok(systemClock.monotonic() - startMs > 3.9);
  await systemClock.sleep(0, signal);
});

// The leak sanitizer fails each of these if a timer stays behind.

Deno.test("sleep() ends when the signal does", { permissions }, async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(3_600_000, controller.signal);
  controller.abort(REASON);
  await assert.rejects(sleeping, REASON);
  await assert.rejects(systemClock.sleep(0, controller.signal), REASON);
});

Deno.test("sleep() leaves no listener behind", { permissions }, async () => {
  const { signal, listeners } = countedSignal();
  const sleeping = systemClock.sleep(0, signal);
  assert.equal(listeners(), 1);
  await sleeping;
  assert.equal(listeners(), 0);
});

Deno.test("a sleep of months does not end at once", {
  permissions,
}, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const months = systemClock.sleep(90 * 86_400_000, signal);
  let ended = false;
  months.then(() => ended = true, () => {});
  await systemClock.sleep(5, signal);
  assert.ok(!ended);
  controller.abort(REASON);
  await assert.rejects(months, REASON);
});

Deno.test("now() is the wall clock, in milliseconds", { permissions }, () => {
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 1000);
});

Deno.test("a time that has just passed is waited for without a warning of the runtime", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  try {
    await systemClock.sleep(-0.01, new AbortController().signal);
    await systemClock.sleep(1, new AbortController().signal);
  } finally {
    process.off("warning", note);
  }
  assert.deepEqual(warnings, []);
});
