import assert from "node:assert/strict";
import { NEW_THREAD } from "../../../src/deliver/due/thread_steps.ts";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import type { Thread } from "../../../src/record/plugin_data.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { hoursLater, NO_NOTICES, posted, review } from "../../fakes/samples.ts";
import {
  CHANNEL,
  loadOf,
  NOBODY,
  OTHER_CHANNEL,
  RESYNC_MS,
  World,
} from "./world.ts";

const PEOPLE: PeopleConfig = {
  ...NOBODY,
  notices: { ...NO_NOTICES, threads: true },
};
const ROLE = "role:600000000000000009";
const AFTER_MS = 600_000;
const REMINDING: PeopleConfig = {
  ...NOBODY,
  mentions: new Map([["*", [ROLE]]]),
  notices: { ...NO_NOTICES, threads: true, remindAfterMs: [AFTER_MS] },
};
const CREATE = `POST /channels/${CHANNEL}/messages/`;
const KEY = `x-thread:${CHANNEL}`;

/** Returns the ID of the thread at the only announcement. */
function threadId(world: World): string {
  const [announcement] = world.discord.messages(CHANNEL);
  return announcement?.id ?? assert.fail("nothing was announced");
}

/** Returns what the messages in the thread tell, without request and cluster. */
function said(world: World): string[] {
  return world.discord.messages(threadId(world)).map(({ content }) => {
    const [title = "", , detail = ""] = content.split("\n");
    return /^\*Reviews?/.test(detail) ? `${title} ${detail}` : title;
  });
}

Deno.test("an announcement gets a thread that tells reviews and the outcome, and is closed", async () => {
  await using world = new World();
  const { pipeline } = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1-2345678" });
  const thread = () => world.discord.threads.get(threadId(world));
  assert.deepEqual(thread(), {
    name: "alice: dev · r1-23456",
    archived: false,
    parentId: CHANNEL,
    tags: [],
  });
  assert.equal(world.auth.stored("r1-2345678")[KEY], "PENDING-0-0-0");
  await world.put({ id: "r1-2345678", reviews: [review()] });
  assert.deepEqual(said(world), [
    "This access request was reviewed: *Review*: 1",
  ]);
  assert.equal(thread()?.archived, false);
  await world.put({
    id: "r1-2345678",
    reviews: [review(), review({ author: "carol" })],
    state: "APPROVED",
    resolveReason: "fine",
  });
  assert.deepEqual(said(world), [
    "This access request was reviewed: *Review*: 1",
    "This access request was reviewed: *Review*: 2",
    "This access request was approved:",
  ]);
  assert.equal(thread()?.archived, true);
  assert.match(
    world.auth.stored("r1-2345678")[KEY] ?? "",
    /^APPROVED-.* closed$/,
  );
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("without the setting there are neither threads nor keys for them", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  assert.equal(world.discord.threads.size, 0);
  const keys = Object.keys(world.auth.stored("r1"));
  assert.deepEqual(keys.filter((key) => key.startsWith("x-thread")), []);
});

Deno.test("a reload makes threads from then on, or no more; those that are there go on", async () => {
  await using world = new World();
  let people = NOBODY;
  const { pipeline } = await world.start({ people: () => people });
  await world.put({ id: "before" });
  people = PEOPLE;
  pipeline.reloaded();
  await world.put({ id: "meanwhile" });
  people = NOBODY;
  pipeline.reloaded();
  await world.put({ id: "after" });
  for (const id of ["before", "meanwhile", "after"]) {
    await world.put({ id, state: "DENIED" });
  }
  const stored = ["before", "meanwhile", "after"]
    .map((id) => world.auth.stored(id)[KEY]);
  assert.deepEqual(stored, [undefined, "DENIED-0-0-0 closed", undefined]);
  const threads = [...world.discord.threads.values()];
  assert.deepEqual(threads.map(({ archived }) => archived), [true]);
});

Deno.test("a direct message gets no thread", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE, route: () => ["user:71"] });
  await world.put({ id: "r1" });
  assert.equal(world.discord.threads.size, 0);
  assert.equal(world.auth.stored("r1")["x-thread:user:71"], undefined);
});

for (
  const [what, code] of [
    ["without the permission", 50013],
    ["in a channel that has no threads", 50024],
  ] as const
) {
  Deno.test(`${what} there is no thread, and one warning`, async () => {
    await using world = new World();
    world.discord.script.always(CREATE, { refuse: discordError(403, code) });
    await world.start({ people: () => PEOPLE });
    await world.put({ id: "r1" });
    await world.put({ id: "r2" });
    await world.put({ id: "r1", state: "DENIED" });
    assert.deepEqual(world.shown(), ["DENIED", "PENDING"]);
    assert.equal(world.auth.stored("r1")[KEY], "none");
    assert.equal(world.auth.stored("r2")[KEY], "none");
    const warnings = world.logger.at("warning");
    assert.deepEqual(warnings.map(({ message }) => message), [
      "cannot make a thread, going on without",
    ]);
  });
}

for (
  const [what, refuse] of [
    ["too many threads are active", discordError(400, 160006)],
    ["Discord is disturbed", discordError(502)],
  ] as const
) {
  Deno.test(`while ${what}, the announcement is followed all the same`, async () => {
    await using world = new World();
    const heal = world.discord.script.always(CREATE, { refuse });
    await world.start({ people: () => PEOPLE });
    await world.put({ id: "r1" });
    await world.put({ id: "r1", state: "DENIED" });
    assert.deepEqual(world.shown(), ["DENIED"]);
    assert.equal(world.auth.stored("r1")[KEY], "wanted");
    heal();
    await world.clock.advance(120_000);
    assert.deepEqual(said(world), ["This access request was denied:"]);
    assert.match(world.auth.stored("r1")[KEY] ?? "", / closed$/);
  });
}

Deno.test("a thread whose making was not recorded is taken as it is", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  world.discord.script.next(CREATE, { takesMs: 60_000 });
  await world.put({ id: "r1" });
  await process.kill();
  assert.equal(world.discord.threads.size, 1);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.equal(world.discord.threads.size, 1);
  assert.equal(world.auth.stored("r1")[KEY], "PENDING-0-0-0");
});

Deno.test("a review that was said and not recorded is found in the thread", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  const post = `POST /channels/${threadId(world)}/messages`;
  world.discord.script.next(post, { takesMs: 60_000 });
  await world.put({ id: "r1", reviews: [review()] });
  await process.kill();
  // By then Discord has forgotten the nonce.
  await world.clock.advance(600_000);
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.deepEqual(said(world), [
    "This access request was reviewed: *Review*: 1",
  ]);
  assert.equal(world.auth.stored("r1")[KEY], "PENDING-1");
});

Deno.test("of many reviews at once, only the counts are said", async () => {
  await using world = new World();
  const process = await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await process.stop();
  const reviews = Array.from(
    { length: 11 },
    (_, i) => review({ proposedState: i < 8 ? "APPROVED" : "DENIED" }),
  );
  await world.put({ id: "r1", reviews });
  await world.start({ self: "second", people: () => PEOPLE });
  await world.clock.advance(11_000);
  assert.deepEqual(said(world), [
    "This access request has new reviews: *Reviews*: ✅ 8 ❌ 3",
  ]);
  await world.put({ id: "r1", reviews: [...reviews, review()] });
  assert.equal(
    said(world)[1],
    "This access request was reviewed: *Review*: 12",
  );
});

Deno.test("a request that went away unresolved has expired in its thread as well", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  world.auth.remove("r1");
  await world.clock.advance(0);
  assert.deepEqual(said(world), ["This access request has expired:"]);
  assert.match(world.auth.stored("r1")[KEY] ?? "", /^EXPIRED-.* closed$/);
});

Deno.test("what changes after the end is said, and the thread is closed again", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(said(world), [
    "This access request was approved:",
    "This access request was denied:",
  ]);
  assert.equal(world.discord.threads.get(threadId(world))?.archived, true);
});

Deno.test("a thread that a person reopened is left open", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  const thread = world.discord.threads.get(threadId(world)) ?? assert.fail();
  thread.archived = false;
  await world.clock.advance(2 * RESYNC_MS);
  assert.equal(thread.archived, false);
});

Deno.test("a thread that a person deleted is not made again", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  const post = `POST /channels/${threadId(world)}/messages`;
  world.discord.script.always(post, { refuse: discordError(404, 10003) });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.shown(), ["DENIED"]);
  assert.equal(world.auth.stored("r1")[KEY], "none");
  await world.put({ id: "r2" });
  assert.equal(world.discord.threads.size, 2);
});

Deno.test("two instances make one thread, and say everything once", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.start({ self: "second", people: () => PEOPLE });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
  await world.clock.advance(30_000);
  assert.deepEqual(said(world), [
    "This access request was reviewed: *Review*: 1",
    "This access request was approved:",
  ]);
});

Deno.test("a thread that cannot be made delays no other recipient", async () => {
  await using world = new World();
  world.discord.script.always(CREATE, { refuse: discordError(502) });
  await world.start({
    people: () => PEOPLE,
    route: () => [CHANNEL, OTHER_CHANNEL],
  });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", reviews: [review()] });
  const other = world.discord.messages(OTHER_CHANNEL)[0]?.id ?? "";
  assert.equal(world.discord.threads.has(other), true);
  assert.equal(world.discord.messages(other).length, 1);
});

Deno.test("a thread is made and closed while another recipient cannot be reached", async () => {
  await using world = new World();
  const { script } = world.discord;
  const closed = { refuse: discordError(403, 50013) };
  const heal = script.always(
    `POST /channels/${OTHER_CHANNEL}/messages`,
    closed,
  );
  await world.start({
    people: () => PEOPLE,
    route: () => [CHANNEL, OTHER_CHANNEL],
  });
  await world.put({ id: "r1" });
  assert.equal(world.discord.threads.size, 1);
  heal();
  await world.clock.advance(60_000);
  script.always(`PATCH /channels/${OTHER_CHANNEL}/messages/`, closed);
  // The outcome is told before the announcement shows it.
  script.next(`PATCH /channels/${CHANNEL}/messages/`, { takesMs: 1000 });
  await world.put({ id: "r1", state: "DENIED" });
  assert.equal(said(world).length, 1);
  await world.clock.advance(1000);
  assert.equal(world.discord.threads.get(threadId(world))?.archived, true);
});

Deno.test("a reminder stands in the thread, with whom it mentions", async () => {
  await using world = new World();
  await world.start({ people: () => REMINDING });
  await world.put({ id: "r1" });
  await world.clock.advance(AFTER_MS);
  assert.deepEqual(said(world), [
    "Nobody has reviewed this access request yet:",
  ]);
  const [reminder] = world.discord.messages(threadId(world));
  assert.deepEqual(reminder?.alerts, [ROLE]);
  assert.equal(reminder?.replyTo, undefined);
  assert.equal(world.discord.messages(CHANNEL).length, 1);
});

Deno.test("a reminder that may stand in the channel is not repeated in the thread", async () => {
  await using world = new World();
  const heal = world.discord.script.always(CREATE, {
    refuse: discordError(502),
  });
  await world.start({ people: () => REMINDING });
  await world.put({ id: "r1" });
  await world.clock.advance(AFTER_MS - 1);
  heal();
  const post = `POST /channels/${CHANNEL}/messages`;
  world.discord.script.next(post, { lose: discordError(502) });
  await world.clock.advance(120_000);
  assert.equal(world.discord.threads.size, 1);
  assert.deepEqual(said(world), []);
  assert.equal(world.discord.messages(CHANNEL).length, 2);
});

Deno.test("a reminder that waits while its thread is made goes to the thread", async () => {
  await using world = new World();
  await world.start({ people: () => REMINDING });
  world.discord.script.next(CREATE, { takesMs: AFTER_MS + 1000 });
  await world.put({ id: "r1", requestExpires: hoursLater(7) });
  const reminder = `POST /channels/${CHANNEL}/messages`;
  world.discord.script.next(reminder, { slotMs: 5000 });
  await world.clock.advance(AFTER_MS + 10_000);
  assert.equal(world.discord.messages(CHANNEL).length, 1);
  assert.deepEqual(said(world), [
    "Nobody has reviewed this access request yet:",
  ]);
});

/** A reminder that another process owes, which has not given the request back. */
async function owedByOther(world: World, thread: Thread): Promise<void> {
  const { id } = world.discord.add(CHANNEL, {
    content: "You have a new Role Request:\n*ID*: r1\n",
  });
  const message = { channelId: CHANNEL, messageId: id };
  world.claim(
    "r1",
    { [CHANNEL]: { ...posted(CHANNEL, "PENDING-0-0-0."), message } },
    { threads: new Map([[CHANNEL, thread]]) },
  );
  await world.put({ id: "r1", requestExpires: hoursLater(7) });
}

const REMINDER = "Nobody has reviewed this access request yet:\n*ID*: r1\n";

Deno.test("what the process before may have sent to the channel is given time to arrive", async () => {
  await using world = new World();
  await world.start({ people: () => REMINDING });
  await owedByOther(world, NEW_THREAD);
  await world.clock.advance(AFTER_MS + 19_000);
  assert.equal(world.auth.stored("r1")["x-owner"], "self");
  assert.deepEqual(said(world), []);
  world.discord.add(CHANNEL, { content: REMINDER });
  await world.clock.advance(60_000);
  assert.deepEqual(said(world), []);
  assert.ok(world.auth.stored("r1")[`x-reminded:${CHANNEL}`]);
});

Deno.test("so it is where nobody answered whether the request was taken over", async () => {
  await using world = new World();
  await world.start({ people: () => REMINDING });
  await owedByOther(world, NEW_THREAD);
  world.auth.script.next("UpdatePluginData", {
    lose: teleportError("UNAVAILABLE"),
  });
  await world.clock.advance(AFTER_MS + 19_000);
  assert.equal(world.auth.stored("r1")["x-owner"], "self");
  assert.deepEqual(said(world), []);
});

Deno.test("so it is where the request was taken over for its thread", async () => {
  await using world = new World();
  await owedByOther(world, { kind: "wanted" });
  await world.clock.advance(AFTER_MS - 15_000);
  const { pipeline } = await world.start({ people: () => REMINDING });
  await world.clock.advance(10_000);
  assert.equal(world.discord.threads.size, 1);
  await world.clock.advance(9000);
  assert.deepEqual(said(world), []);
  await world.clock.advance(1000);
  assert.equal(said(world).length, 1);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

for (
  const [what, people] of [["news", PEOPLE], ["reminders", REMINDING]] as const
) {
  Deno.test(`a bot that may not write ${what} in its threads is told of once`, async () => {
    await using world = new World();
    await world.start({ people: () => people });
    await world.put({ id: "r1" });
    await world.put({ id: "r2" });
    for (const { id } of world.discord.messages(CHANNEL)) {
      const post = `POST /channels/${id}/messages`;
      world.discord.script.always(post, { refuse: discordError(403, 50013) });
    }
    await world.clock.advance(AFTER_MS);
    await world.put({ id: "r1", state: "DENIED" });
    await world.put({ id: "r2", state: "DENIED" });
    assert.equal(world.auth.stored("r1")[KEY], "none");
    assert.equal(world.auth.stored("r2")[KEY], "none");
    const warnings = world.logger.at("warning");
    assert.deepEqual(warnings.map(({ message }) => message), [
      "cannot write in a thread, going on without",
    ]);
    assert.match(String(warnings[0]?.fields.hint), /send messages in threads/);
  });
}

Deno.test("without its thread, a reminder goes to the channel", async () => {
  await using world = new World();
  await world.start({ people: () => REMINDING });
  await world.put({ id: "r1" });
  const post = `POST /channels/${threadId(world)}/messages`;
  world.discord.script.always(post, { refuse: discordError(404, 10003) });
  await world.clock.advance(AFTER_MS);
  assert.equal(world.discord.messages(CHANNEL).length, 2);
  assert.equal(world.auth.stored("r1")[KEY], "none");
});

Deno.test("where the end of access is told, the thread is closed after it", async () => {
  await using world = new World();
  await world.start({
    people: () => ({
      ...PEOPLE,
      notices: { ...PEOPLE.notices, beforeEndMs: 60_000 },
    }),
  });
  await world.put({ id: "r1", accessExpires: hoursLater(1) });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(said(world), ["This access request was approved:"]);
  const thread = world.discord.threads.get(threadId(world));
  assert.equal(thread?.archived, false);
  await world.clock.advance(3_600_000);
  world.auth.remove("r1");
  await world.clock.advance(10_000);
  assert.equal(thread?.archived, true);
});

Deno.test("an end that was inferred and taken back is told again when it comes", async () => {
  await using world = new World();
  await world.start({ people: () => PEOPLE });
  await world.put({ id: "r1" });
  const request = world.auth.requests.get("r1");
  world.auth.requests.delete("r1");
  await world.put({ id: "r2" });
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(said(world), ["This access request has expired:"]);
  await world.put({ ...request, id: "r1" });
  await world.clock.advance(1000);
  assert.equal(world.auth.stored("r1")[KEY], "PENDING-0");
  await world.put({ id: "r1", state: "APPROVED" });
  assert.equal(said(world).at(-1), "This access request was approved:");
  assert.equal(world.discord.threads.get(threadId(world))?.archived, true);
});
