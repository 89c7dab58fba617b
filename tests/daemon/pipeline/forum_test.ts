import assert from "node:assert/strict";
import { KO } from "../../../src/message/catalogue/ko.ts";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { DiscordApiError } from "../../../src/ports/discord_error.ts";
import {
  BOT_ID,
  discordError,
  type Message,
  PERSON_ID,
  type Thread,
} from "../../fakes/memory_discord.ts";
import { hoursLater, NO_NOTICES, review } from "../../fakes/samples.ts";
import {
  CHANNEL as FORUM,
  loadOf,
  NOBODY,
  OTHER_CHANNEL,
  OWED,
  RESYNC_MS,
  World,
} from "./world.ts";

const ID = "r1-2345678";
const CREATE = `POST /channels/${FORUM}/threads`;
const REFUSED = `POST /channels/${FORUM}/messages`;
const AFTER_MS = 600_000;

/** A world whose channel is a forum. */
function forumWorld(...tags: readonly string[]): World {
  const world = new World();
  world.discord.addForum(FORUM, ...tags);
  return world;
}

/** Returns the only post of the forum. */
function onlyPost(world: World): Thread & { readonly id: string } {
  const posts = world.discord.posts(FORUM);
  assert.equal(posts.length, 1, "not one post");
  const [[id, thread] = assert.fail()] = posts;
  return { id, ...thread };
}

/** Returns the only post of the forum, to be changed. */
function onlyThread(world: World): Thread {
  return world.discord.threads.get(onlyPost(world).id) ?? assert.fail();
}

/** Returns what stands in the post, the announcement first: titles, and numbers of reviews. */
function said(world: World): string[] {
  return world.discord.messages(onlyPost(world).id).map(({ content }) => {
    const [title = "", , detail = ""] = content.split("\n");
    return /^\*Reviews?/.test(detail) ? `${title} ${detail}` : title;
  });
}

function announcement(world: World): Message {
  return world.discord.messages(onlyPost(world).id)[0] ?? assert.fail();
}

const ANNOUNCED = "You have a new Role Request:";
const APPROVED = "This access request was approved:";

Deno.test("a request becomes a post that tells reviews and the outcome, and is closed", async () => {
  await using world = forumWorld();
  const { pipeline } = await world.start();
  await world.put({ id: ID });
  const { id, name, archived } = onlyPost(world);
  assert.deepEqual([name, archived], ["alice: dev · r1-23456", false]);
  const stored = world.auth.stored(ID);
  assert.equal(stored["messages"], `${id}/${id}`);
  assert.match(world.delivery(ID) ?? "", new RegExp(`^${id}/${id} 1 PENDING`));
  assert.equal(stored[`x-thread:${FORUM}`], "PENDING-0-0-0");
  assert.equal(stored[`x-tag:${FORUM}`], "PENDING");
  await world.put({ id: ID, reviews: [review()] });
  await world.put({ id: ID, reviews: [review()], state: "APPROVED" });
  assert.deepEqual(said(world), [
    ANNOUNCED,
    "This access request was reviewed: *Review*: 1",
    APPROVED,
  ]);
  assert.match(announcement(world).content, /APPROVED/);
  assert.equal(onlyPost(world).archived, true);
  assert.match(
    world.auth.stored(ID)[`x-thread:${FORUM}`] ?? "",
    /^APPROVED-.* closed$/,
  );
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("only the first request finds out that a channel is a forum", async () => {
  await using world = forumWorld();
  await world.start();
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  const { script } = world.discord;
  assert.equal(script.made(REFUSED).length, 1);
  assert.equal(script.made(`GET /channels/${FORUM}`).length, 1);
  assert.equal(world.discord.posts(FORUM).length, 2);
});

for (const code of [40058, 50008, 50024]) {
  Deno.test(`${code} of a channel that is no forum closes it as before`, async () => {
    await using world = new World();
    world.discord.script.always(REFUSED, { refuse: discordError(400, code) });
    await world.start();
    await world.put({ id: "r1" });
    assert.equal(world.discord.script.made(CREATE).length, 0);
    const [warning] = world.logger.at("warning");
    assert.match(
      `${warning?.message} ${warning?.fields["code"]}`,
      new RegExp(
        `(?:cannot be reached, trying again|ever more rarely).* ${code}$`,
      ),
    );
  });
}

Deno.test("other recipients get their message while a forum refuses posts", async () => {
  await using world = forumWorld();
  world.discord.addForum(FORUM).requiresTag = true;
  await world.start({ route: () => [FORUM, OTHER_CHANNEL] });
  await world.put({ id: ID });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  const [warning] = world.logger.at("warning");
  assert.match(`${warning?.fields["hint"]}`, /add a tag with the name Pending/);
  // A moderator does so.
  world.discord.addForum(FORUM, "pending");
  await world.clock.advance(120_000);
  assert.deepEqual(onlyPost(world).tags, ["1"]);
});

Deno.test("the name of a post hides what the forum may not read", async () => {
  await using world = forumWorld();
  await world.start({ hiddenFor: () => ["user", "roles"] });
  await world.put({ id: ID });
  assert.equal(onlyPost(world).name, "Access request · r1-23456");
});

Deno.test("a post whose answer was lost is found after ten seconds, not made again", async () => {
  await using world = forumWorld();
  await world.start();
  await world.put({ id: "r0" });
  world.discord.script.next(CREATE, { lose: discordError(502) });
  await world.put({ id: ID });
  await world.clock.advance(9_000);
  assert.equal(world.discord.script.made("GET /guilds/1").length, 0);
  await world.clock.advance(2_000);
  assert.equal(world.discord.script.made("GET /guilds/1").length, 1);
  assert.equal(world.discord.posts(FORUM).length, 2);
  assert.match(world.delivery(ID) ?? "", /\/\d+ 1 /);
});

Deno.test("a post that never arrived is made again after a search", async () => {
  await using world = forumWorld();
  await world.start();
  world.discord.script.next(CREATE, { refuse: discordError(503) });
  await world.put({ id: ID });
  assert.equal(world.discord.posts(FORUM).length, 0);
  await world.clock.advance(11_000);
  assert.deepEqual(said(world), [ANNOUNCED]);
});

Deno.test("a post that was made and not recorded is found by the next process, even in the archive", async () => {
  await using world = forumWorld();
  const process = await world.start();
  world.discord.script.next(CREATE, { takesMs: 60_000 });
  await world.put({ id: ID });
  await process.kill();
  const [[id, thread] = assert.fail()] = world.discord.posts(FORUM);
  thread.archived = true;
  await world.clock.advance(600_000);
  await world.start({ self: "second", textsFor: () => KO });
  await world.clock.advance(11_000);
  assert.equal(onlyPost(world).id, id);
  assert.equal(world.auth.stored(ID)["messages"], `${id}/${id}`);
});

Deno.test("a post is found by what it says, not by its name alone", async () => {
  await using world = forumWorld();
  const { discord } = world;
  const name = "alice: dev · r1-23456";
  for (const authorId of [BOT_ID, PERSON_ID]) {
    const message = discord.add(authorId, {
      authorId,
      content: `${ANNOUNCED}\n*ID*: r1-2345999`,
    });
    discord.threads.set(message.id, {
      name,
      archived: false,
      parentId: FORUM,
      tags: [],
    });
  }
  world.claim(ID, { [FORUM]: OWED });
  await world.put({ id: ID });
  await world.start();
  await world.clock.advance(21_000);
  assert.equal(discord.posts(FORUM).length, 3);
});

Deno.test("a request that resolved while its post was in doubt is followed if it is there", async () => {
  await using world = forumWorld();
  const process = await world.start();
  world.discord.script.next(CREATE, { takesMs: 60_000 });
  await world.put({ id: ID });
  await process.kill();
  await world.put({ id: ID, state: "DENIED" });
  await world.start({ self: "second" });
  await world.clock.advance(21_000);
  assert.match(announcement(world).content, /DENIED/);
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a process that stops with a post in doubt leaves the next one its time to arrive", async () => {
  await using world = forumWorld();
  const process = await world.start();
  await world.put({ id: "r0" });
  world.discord.script.next(CREATE, { lose: discordError(502) });
  await world.put({ id: ID });
  await process.stop();
  assert.equal(world.auth.stored(ID)["x-owner"], "self");
});

Deno.test("a post that had its time to arrive keeps nobody waiting, though it could not be looked for", async () => {
  await using world = forumWorld();
  const process = await world.start();
  await world.put({ id: "r0" });
  world.discord.script.next(CREATE, { lose: discordError(502) });
  const heal = world.discord.script.always("GET /guilds/1", {
    refuse: discordError(502),
  });
  await world.put({ id: ID });
  await world.clock.advance(10_000);
  await process.stop();
  assert.equal(world.auth.stored(ID)["x-owner"], undefined);
  heal();
  await world.start({ self: "second" });
  assert.match(world.delivery(ID) ?? "", / 1 PENDING/);
  assert.equal(world.discord.posts(FORUM).length, 2);
});

Deno.test("two processes that both owe a post do not keep taking it from each other", async () => {
  await using world = forumWorld();
  await world.start();
  await world.start({ self: "second" });
  const heal = world.discord.script.always(CREATE, {
    refuse: discordError(503),
  });
  await world.put({ id: ID });
  await world.clock.advance(60_000);
  heal();
  await world.clock.advance(30_000);
  assert.deepEqual(said(world), [ANNOUNCED]);
});

Deno.test("of two processes that take over, slow searches keep none from posting", async () => {
  await using world = forumWorld();
  world.claim(ID, { [FORUM]: OWED });
  await world.put({ id: ID });
  world.discord.script.always("GET /guilds/1", { takesMs: 3000 });
  await world.start();
  await world.start({ self: "second" });
  await world.clock.advance(30_000);
  assert.deepEqual(said(world), [ANNOUNCED]);
});

Deno.test("a post that a person deleted is gone, and the forum goes on", async () => {
  await using world = forumWorld();
  await world.start();
  await world.put({ id: ID });
  world.discord.deletePost(onlyPost(world).id);
  await world.put({ id: ID, state: "DENIED" });
  assert.match(world.delivery(ID) ?? "", / gone$/);
  assert.equal(world.auth.stored(ID)[`x-thread:${FORUM}`], "none");
  await world.put({ id: "r2" });
  assert.equal(world.discord.posts(FORUM).length, 1);
  await world.clock.advance(2 * RESYNC_MS);
  assert.equal(world.discord.posts(FORUM).length, 1);
});

for (
  const [what, edit, unarchive] of [
    ["is locked", discordError(400, 160005), undefined],
    [
      "cannot be opened",
      discordError(400, 50083),
      discordError(403, 50013, "PATCH /channels/:id"),
    ],
  ] as const
) {
  Deno.test(`a post that ${what} does not keep others from the forum`, async () => {
    await using world = forumWorld();
    await world.start();
    await world.put({ id: ID });
    const { id } = onlyPost(world);
    const { script } = world.discord;
    const heal = script.always(`PATCH /channels/${id}/messages/`, {
      refuse: edit,
    });
    const open = unarchive &&
      script.always(`PATCH /channels/${id}`, { refuse: unarchive });
    await world.put({ id: ID, reviews: [review()] });
    await world.put({ id: "r2" });
    assert.equal(world.discord.posts(FORUM).length, 2);
    const messages = world.logger.lines.map(({ message }) => message);
    assert.ok(
      messages.includes("delivery failed, trying again ever more rarely"),
    );
    heal();
    open?.();
    await world.clock.advance(60_000);
    assert.match(world.discord.messages(id)[0]?.content ?? "", /Reviews/);
  });
}

Deno.test("a closed post is opened for a late edit, and closed again", async () => {
  await using world = forumWorld();
  let hidden: readonly "reason"[] = [];
  await world.start({ hiddenFor: () => hidden });
  await world.put({ id: ID, reason: "secret" });
  await world.put({ id: ID, state: "DENIED" });
  const { id } = onlyPost(world);
  assert.match(announcement(world).content, /secret/);
  hidden = ["reason"];
  await world.clock.advance(RESYNC_MS + 1000);
  assert.doesNotMatch(announcement(world).content, /secret/);
  const calls = world.discord.script.made(`PATCH /channels/${id}`);
  assert.deepEqual(calls.slice(-4), [
    `PATCH /channels/${id}/messages/${id}`,
    `PATCH /channels/${id}`,
    `PATCH /channels/${id}/messages/${id}`,
    `PATCH /channels/${id}`,
  ]);
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a post that was opened for an edit is closed again by the next process", async () => {
  await using world = forumWorld();
  let hidden: readonly "reason"[] = [];
  const process = await world.start({ hiddenFor: () => hidden });
  await world.put({ id: ID });
  await world.put({ id: ID, state: "DENIED" });
  const { id } = onlyPost(world);
  hidden = ["reason"];
  world.discord.script.next(
    `PATCH /channels/${id}/messages/`,
    {},
    { takesMs: 60_000 },
  );
  await world.clock.advance(RESYNC_MS + 1000);
  assert.equal(onlyPost(world).archived, false);
  await process.kill();
  await world.start({ self: "second", hiddenFor: () => hidden });
  await world.clock.advance(20_000);
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a post that a person opened again is left open", async () => {
  await using world = forumWorld();
  await world.start();
  await world.put({ id: ID });
  await world.put({ id: ID, state: "DENIED" });
  onlyThread(world).archived = false;
  await world.clock.advance(2 * RESYNC_MS);
  assert.equal(onlyPost(world).archived, false);
});

Deno.test("where the end of access is told, a post is closed after it", async () => {
  await using world = forumWorld();
  const people: PeopleConfig = {
    ...NOBODY,
    notices: { ...NO_NOTICES, beforeEndMs: 60_000 },
  };
  await world.start({ people: () => people });
  await world.put({ id: ID, accessExpires: hoursLater(1) });
  await world.put({ id: ID, state: "APPROVED" });
  assert.equal(said(world).at(-1), APPROVED);
  assert.equal(onlyPost(world).archived, false);
  await world.clock.advance(3_600_000);
  world.auth.remove(ID);
  await world.clock.advance(10_000);
  assert.match(announcement(world).content, /access has ended/);
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a reminder stands in the post, and one that is refused there keeps nothing from the forum", async () => {
  await using world = forumWorld();
  const people: PeopleConfig = {
    ...NOBODY,
    notices: { ...NO_NOTICES, remindAfterMs: [AFTER_MS] },
  };
  await world.start({ people: () => people });
  await world.put({ id: ID });
  await world.clock.advance(AFTER_MS);
  assert.deepEqual(said(world), [
    ANNOUNCED,
    "Nobody has reviewed this access request yet:",
  ]);
  const { id } = onlyPost(world);
  assert.equal(world.discord.messages(id)[1]?.replyTo, undefined);
  await world.put({ id: "r2" });
  const [, [second] = assert.fail()] = world.discord.posts(FORUM);
  world.discord.script.always(`POST /channels/${second}/messages`, {
    refuse: discordError(403, 50013),
  });
  await world.clock.advance(AFTER_MS);
  await world.put({ id: "r3" });
  assert.equal(world.discord.posts(FORUM).length, 3);
});

Deno.test("two instances make one post, and say everything once", async () => {
  await using world = forumWorld();
  await world.start();
  await world.start({ self: "second" });
  await world.put({ id: ID });
  await world.put({ id: ID, reviews: [review()], state: "APPROVED" });
  await world.clock.advance(30_000);
  assert.deepEqual(said(world), [
    ANNOUNCED,
    "This access request was reviewed: *Review*: 1",
    APPROVED,
  ]);
});

Deno.test("a post is tagged by its state, in whatever language the tags are", async () => {
  await using world = forumWorld("urgent", "PENDING", "승인됨", "Denied");
  await world.start();
  await world.put({ id: ID });
  assert.deepEqual(onlyPost(world).tags, ["2"]);
  // A person adds a tag of their own.
  onlyThread(world).tags = ["1", "2"];
  await world.put({ id: ID, state: "APPROVED" });
  assert.deepEqual(onlyPost(world).tags, ["1", "3"]);
  assert.equal(world.auth.stored(ID)[`x-tag:${FORUM}`], "APPROVED");
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a tag that is there no more costs a try, and nothing of the message", async () => {
  await using world = forumWorld("pending");
  await world.start();
  await world.put({ id: "r0" });
  const route = "POST /channels/:id/threads";
  const { script } = world.discord;
  script.next(CREATE, {
    refuse: new DiscordApiError(route, "refused", {
      status: 400,
      code: 50035,
      faults: ["applied_tags[0]"],
    }),
  });
  await world.put({ id: ID, reason: "because" });
  await world.clock.advance(2000);
  assert.equal(script.made(`GET /channels/${FORUM}`).length, 2);
  const [, [id] = assert.fail()] = world.discord.posts(FORUM);
  assert.match(world.discord.messages(id)[0]?.content ?? "", /because/);
});

Deno.test("without a tag of the state, the one before is taken off", async () => {
  await using world = forumWorld("pending");
  await world.start();
  await world.put({ id: ID });
  await world.put({ id: ID, state: "DENIED" });
  assert.deepEqual(onlyPost(world).tags, []);
});

Deno.test("where a forum has no such tags, nothing is changed", async () => {
  await using world = forumWorld("urgent");
  await world.start();
  await world.put({ id: ID });
  await world.put({ id: ID, state: "DENIED" });
  const { id } = onlyPost(world);
  assert.deepEqual(world.discord.script.made(`PATCH /channels/${id} tags`), []);
  assert.equal(world.auth.stored(ID)[`x-tag:${FORUM}`], "DENIED");
});

Deno.test("tags that come after another process has closed the post close it again", async () => {
  await using world = forumWorld("pending", "denied");
  await world.start();
  await world.put({ id: ID });
  const { id } = onlyPost(world);
  world.discord.script.next(`PATCH /channels/${id} tags`, {
    meanwhile: () => {
      onlyThread(world).archived = true;
      const stored = world.auth.stored(ID);
      world.auth.store(ID, {
        ...stored,
        "x-owner": "other",
        [`x-thread:${FORUM}`]: `${stored[`x-thread:${FORUM}`]} closed`,
        [`x-tag:${FORUM}`]: "DENIED",
      });
    },
  });
  await world.put({ id: ID, state: "DENIED" });
  await world.clock.advance(30_000);
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a tag that only moderators may set is a warning, and the post is closed all the same", async () => {
  await using world = forumWorld("pending", "denied");
  await world.start();
  await world.put({ id: ID });
  const { id } = onlyPost(world);
  world.discord.script.next(`PATCH /channels/${id} tags`, {
    refuse: discordError(403, 50013, "PATCH /channels/:id"),
  });
  await world.put({ id: ID, state: "DENIED" });
  assert.equal(onlyPost(world).archived, true);
});

Deno.test("a post that was tagged and not recorded is tagged once", async () => {
  await using world = forumWorld("pending", "denied");
  const process = await world.start();
  await world.put({ id: ID });
  const { id } = onlyPost(world);
  world.discord.script.next(`PATCH /channels/${id} tags`, { takesMs: 60_000 });
  await world.put({ id: ID, state: "DENIED" });
  await process.kill();
  await world.start({ self: "second" });
  await world.clock.advance(11_000);
  assert.equal(
    world.discord.script.made(`PATCH /channels/${id} tags`).length,
    1,
  );
  assert.deepEqual(onlyPost(world).tags, ["2"]);
  assert.equal(onlyPost(world).archived, true);
});
