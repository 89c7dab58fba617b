/**
 * Edits that are made while what they show is being stored.
 */

import assert from "node:assert/strict";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import type { AccessRequest } from "../../../src/ports/access_request.ts";
import { encodePluginData } from "../../../src/record/plugin_data_codec.ts";
import type { HiddenFields } from "../../../src/record/hidden_fields.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import {
  NO_NOTICES,
  officialData,
  posted,
  review,
  storedEntries,
} from "../../fakes/samples.ts";
import { CHANNEL, CLAIM_REFUSED_MS, NOBODY, World } from "./world.ts";

/** The channel of direct messages to the requester. */
const TO_ALICE = "700000000000000001";

const TELLS_ALICE: PeopleConfig = {
  ...NOBODY,
  users: new Map([["alice", "600000000000000001"]]),
  notices: { ...NO_NOTICES, requester: true },
};

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

Deno.test("so is one of what was approved: a message is trusted only where nothing was decided", async () => {
  await using world = new World();
  await announced(world);
  await world.put({ id: "r1", state: "APPROVED" });
  world.auth.script.next(UPDATE, { takesMs: 1000 });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("what was shown is stored although its write was lost, and then shown once more", async () => {
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
  assert.equal(world.discord.script.made(PATCH).length, 2);
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
  await world.start({ people: () => TELLS_ALICE });
  await world.put({ id: "r1" });
  world.auth.script.next(UPDATE, { takesMs: 1000 });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.deepEqual(world.discord.messages(TO_ALICE), []);
  await world.clock.advance(1000);
  assert.equal(world.discord.messages(TO_ALICE).length, 1);
});

Deno.test("the requester is told although the first write was lost, of what the official plugin announced too", async () => {
  await using world = new World();
  await world.start({ people: () => TELLS_ALICE });
  const deliveries = new Map([[CHANNEL, posted(CHANNEL, "?")]]);
  const data = encodePluginData(officialData({ deliveries }));
  world.auth.store("r1", storedEntries(data));
  world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
  await world.put({ id: "r1" });
  await world.clock.advance(CLAIM_REFUSED_MS);
  assert.deepEqual(world.shown(), ["PENDING"]);
  world.auth.script.next(UPDATE, lost);
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.auth.stored("r1")["resolution"], undefined);
  await world.clock.advance(30_000);
  assert.equal(world.discord.messages(TO_ALICE).length, 1);
  assert.equal(world.auth.stored("r1")["x-told"], "APPROVED-1-0-0");
});

Deno.test("nothing older is shown where the write is lost before an edit that shows more parts", async () => {
  await using world = new World();
  let hides: HiddenFields = ["reason"];
  await world.start({ self: "one", hiddenFor: () => hides });
  await world.put({ id: "r1" });
  hides = [];
  world.auth.script.next(UPDATE, lost);
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.discord.script.made(PATCH).length, 1);
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
  await leftUnstored(world, { state: "APPROVED" });
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["APPROVED", "PENDING"]);
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
  assert.equal(world.auth.stored("r1")["x-inferred"], undefined);
});

Deno.test("nor to PENDING where nothing says that the request is gone", async () => {
  await using world = new World();
  const first = await announced(world);
  // The review is stored and not shown yet, so the next process has something to edit.
  world.discord.script.next(PATCH, { refuse: discordError(500) });
  await world.put({ id: "r1", reviews: [review()] });
  world.auth.script.next(UPDATE, { ...lost, takesMs: 4000 });
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  await world.clock.advance(3000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  await first.kill();
  assert.equal(world.auth.stored("r1")["resolution"], undefined);
  world.auth.requests.delete("r1");
  await world.start({ self: "two" });
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
});

Deno.test("nor does it lose the reviews", async (t) => {
  const reviews = [review(), review({ proposedState: "DENIED" })];
  const counts = "*Reviews*: ✅ 1 ❌ 1";
  for (
    const [state, after] of [["DENIED", "DENIED"], [
      "PENDING",
      "EXPIRED",
    ]] as const
  ) {
    await t.step(`${state}, then ${after}`, async () => {
      await using world = new World();
      await leftUnstored(world, { state, reviews });
      await world.clock.advance(30_000);
      const [{ content = "" } = {}] = world.discord.messages(CHANNEL);
      assert.deepEqual(world.shown(), [after, "PENDING"]);
      assert.ok(content.includes(counts), content);
      assert.equal(world.auth.stored("r1")["x-reviews"], "1/1/0");
    });
  }
});

Deno.test("what a process shows that stops is not lost where it gives the request back", async () => {
  await using world = new World();
  const first = await announced(world);
  world.auth.script.next(UPDATE, lost);
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  await first.stop();
  world.auth.requests.delete("r1");
  await world.put({ id: "r2" });
  await world.start({ self: "two" });
  await world.clock.advance(30_000);
  assert.deepEqual(world.shown(), ["APPROVED", "PENDING"]);
});

Deno.test("what the bot may not read is edited all the same", async () => {
  await using world = new World();
  await leftUnstored(world, { state: "APPROVED" });
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

/** A process that showed something is gone before that was stored, and so is the request; the next one begins. */
async function leftUnstored(
  world: World,
  seen: Partial<AccessRequest>,
): Promise<void> {
  const first = await announced(world);
  world.auth.script.next(UPDATE, lost);
  await world.put({ id: "r1", ...seen });
  assert.equal(world.discord.script.made(PATCH).length, 1);
  await first.kill();
  assert.equal(world.auth.stored("r1")["resolution"], undefined);
  world.auth.requests.delete("r1");
  await world.put({ id: "r2" });
  await world.start({ self: "two" });
}
