import assert from "node:assert/strict";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { encodePluginData } from "../../../src/record/plugin_data_codec.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import {
  NO_NOTICES,
  officialData,
  posted,
  review,
  storedEntries,
} from "../../fakes/samples.ts";
import { CHANNEL, loadOf, NOBODY, World } from "./world.ts";

const ALICE = "600000000000000001";
/** The channel of direct messages to Alice. */
const TO_ALICE = "700000000000000001";
const POST = `POST /channels/${TO_ALICE}/messages`;

const PEOPLE: PeopleConfig = {
  ...NOBODY,
  users: new Map([["alice", ALICE]]),
  notices: { ...NO_NOTICES, requester: true },
};

/** What Alice was told: the first line, without its colon. */
function told(world: World): string[] {
  return world.discord.messages(TO_ALICE).map(({ content }) =>
    content.split("\n")[0]?.slice("Your access request ".length, -1) ?? ""
  );
}

Deno.test("the requester is told of each review and of the outcome", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  assert.deepEqual(told(world), []);
  assert.equal(world.auth.stored("r1")["x-told"], "PENDING-0-0-0");
  const reviews = [review({ reason: "fine" })];
  await world.put({ id: "r1", reviews });
  await world.put({ id: "r1", state: "APPROVED", resolveReason: "go" });
  assert.deepEqual(told(world), ["was reviewed", "was approved"]);
  assert.equal(world.auth.stored("r1")["x-told"], "APPROVED-1-0-0");
  const [first, second] = world.discord.messages(TO_ALICE);
  assert.equal(
    first?.content,
    "Your access request was reviewed:\n*ID*: r1\n*Cluster*: example.com\n" +
      "*Reviews*: ✅ 1 ❌ 0\n*Status*: ⏳ PENDING",
  );
  assert.equal(
    first?.embeds?.[0]?.description,
    "Reason: ```\nfine```",
  );
  assert.match(second?.content ?? "", /\*Access\*: 8h, ends <t:/);
  // The review was told before, the reason is new.
  assert.deepEqual(second?.embeds?.map(({ title }) => title), [
    "Resolution reason",
  ]);
});

Deno.test("nothing else tells the requester anything", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(700_000);
  world.auth.remove("r1");
  await world.clock.advance(700_000);
  assert.deepEqual(told(world), ["was denied"]);
});

Deno.test("news that were missed come in one message", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await process.stop();
  const reviews = [review(), review({ proposedState: "DENIED" }), review()];
  world.auth.put({
    ...(world.auth.requests.get("r1") ?? assert.fail()),
    state: "APPROVED",
    reviews,
  });
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.deepEqual(told(world), ["was approved"]);
  assert.equal(world.discord.messages(TO_ALICE)[0]?.embeds?.length, 3);
});

Deno.test("reviews before the first announcement are news", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1", reviews: [review()] });
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.deepEqual(told(world), ["was reviewed"]);
});

Deno.test("a request that nobody answers ends with one message", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.auth.remove("r1");
  await world.clock.advance(0);
  assert.deepEqual(told(world), ["has expired"]);
});

Deno.test("closed direct messages hold up nothing, get their own warning, and are tried again", async () => {
  await using world = new World();
  const opened = world.discord.script.always(POST, {
    refuse: discordError(403, 50007),
  });
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  const [warning, other] = world.logger.find(
    "recipient cannot be reached, trying again from time to time",
  );
  assert.equal(warning?.fields["recipient"], `user:${ALICE}`);
  assert.match(String(warning?.fields["hint"]), /direct messages/);
  assert.equal(other, undefined);
  opened();
  await world.clock.advance(60_000);
  assert.deepEqual(told(world), ["was approved"]);
});

Deno.test("a requester who cannot be reached is tried no longer than there is anything to tell", async () => {
  await using world = new World();
  world.discord.script.always("POST /users/@me/channels", {
    refuse: discordError(403, 50278),
  });
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  world.auth.remove("r1");
  world.auth.data.delete("r1");
  await world.clock.advance(60_000);
  assert.deepEqual(loadOf(process.pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("a crash after the message was sent tells nobody twice", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.put({ id: "r1", state: "APPROVED" });
  await process.kill();
  assert.deepEqual(told(world), ["was approved"]);
  assert.equal(world.auth.stored("r1")["x-told"], "PENDING-0-0-0");
  // By then Discord has forgotten the nonce.
  await world.clock.advance(600_000);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.deepEqual(told(world), ["was approved"]);
  assert.equal(world.auth.stored("r1")["x-told"], "APPROVED-0-0-0");
});

Deno.test("after news that were refused, later news are tried at once", async () => {
  await using world = new World();
  const heal = world.discord.script.always(POST, {
    refuse: discordError(400, 50033),
  });
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(5000);
  heal();
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  assert.deepEqual(told(world), ["was approved"]);
});

Deno.test("news that were sent are found behind 600 newer messages", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.put({ id: "r1", state: "APPROVED" });
  await process.kill();
  for (let i = 0; i < 600; i++) world.discord.add(TO_ALICE, { authorId: "1" });
  await world.clock.advance(600_000);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.deepEqual(told(world).filter((text) => text !== ""), ["was approved"]);
});

for (const seen of [[], [review()]]) {
  Deno.test(`a requester who becomes known after ${seen.length} reviews is told of the next news`, async () => {
    await using world = new World();
    let people = { ...PEOPLE, users: NOBODY.users };
    await world.start({ people: () => people });
    await world.put({ id: "r1" });
    if (seen.length > 0) await world.put({ id: "r1", reviews: seen });
    await world.clock.advance(3_600_000);
    people = PEOPLE;
    await world.put({ id: "r1", reviews: seen, state: "DENIED" });
    assert.deepEqual(told(world), ["was denied"]);
  });

  Deno.test(`a requester whose trait is set after ${seen.length} reviews is told of the next news`, async () => {
    await using world = new World();
    world.auth.users.set("alice", { traits: new Map() });
    const people = {
      ...PEOPLE,
      users: NOBODY.users,
      userIdTrait: "discord_id",
    };
    await world.start({ people: () => people });
    await world.put({ id: "r1" });
    if (seen.length > 0) await world.put({ id: "r1", reviews: seen });
    await world.clock.advance(3_600_000);
    world.auth.users.set("alice", {
      traits: new Map([["discord_id", [ALICE]]]),
    });
    await world.put({ id: "r1", reviews: seen, state: "DENIED" });
    assert.deepEqual(told(world), ["was denied"]);
  });
}

Deno.test("a message that was refused for its words goes out without those", async () => {
  await using world = new World();
  world.discord.script.next(POST, { refuse: discordError(400, 240000) });
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED", resolveReason: "bad words" });
  assert.deepEqual(told(world), ["was denied"]);
  assert.deepEqual(world.discord.messages(TO_ALICE)[0]?.embeds, []);
});

Deno.test("a requester who cannot be looked up now is told later", async () => {
  await using world = new World();
  world.auth.users.set("alice", {
    traits: new Map([["discord_id", [ALICE]]]),
  });
  const people = { ...PEOPLE, users: NOBODY.users };
  const found = world.auth.script.always("GetUser alice", {
    refuse: teleportError("UNAVAILABLE", "GetUser"),
  });
  await world.start({
    people: () => ({ ...people, userIdTrait: "discord_id" }),
  });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.deepEqual(told(world), []);
  found();
  await world.clock.advance(60_000);
  assert.deepEqual(told(world), ["was approved"]);
});

Deno.test("a requester whom the role may not look up is asked for rarely, and no longer than there is anything to tell", async () => {
  await using world = new World();
  world.auth.users.set("alice", {
    traits: new Map([["discord_id", [ALICE]]]),
  });
  const denial = teleportError("PERMISSION_DENIED", "GetUser");
  const allow = world.auth.script.always("GetUser alice", { refuse: denial });
  const people = {
    ...PEOPLE,
    users: NOBODY.users,
    userIdTrait: "discord_id",
  };
  const { pipeline } = await world.start({ people: () => people });
  for (const id of ["r1", "r2"]) {
    await world.put({ id });
    await world.put({ id, state: "APPROVED" });
  }
  const asked = () => world.auth.script.made("GetUser alice").length;
  const before = asked();
  await world.clock.advance(3_600_000);
  assert.ok(asked() - before <= 2 * 13, `asked ${asked() - before} times`);
  const said = world.logger.find("may not look up the requester, will retry");
  assert.deepEqual(said.map(({ fields }) => fields["user"]), ["alice"]);
  assert.deepEqual(
    world.logger.find("cannot reach the Auth Service, will retry"),
    [],
  );

  // Its access is over, and Teleport drops what is stored about it.
  world.auth.requests.delete("r2");
  world.auth.data.delete("r2");
  await world.clock.advance(600_000);
  assert.deepEqual(loadOf(pipeline), { requests: 1, deliveries: 1 });
  allow();
  await world.clock.advance(600_000);
  assert.deepEqual(told(world), ["was approved"]);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("a requester without a Discord user is skipped, which is said once", async () => {
  await using world = new World();
  const { pipeline } = await world.start({
    people: () => ({ ...PEOPLE, users: NOBODY.users }),
  });
  for (const id of ["r1", "r2"]) {
    await world.put({ id });
    await world.put({ id, state: "APPROVED" });
  }
  const lines = world.logger.find(
    "requester has no Discord user, telling nobody",
  );
  assert.equal(lines.length, 1);
  assert.equal(world.auth.stored("r2")["x-told"], "APPROVED-0-0-0");
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("of a request that the official plugin announced, what comes next is news", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  const data = officialData({
    reviewsCount: 1,
    deliveries: new Map([[CHANNEL, posted(CHANNEL, "?")]]),
  });
  world.auth.store("r1", storedEntries(encodePluginData(data)));
  world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
  await world.put({ id: "r1", reviews: [review()] });
  assert.deepEqual(told(world), []);
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(told(world), ["was denied"]);
});

Deno.test("a deleted message to the requester stays deleted", async () => {
  await using world = new World();
  world.discord.script.next(POST, { lose: discordError(502) });
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  const [message] = world.discord.messages(TO_ALICE);
  assert.ok(message !== undefined);
  message.deleted = true;
  await world.clock.advance(10_000);
  assert.equal(world.discord.messages(TO_ALICE).length, 1);
  assert.equal(world.auth.stored("r1")["x-told"], "APPROVED-0-0-0");
});
