/**
 * Who is pinged, told and reminded, from the files to the calls.
 *
 * @module
 */

import assert from "node:assert/strict";
import { hang } from "../fakes/discord.ts";
import { within } from "./plugin.ts";
import { CHANNEL, World } from "./world.ts";

const ALICE = "567890123456789012";
const BOB = "678901234567890123";
const CAROL = "789012345678901234";
const ROLE = "345678901234567890";

/** The channel of direct messages to a user, as the stand-in opens it. */
const directTo = (userId: string) => `9${userId}`;

/** What a post said about whom it alerts. */
function alertsOf(world: World, channel: string): unknown {
  const call = world.discord.calls.find(({ name }) =>
    name === `POST /channels/${channel}/messages`
  );
  return (call?.body as Record<string, unknown>)["allowed_mentions"];
}

Deno.test("reviewers are pinged once, suggested ones by their trait, and the requester is told", async () => {
  await using world = await World.create({
    auth: { users: { carol: { discord_id: [CAROL] } } },
  });
  await world.configure({
    discord: "notify_requester = true",
    rest: `[role_to_mentions]
"*" = "role:${ROLE}"
[users]
"alice" = "${ALICE}"`,
  });
  await world.start().ready();
  const id = world.auth.createRequest({
    user: "alice",
    suggestedReviewers: ["carol"],
  });
  const message = await world.shows(id, "PENDING");
  assert.match(
    message.content,
    new RegExp(`^\\*User\\*: alice \\(<@${ALICE}>\\)$`, "m"),
  );
  assert.match(
    message.content,
    new RegExp(`^\\*Attention\\*: <@&${ROLE}> <@${CAROL}>$`, "m"),
  );
  assert.deepEqual(alertsOf(world, CHANNEL), {
    parse: [],
    roles: [ROLE],
    users: [CAROL],
  });
  world.auth.review(id, "carol", "APPROVED", "fine");
  const edited = await world.shows(id, "APPROVED");
  assert.match(edited.content, new RegExp(`<@&${ROLE}> <@${CAROL}>`));
  assert.match(String(edited.embeds[0]?.["description"]), /^<@789/);
  const patch = world.discord.calls.find(({ name }) =>
    name.startsWith("PATCH ")
  );
  assert.deepEqual(
    (patch?.body as Record<string, unknown>)["allowed_mentions"],
    { parse: [] },
  );
  const told = await world.shows(id, "was approved", directTo(ALICE));
  assert.match(told.content, /\*Reviews\*: ✅ 1 ❌ 0/);
  await world.untilStored(id, (data) => data["x-told"] === "APPROVED-1-0-0");
});

Deno.test("suggested reviewers get direct messages, and each announcement one reminder", async () => {
  await using world = await World.create();
  await world.configure({
    discord: 'notify_suggested_reviewers = "dm"\nremind_after = "1s"',
    rest: `[role_to_mentions]
"*" = "role:${ROLE}"
[users]
"bob" = "${BOB}"`,
  });
  await world.start().ready();
  const id = world.auth.createRequest({ suggestedReviewers: ["bob"] });
  for (const channel of [CHANNEL, directTo(BOB)]) {
    const replies = () =>
      world.messagesOf(id, channel).filter(({ replyTo }) =>
        replyTo !== undefined
      );
    await within(
      world.discord.waitFor(() => replies().length > 0),
      `a reminder in ${channel}`,
    );
    const [announcement] = world.messagesOf(id, channel);
    const [reminder, another] = replies();
    assert.equal(reminder?.replyTo, announcement?.id);
    assert.match(reminder?.content ?? "", new RegExp(`<@&${ROLE}>`));
    assert.equal(another, undefined);
  }
  await world.untilStored(
    id,
    (data) => data[`x-reminded:user:${BOB}`] !== undefined,
  );
});

Deno.test("a thread tells the review and the outcome, and is closed", async () => {
  await using world = await World.create();
  await world.configure({ discord: "thread_per_request = true" });
  await world.start().ready();
  const id = world.auth.createRequest({ user: "alice", roles: ["dev"] });
  const { id: threadId } = await world.shows(id, "PENDING");
  await world.untilStored(
    id,
    (data) => data[`x-thread:${CHANNEL}`] === "PENDING-0-0-0",
  );
  world.auth.review(id, "carol", "APPROVED", "fine");
  await world.untilStored(
    id,
    (data) => data[`x-thread:${CHANNEL}`] === "APPROVED-1-0-0 closed",
  );
  const thread = world.discord.api.channels.get(threadId);
  assert.equal(thread?.name, `alice: dev · ${id.slice(0, 8)}`);
  assert.equal(thread?.archived, true);
  const [review, outcome] = world.discord.messages(threadId);
  assert.match(outcome?.content ?? "", /^This access request was approved:/);
  assert.match(String(review?.embeds[0]?.["description"]), /fine/);
});

Deno.test("a request becomes a post of a forum, which a crash does not repeat", async () => {
  await using world = await World.create();
  world.discord.channel(CHANNEL, {
    type: 15,
    tags: [{ id: "71", name: "Pending", moderated: false }],
  });
  const posts = () =>
    [...world.discord.api.channels.values()].filter(({ parentId }) =>
      parentId === CHANNEL
    );
  const CREATE = "POST /channels/:id/threads";
  const never = new Promise<never>(() => {});
  world.discord.fail(CREATE, hang(never, true));
  const first = world.start();
  await first.ready();
  const id = world.auth.createRequest({ user: "alice", roles: ["dev"] });
  await world.until(() => posts().length === 1);
  await first.kill();
  await world.start().ready();
  await world.untilStored(
    id,
    (data) => data[`x-tag:${CHANNEL}`] === "PENDING",
  );
  world.auth.review(id, "carol", "APPROVED", "fine");
  await world.untilStored(
    id,
    (data) => data[`x-thread:${CHANNEL}`] === "APPROVED-1-0-0 closed",
  );
  const [post] = posts();
  assert.equal(posts().length, 1);
  assert.equal(post?.archived, true);
  assert.deepEqual(post?.appliedTags, []);
});
