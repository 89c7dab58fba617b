/**
 * Edits that are made while what they show is being stored.
 */

import assert from "node:assert/strict";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { NO_NOTICES, review } from "../../fakes/samples.ts";
import { CHANNEL, NOBODY, World } from "./world.ts";

/** The channel of direct messages to the requester. */
const TO_ALICE = "700000000000000001";

const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const LIST = `GET /channels/${CHANNEL}/messages`;
const UPDATE = "UpdatePluginData r1";
const lost = { refuse: teleportError("UNAVAILABLE"), takesMs: 1000 };

/** A request that was announced a moment ago by a process which runs. */
async function announced(world: World) {
  const process = await world.start({ self: "one" });
  await world.put({ id: "r1" });
  world.auth.script.forget();
  world.discord.script.forget();
  return process;
}

Deno.test("an outcome that is seen soon after a write is shown while it is stored", async () => {
  await using world = new World();
  await announced(world);
  world.auth.script.next(UPDATE, { takesMs: 1000 });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.auth.script.made(UPDATE).length, 1);
  await world.clock.advance(1000);
  assert.equal(world.auth.script.made(UPDATE).length, 2);
  assert.match(world.delivery("r1") ?? "", / APPROVED-0-0-0\.$/);
});

Deno.test("one that is seen later is stored first", async () => {
  await using world = new World();
  await announced(world);
  await world.clock.advance(6000);
  world.auth.script.next(UPDATE, { takesMs: 1000 });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["PENDING"]);
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
});

Deno.test("what was shown is stored although the first write was lost", async () => {
  await using world = new World();
  await announced(world);
  world.auth.script.next(UPDATE, lost, lost);
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.auth.stored("r1")["resolution"], undefined);
  await world.clock.advance(30_000);
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
  assert.match(world.delivery("r1") ?? "", / APPROVED-0-0-0\.$/);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.discord.script.made(PATCH).length, 1);
});

Deno.test("an end is stored before it is shown", async () => {
  await using world = new World();
  await announced(world);
  world.auth.script.next(UPDATE, { takesMs: 1000 });
  world.auth.remove("r1");
  await world.clock.advance(0);
  assert.deepEqual(world.shown(), ["PENDING"]);
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
});

Deno.test("the requester is told once it is stored", async () => {
  await using world = new World();
  const people = {
    ...NOBODY,
    users: new Map([["alice", "600000000000000001"]]),
    notices: { ...NO_NOTICES, requester: true },
  };
  await world.start({ people: () => people });
  await world.put({ id: "r1" });
  world.auth.script.next(UPDATE, { takesMs: 1000 });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.deepEqual(world.discord.messages(TO_ALICE), []);
  await world.clock.advance(1000);
  assert.equal(world.discord.messages(TO_ALICE).length, 1);
});

Deno.test("where the write finds that somebody else wrote, all is decided again", async () => {
  await using world = new World();
  await announced(world);
  world.auth.script.next(UPDATE, {
    refuse: teleportError("FAILED_PRECONDITION"),
    meanwhile: () => {
      const entries = world.auth.stored("r1");
      world.auth.store("r1", { ...entries, reviews_count: "1" });
    },
  });
  await world.put({ id: "r1", reviews: [review()] });
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.match(world.delivery("r1") ?? "", / APPROVED-1-0-0\.$/);
});

Deno.test("a message that another process may have edited meanwhile is edited again", async () => {
  await using world = new World();
  await announced(world);
  const { id = "" } = world.discord.messages(CHANNEL)[0] ?? {};
  world.auth.script.next(UPDATE, {
    refuse: teleportError("FAILED_PRECONDITION"),
    meanwhile: () => {
      const entries = world.auth.stored("r1");
      world.auth.store("r1", {
        ...entries,
        "x-owner": "two",
        [`x-to:${CHANNEL}`]: `${CHANNEL}/${id} 1 PENDING-0-0-1.`,
      });
    },
  });
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  await world.clock.advance(30_000);
  assert.ok(world.discord.script.made(PATCH).length >= 2);
  assert.match(world.delivery("r1") ?? "", / APPROVED-1-0-0\.$/);
});

Deno.test("a message does not turn from APPROVED to EXPIRED where only its write was lost", async () => {
  await using world = new World();
  await approvalLost(world);
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["APPROVED", "PENDING"]);
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
  assert.equal(world.auth.stored("r1")["x-inferred"], undefined);
});

Deno.test("what the bot may not read is edited all the same", async () => {
  await using world = new World();
  await approvalLost(world);
  world.discord.script.always(LIST, { refuse: discordError(403, 50001) });
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["EXPIRED", "PENDING"]);
});

Deno.test("no message is looked at that its own process tells the end of", async () => {
  await using world = new World();
  await announced(world);
  world.auth.remove("r1");
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
  assert.deepEqual(world.discord.script.made(LIST), []);
});

/** A process that showed an approval is gone before that was stored, and so is the request; the next one begins. */
async function approvalLost(world: World): Promise<void> {
  const first = await announced(world);
  world.auth.script.next(UPDATE, lost);
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  await first.kill();
  assert.equal(world.auth.stored("r1")["resolution"], undefined);
  world.auth.requests.delete("r1");
  await world.put({ id: "r2" });
  await world.start({ self: "two" });
}
