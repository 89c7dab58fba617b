import assert from "node:assert/strict";
import { Gate } from "../../../src/lib/async/pause.ts";
import { FakeClock } from "../../fakes/clock.ts";

const permissions = "none";
const REASON = new Error("stop");

/** Passes the gate for each name, and tells who has passed. */
function passAll(gate: Gate, signal: AbortSignal, names: readonly string[]) {
  const passed: string[] = [];
  const all = Promise.all(
    names.map((name) => gate.pass(signal).then(() => passed.push(name))),
  );
  return { passed, all };
}

Deno.test("an open gate lets everybody pass", { permissions }, async () => {
  const gate = new Gate();
  assert.ok(gate.isOpen);
  const { signal } = new AbortController();
  await passAll(gate, signal, ["a", "b"]).all;
});

Deno.test("a closed gate lets nobody pass until it opens", {
  permissions,
}, async () => {
  const gate = new Gate();
  gate.close();
  assert.ok(!gate.isOpen);
  const { signal } = new AbortController();
  const { passed, all } = passAll(gate, signal, ["a", "b"]);
  await new FakeClock().advance(0);
  assert.deepEqual(passed, []);
  gate.open();
  assert.ok(gate.isOpen);
  await all;
  assert.deepEqual(passed, ["a", "b"]);
});

Deno.test("only the first close() is news", { permissions }, () => {
  const gate = new Gate();
  assert.equal(gate.close(), true);
  assert.equal(gate.close(), false);
  gate.open();
  gate.open();
  assert.equal(gate.close(), true);
});

Deno.test("a gate that closes again at once holds those who waited", {
  permissions,
}, async () => {
  const gate = new Gate();
  gate.close();
  const controller = new AbortController();
  const { passed, all } = passAll(gate, controller.signal, ["a"]);
  gate.open();
  gate.close();
  controller.abort(REASON);
  await assert.rejects(all, REASON);
  assert.deepEqual(passed, []);
});

Deno.test("the signal ends the wait of one, not of the others", {
  permissions,
}, async () => {
  const gate = new Gate();
  gate.close();
  const controller = new AbortController();
  const { signal } = new AbortController();
  const stopped = gate.pass(controller.signal);
  const waiting = gate.pass(signal);
  controller.abort(REASON);
  await assert.rejects(stopped, REASON);
  await assert.rejects(gate.pass(controller.signal), REASON);
  gate.open();
  await waiting;
  await assert.rejects(gate.pass(controller.signal), REASON);
});
