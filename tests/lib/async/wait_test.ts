import assert from "node:assert/strict";
import { waitFor } from "../../../src/lib/async/wait.ts";
import { countedSignal } from "./counted_signal.ts";

const permissions = "none";
const REASON = new Error("stop");

Deno.test("waitFor() gives the outcome of the promise", {
  permissions,
}, async () => {
  const { signal } = new AbortController();
  assert.equal(await waitFor(Promise.resolve(7), signal), 7);
  const failure = new Error("no");
  await assert.rejects(waitFor(Promise.reject(failure), signal), failure);
});

Deno.test("waitFor() rejects with the reason of the signal", {
  permissions,
}, async () => {
  const never = new Promise<void>(() => {});
  const controller = new AbortController();
  const waiting = waitFor(never, controller.signal);
  controller.abort(REASON);
  await assert.rejects(waiting, REASON);
  await assert.rejects(waitFor(never, controller.signal), REASON);
  const settled = Promise.resolve(7);
  await assert.rejects(waitFor(settled, controller.signal), REASON);
});

Deno.test("a promise that fails after the signal is nobody's surprise", {
  permissions,
}, async () => {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<void>();
  const during = waitFor(promise, controller.signal);
  controller.abort(REASON);
  const after = waitFor(promise, controller.signal);
  await assert.rejects(during, REASON);
  await assert.rejects(after, REASON);
  const already = waitFor(
    Promise.reject(new Error("late")),
    controller.signal,
  );
  reject(new Error("later"));
  await assert.rejects(already, REASON);
});

Deno.test("waitFor() leaves no listener behind", { permissions }, async () => {
  const { signal, listeners } = countedSignal();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting = [waitFor(promise, signal), waitFor(promise, signal)];
  assert.equal(listeners(), 2);
  resolve();
  await Promise.all(waiting);
  await assert.rejects(waitFor(Promise.reject(REASON), signal), REASON);
  assert.equal(listeners(), 0);
});
