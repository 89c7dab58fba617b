import assert from "node:assert/strict";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import type { Message } from "../../fakes/memory_discord.ts";
import { monitoringRule, NO_NOTICES, review } from "../../fakes/samples.ts";
import { CHANNEL, NOBODY, OTHER_CHANNEL, World } from "./world.ts";

const ALICE = "600000000000000001";
const BOB = "600000000000000002";
const CAROL = "600000000000000003";
/** The channel of direct messages to Bob. */
const TO_BOB = "700000000000000002";

/** What the configuration says; nothing that is not given. */
function people(fields: {
  users?: Record<string, string>;
  userIdTrait?: string;
  mentions?: Record<string, string[]>;
  notices?: Partial<PeopleConfig["notices"]>;
}): PeopleConfig {
  return {
    ...NOBODY,
    users: new Map(Object.entries(fields.users ?? {})),
    userIdTrait: fields.userIdTrait,
    mentions: new Map(Object.entries(fields.mentions ?? {})),
    notices: { ...NO_NOTICES, ...fields.notices },
  };
}

const MENTION = { reviewers: "mention" } as const;
const DM = { reviewers: "dm" } as const;

function theMessage(world: World, channel = CHANNEL): Message {
  const [message, other] = world.discord.messages(channel);
  assert.ok(message !== undefined && other === undefined);
  return message;
}

/** Says what stands behind the mark of a line. */
function line(message: Message, mark: string): string | undefined {
  return message.content.split("\n")
    .find((each) => each.startsWith(`*${mark}*: `))?.slice(mark.length + 4);
}

function trait(world: World, user: string, ...values: string[]): void {
  world.auth.users.set(user, { traits: new Map([["discord_id", values]]) });
}

Deno.test("an announcement alerts the reviewers' role, and no edit does", async () => {
  await using world = new World();
  const mentions = {
    dev: [`role:${CAROL}`, `user:${BOB}`],
    "*": [`role:${ALICE}`],
  };
  await world.start({ people: () => people({ mentions }) });
  await world.put({ id: "r1" });
  const message = theMessage(world);
  assert.equal(line(message, "Attention"), `<@&${CAROL}> <@${BOB}>`);
  assert.deepEqual(message.alerts, [`role:${CAROL}`, `user:${BOB}`]);
  await world.put({ id: "r1", reviews: [review()] });
  assert.equal(line(message, "Reviews"), "✅ 1 ❌ 0");
  assert.equal(line(message, "Attention"), `<@&${CAROL}> <@${BOB}>`);
});

Deno.test("a rule that chooses the recipients changes nothing about mentions", async () => {
  await using world = new World();
  world.auth.rules.set(
    "rule",
    monitoringRule({ recipients: [OTHER_CHANNEL, `user:${BOB}`] }),
  );
  const mentions = { "*": [`role:${CAROL}`] };
  await world.start({ people: () => people({ mentions }) });
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(), []);
  assert.deepEqual(theMessage(world, OTHER_CHANNEL).alerts, [`role:${CAROL}`]);
  assert.deepEqual(world.shown(TO_BOB), ["PENDING"]);
});

Deno.test("mentions outlive the process and its configuration", async () => {
  await using world = new World();
  const mentions = { "*": [`role:${CAROL}`] };
  const first = await world.start({ people: () => people({ mentions }) });
  await world.put({ id: "r1" });
  await first.stop();
  world.auth.requests.delete("r1");
  await world.start({ self: "second" });
  await world.clock.advance(3_700_000);
  const message = theMessage(world);
  assert.match(message.content, /EXPIRED/);
  assert.equal(line(message, "Attention"), `<@&${CAROL}>`);
});

Deno.test("names of people stand as Discord shows them", async () => {
  await using world = new World();
  const users = { alice: ALICE, rita: BOB };
  await world.start({ people: () => people({ users }) });
  await world.put({ id: "r1" });
  assert.equal(line(theMessage(world), "User"), `alice (<@${ALICE}>)`);
  assert.deepEqual(theMessage(world).alerts, []);
  await world.put({ id: "r1", reviews: [review()] });
  assert.equal(theMessage(world).embeds?.[0]?.description, `<@${BOB}>`);
  assert.deepEqual(world.auth.script.made("GetUser alice"), []);
});

Deno.test("suggested reviewers are mentioned, but never the requester", async () => {
  await using world = new World();
  trait(world, "carol", "", "not an ID", CAROL);
  await world.start({
    people: () =>
      people({
        users: { alice: ALICE, bob: BOB },
        userIdTrait: "discord_id",
        mentions: { "*": [`user:${BOB}`] },
        notices: MENTION,
      }),
  });
  await world.put({
    id: "r1",
    suggestedReviewers: ["bob", "carol", "alice", "nobody@example.com"],
  });
  const message = theMessage(world);
  assert.equal(line(message, "Attention"), `<@${BOB}> <@${CAROL}>`);
  assert.deepEqual(message.alerts, [`user:${BOB}`, `user:${CAROL}`]);
  // Nothing is missing: who has no Discord user is known to have none.
  assert.match(world.delivery("r1") ?? "", /PENDING-0-0-0\.$/);
});

Deno.test("suggested reviewers are told by direct message, and it is followed", async () => {
  await using world = new World();
  await world.start({
    people: () => people({ users: { bob: BOB }, notices: DM }),
  });
  await world.put({ id: "r1", suggestedReviewers: ["bob", "unknown"] });
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.deepEqual(world.shown(TO_BOB), ["PENDING"]);
  assert.equal(line(theMessage(world), "Attention"), undefined);
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(TO_BOB), ["APPROVED"]);
});

Deno.test("suggested reviewers are left alone where that is wanted", async () => {
  await using world = new World();
  await world.start({ people: () => people({ users: { bob: BOB } }) });
  await world.put({ id: "r1", suggestedReviewers: ["bob"] });
  assert.deepEqual(theMessage(world).alerts, []);
  assert.deepEqual(world.shown(TO_BOB), []);
});

Deno.test("a slow look-up holds up no announcement, and is filled in without an alert", async () => {
  await using world = new World();
  for (const [user, id] of [["alice", ALICE], ["bob", BOB]] as const) {
    trait(world, user, id);
    world.auth.script.next(`GetUser ${user}`, { takesMs: 1000 });
  }
  const config = people({ userIdTrait: "discord_id", notices: MENTION });
  await world.start({ people: () => config });
  await world.put({ id: "r1", suggestedReviewers: ["bob"] });
  await world.clock.advance(299);
  assert.deepEqual(world.shown(), []);
  await world.clock.advance(1);
  const message = theMessage(world);
  assert.equal(line(message, "User"), "alice");
  await world.clock.advance(700);
  assert.equal(line(message, "User"), `alice (<@${ALICE}>)`);
  assert.equal(line(message, "Attention"), `<@${BOB}>`);
  assert.deepEqual(message.alerts, []);
});

Deno.test("a reviewer who becomes known late is told all the same", async () => {
  await using world = new World();
  trait(world, "bob", BOB);
  world.auth.script.next("GetUser bob", { takesMs: 1000 });
  const config = people({ userIdTrait: "discord_id", notices: DM });
  await world.start({ people: () => config });
  await world.put({ id: "r1", suggestedReviewers: ["bob"] });
  await world.clock.advance(300);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.deepEqual(world.shown(TO_BOB), []);
  await world.clock.advance(700);
  assert.deepEqual(world.shown(TO_BOB), ["PENDING"]);
});

Deno.test("a reviewer who becomes known while the Auth Service is out of reach is told later", async () => {
  await using world = new World();
  trait(world, "bob", BOB);
  world.auth.script.next("GetUser bob", { takesMs: 1000 });
  const config = people({ userIdTrait: "discord_id", notices: DM });
  await world.start({ people: () => config });
  await world.put({ id: "r1", suggestedReviewers: ["bob"] });
  await world.clock.advance(500);
  const back = world.auth.script.always("UpdatePluginData r1", {
    refuse: teleportError("UNAVAILABLE"),
  });
  await world.clock.advance(600_000);
  back();
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(TO_BOB), ["PENDING"]);
});

Deno.test("a reviewer who was mentioned is not told again by a later configuration", async () => {
  await using world = new World();
  const users = { bob: BOB };
  const before = people({ users, notices: MENTION });
  const process = await world.start({ people: () => before });
  // What no look-up names is looked up again for the next state.
  const database = { cluster: "c", kind: "db", name: "x", subResource: "" };
  await world.put({
    id: "r1",
    suggestedReviewers: ["bob"],
    resources: [database],
  });
  await process.stop();
  const after = people({ users, notices: DM });
  await world.start({ self: "second", people: () => after });
  await world.clock.advance(11_000);
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(11_000);
  assert.match(theMessage(world).content, /✅ 1/);
  assert.deepEqual(world.shown(TO_BOB), []);
});

Deno.test("who could not be looked up is looked up again for the next state", async () => {
  await using world = new World();
  trait(world, "alice", ALICE);
  world.auth.script.next("GetUser alice", {
    refuse: teleportError("UNAVAILABLE", "GetUser"),
  });
  const config = people({ userIdTrait: "discord_id" });
  await world.start({ people: () => config });
  await world.put({ id: "r1" });
  const message = theMessage(world);
  assert.equal(line(message, "User"), "alice");
  await world.clock.advance(600_000);
  assert.equal(line(message, "User"), "alice");
  await world.put({ id: "r1", reviews: [review()] });
  assert.equal(line(message, "User"), `alice (<@${ALICE}>)`);
});

Deno.test("a look-up that is denied is no reason to wait or to say less", async () => {
  await using world = new World();
  world.auth.script.always("GetUser alice", {
    refuse: teleportError("PERMISSION_DENIED", "GetUser"),
  });
  await world.start({ people: () => people({ userIdTrait: "discord_id" }) });
  await world.put({ id: "r1" });
  assert.equal(line(theMessage(world), "User"), "alice");
});

Deno.test("a trait that is no Discord user ID is told of once", async () => {
  await using world = new World();
  trait(world, "alice", "alice#1234");
  await world.start({ people: () => people({ userIdTrait: "discord_id" }) });
  for (const id of ["r1", "r2"]) {
    await world.put({ id });
    await world.clock.advance(61_000);
  }
  const [said, again] = world.logger.find("trait is not a Discord user ID");
  assert.equal(said?.fields["user"], "alice");
  assert.equal(again, undefined);
});

Deno.test("where nobody is known, nobody is looked up", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1", suggestedReviewers: ["bob"] });
  await world.put({ id: "r1", reviews: [review()] });
  assert.deepEqual(
    world.auth.script.calls.filter((call) => call.startsWith("GetUser")),
    [],
  );
});
