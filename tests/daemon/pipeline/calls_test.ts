/**
 * The calls that a request costs: each is a round trip between an event and what people see.
 */

import assert from "node:assert/strict";
import { review } from "../../fakes/samples.ts";
import { CHANNEL, World } from "./world.ts";

/** Longer than what was read counts as new. */
const LATER_MS = 60_000;

/** Returns the methods that were called since the last time. */
function calls({ auth, discord }: World): string[] {
  const made = [...auth.script.calls, ...discord.script.calls]
    .map((call) => call.split(" ")[0] ?? "");
  auth.script.forget();
  discord.script.forget();
  return made;
}

Deno.test("a request is announced by two writes and a post", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r0" });
  calls(world);
  await world.put({ id: "r1" });
  assert.deepEqual(calls(world), [
    "UpdatePluginData",
    "UpdatePluginData",
    "POST",
  ]);
});

Deno.test("a review or an outcome costs two writes and an edit, however much later", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(LATER_MS);
  calls(world);
  const edit = ["UpdatePluginData", "UpdatePluginData", "PATCH"];
  await world.put({ id: "r1", reviews: [review()] });
  assert.deepEqual(calls(world), edit);
  await world.clock.advance(LATER_MS);
  calls(world);
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  assert.deepEqual(calls(world), edit);
  assert.deepEqual(world.shown(), ["APPROVED"]);
});

Deno.test("an event that changes nothing is held against what is stored", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(LATER_MS);
  calls(world);
  await world.put({ id: "r1" });
  assert.deepEqual(calls(world), ["GetPluginData"]);
});

Deno.test("what another process wrote meanwhile is found by the write", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  const before = world.auth.stored("r1");
  await world.clock.advance(LATER_MS);
  world.auth.store("r1", { ...before, "x-owner": "another", messages: "" });
  calls(world);
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(1000);
  assert.equal(world.auth.stored("r1")["x-owner"], "another");
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
  assert.ok(!calls(world).includes("PATCH"), `edited in ${CHANNEL}`);
});
