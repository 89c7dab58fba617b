import assert from "node:assert/strict";
import { WaitingCalls } from "../../../src/discord/rate_limit/waiting_calls.ts";

function drain(calls: WaitingCalls<string>): string[] {
  const taken: string[] = [];
  for (
    let call = calls.take();
    call !== undefined;
    call = calls.take()
  ) taken.push(call);
  return taken;
}

Deno.test({
  name: "WaitingCalls serves the newest and the oldest in turn",
  permissions: "none",
  fn: () => {
    const calls = new WaitingCalls<string>();
    for (const order of [3, 1, 5, 2, 4]) calls.add(order, `${order}`);
    assert.deepEqual(drain(calls), ["5", "1", "4", "2", "3"]);
  },
});

Deno.test({
  name: "WaitingCalls serves equals as they came",
  permissions: "none",
  fn: () => {
    const calls = new WaitingCalls<string>();
    for (const call of ["a", "b", "c", "d", "e"]) calls.add(0, call);
    assert.deepEqual(drain(calls), ["a", "b", "c", "d", "e"]);
  },
});

Deno.test({
  name: "WaitingCalls forgets a call that waits no longer",
  permissions: "none",
  fn: () => {
    const calls = new WaitingCalls<string>();
    for (const order of [1, 2, 3]) calls.add(order, `${order}`);
    assert.equal(calls.remove("2"), true);
    assert.equal(calls.remove("2"), false);
    assert.equal(calls.size, 2);
    assert.deepEqual(drain(calls), ["3", "1"]);
    assert.equal(calls.take(), undefined);
  },
});
