import assert from "node:assert/strict";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { discordError, type Message } from "../../fakes/memory_discord.ts";
import {
  accessRequest,
  hoursLater,
  NO_NOTICES,
  review,
} from "../../fakes/samples.ts";
import { CHANNEL, loadOf, NOBODY, OTHER_CHANNEL, World } from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const ROLE = "role:600000000000000009";
const AFTER_MS = 600_000;

const PEOPLE: PeopleConfig = {
  ...NOBODY,
  mentions: new Map([["*", [ROLE]]]),
  notices: { ...NO_NOTICES, remindAfterMs: [AFTER_MS] },
};

function replies(world: World, channel = CHANNEL): Message[] {
  return world.discord.messages(channel).filter((message) =>
    message.replyTo !== undefined
  );
}

Deno.test("an unreviewed request is reminded of once, with its mentions", async () => {
  await using world = new World();
  const { pipeline } = await world.start({
    people: () => PEOPLE,
    route: () => [CHANNEL, OTHER_CHANNEL],
  });
  await world.put({ id: "r1" });
  const [announcement] = world.discord.messages(CHANNEL);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
  await world.clock.advance(AFTER_MS - 1);
  assert.deepEqual(replies(world), []);
  await world.clock.advance(1);
  const [reminder] = replies(world);
  assert.equal(reminder?.replyTo, announcement?.id);
  assert.deepEqual(reminder?.alerts, [ROLE]);
  assert.equal(
    reminder?.content,
    `Nobody has reviewed this access request yet:
*ID*: r1
*Requested*: <t:1795380680:R>
Request expires <t:1795384280:R>
*Attention*: <@&600000000000000009>`,
  );
  assert.equal(replies(world, OTHER_CHANNEL).length, 1);
  assert.equal(
    world.auth.stored("r1")[`x-reminded:${CHANNEL}`],
    "2026-11-22T21:01:20Z",
  );
  await world.clock.advance(2 * AFTER_MS);
  assert.equal(replies(world).length, 1);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

for (
  const [what, change] of [
    ["reviewed", { reviews: [review()] }],
    ["approved", { state: "APPROVED" }],
  ] as const
) {
  Deno.test(`a request that was ${what} is not reminded of`, async () => {
    await using world = new World();
    await world.start({ people: () => PEOPLE });
    await world.put({ id: "r1" });
    await world.put({ id: "r1", ...change });
    await world.clock.advance(2 * AFTER_MS);
    assert.deepEqual(replies(world), []);
  });
}

Deno.test("a review that was not heard of is read before a reminder", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  const request = world.auth.requests.get("r1") ?? assert.fail();
  // The event got lost, and no sweep comes in between.
  world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
  world.auth.requests.set("r1", { ...request, reviews: [review()] });
  await world.clock.advance(AFTER_MS);
  assert.deepEqual(replies(world), []);
});

Deno.test("a request that has expired is not reminded of", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1", requestExpires: hoursLater(0.1) });
  await world.clock.advance(AFTER_MS);
  assert.deepEqual(replies(world), []);
});

Deno.test("what fell due while the plugin was down is made good at start", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await process.stop();
  await world.clock.advance(AFTER_MS);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.equal(replies(world).length, 1);
});

Deno.test("what is announced late is not reminded of at once", async () => {
  await using world = new World();
  world.auth.put(accessRequest({ id: "r1" }));
  await world.clock.advance(2 * AFTER_MS);
  await world.start({ people: () => PEOPLE });
  assert.deepEqual(world.shown(), ["PENDING"]);
  await world.clock.advance(AFTER_MS - 1);
  assert.deepEqual(replies(world), []);
  await world.clock.advance(1);
  assert.equal(replies(world).length, 1);
});

Deno.test("a channel that is closed delays no reminder elsewhere", async () => {
  await using world = new World();
  const notices = { ...NO_NOTICES, remindAfterMs: [30_000] };
  world.discord.script.always(`POST /channels/${OTHER_CHANNEL}/messages`, {
    refuse: discordError(403, 50001),
  });
  await world.start({
    people: () => ({ ...PEOPLE, notices }),
    route: () => [CHANNEL, OTHER_CHANNEL],
  });
  await world.put({ id: "r1" });
  await world.clock.advance(29_999);
  assert.deepEqual(replies(world), []);
  await world.clock.advance(1);
  assert.equal(replies(world).length, 1);
});

Deno.test("two instances remind once", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.start({ self: "second", people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.clock.advance(AFTER_MS + 60_000);
  assert.equal(replies(world).length, 1);
});

Deno.test("a reminder whose answer was lost is found again", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.clock.advance(AFTER_MS);
  await process.kill();
  assert.equal(replies(world).length, 1);
  // By then Discord has forgotten the nonce.
  await world.clock.advance(600_000);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.equal(replies(world).length, 1);
  assert.ok(world.auth.stored("r1")[`x-reminded:${CHANNEL}`] !== undefined);
});

Deno.test("a reminder whose answer was lost is found behind 600 newer messages", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.clock.advance(AFTER_MS);
  await process.kill();
  for (let i = 0; i < 600; i++) world.discord.add(CHANNEL, { authorId: "1" });
  await world.clock.advance(600_000);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.equal(replies(world).length, 1);
});

Deno.test("a bot that may not reply reminds all the same", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { refuse: discordError(403, 160002) });
  await world.clock.advance(AFTER_MS);
  const [, reminder] = world.discord.messages(CHANNEL);
  assert.match(reminder?.content ?? "", /^Nobody has reviewed/);
  assert.equal(reminder?.replyTo, undefined);
});

Deno.test("a reminder of a deleted message is given up", async () => {
  await using world = new World();
  const { pipeline } = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { refuse: discordError(400, 50035) });
  await world.clock.advance(AFTER_MS);
  assert.deepEqual(replies(world), []);
  assert.equal(world.logger.find("reminder was refused").length, 1);
  await world.clock.advance(AFTER_MS);
  assert.deepEqual(replies(world), []);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

/** Reminds after 10 and after 40 minutes. */
const AGAIN: PeopleConfig = {
  ...PEOPLE,
  notices: { ...NO_NOTICES, remindAfterMs: [AFTER_MS, 4 * AFTER_MS] },
};

Deno.test("each time of a list reminds once more, until the first review", async () => {
  await using world = new World();
  const { pipeline } = await world.start({ people: () => AGAIN });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  await world.clock.advance(AFTER_MS);
  const [first] = replies(world);
  assert.equal(replies(world).length, 2);
  assert.equal(
    world.auth.stored("r1")[`x-reminders:${CHANNEL}`],
    `1 ${first?.id}`,
  );
  await world.put({ id: "r2", reviews: [review()] });
  await world.clock.advance(3 * AFTER_MS - 1);
  assert.equal(replies(world).length, 2);
  await world.clock.advance(1);
  const [, , third] = replies(world);
  assert.equal(replies(world).length, 3);
  assert.match(third?.content ?? "", /^Nobody has reviewed .*\n\*ID\*: r1\n/);
  assert.deepEqual(third?.alerts, [ROLE]);
  const stored = world.auth.stored("r1");
  assert.equal(stored[`x-reminders:${CHANNEL}`], `2 ${third?.id}`);
  assert.equal(stored[`x-reminded:${CHANNEL}`], "2026-11-22T21:31:20Z");
  await world.clock.advance(4 * AFTER_MS);
  assert.equal(replies(world).length, 3);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("of the reminders that fell due while the plugin was down the latest is made good", async () => {
  await using world = new World();
  const process = await world.start({ people: () => AGAIN });
  await world.put({ id: "r1", requestExpires: hoursLater(4) });
  await process.stop();
  await world.clock.advance(4 * AFTER_MS);
  await world.start({ self: "second", people: () => AGAIN });
  await world.clock.advance(11_000);
  const [reminder, another] = replies(world);
  assert.equal(another, undefined);
  assert.equal(
    world.auth.stored("r1")[`x-reminders:${CHANNEL}`],
    `2 ${reminder?.id}`,
  );
});

Deno.test("a second reminder whose answer was lost is found, and is not taken for the first", async () => {
  await using world = new World();
  const process = await world.start({ people: () => AGAIN });
  await world.put({ id: "r1", requestExpires: hoursLater(4) });
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.clock.advance(AFTER_MS);
  // The first is there, and not recorded; then nobody is there until the second is due.
  await process.kill();
  assert.equal(replies(world).length, 1);
  await world.clock.advance(3 * AFTER_MS);
  const next = await world.start({ self: "second", people: () => AGAIN });
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.clock.advance(11_000);
  await next.kill();
  assert.equal(replies(world).length, 2);
  // By then Discord has forgotten the nonce.
  await world.clock.advance(AFTER_MS);
  await world.start({ self: "third", people: () => AGAIN });
  await world.clock.advance(11_000);
  const [, second] = replies(world);
  assert.equal(replies(world).length, 2);
  assert.equal(
    world.auth.stored("r1")[`x-reminders:${CHANNEL}`],
    `2 ${second?.id}`,
  );
});

Deno.test("two instances send each of several reminders once", async () => {
  await using world = new World();
  await world.start({ people: () => AGAIN });
  await world.start({ self: "second", people: () => AGAIN });
  await world.put({ id: "r1", requestExpires: hoursLater(4) });
  await world.clock.advance(5 * AFTER_MS);
  assert.equal(replies(world).length, 2);
});

Deno.test("a reload that adds a time reminds at that time", async () => {
  await using world = new World();
  let people = PEOPLE;
  const { pipeline } = await world.start({ people: () => people });
  await world.put({ id: "r1", requestExpires: hoursLater(4) });
  await world.clock.advance(AFTER_MS);
  assert.equal(world.auth.stored("r1")[`x-reminders:${CHANNEL}`], undefined);
  people = AGAIN;
  pipeline.reloaded();
  await world.clock.advance(3 * AFTER_MS - 1);
  assert.equal(replies(world).length, 1);
  await world.clock.advance(1);
  assert.equal(replies(world).length, 2);
});
