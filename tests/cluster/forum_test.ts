/** Forums as recipients on a real Teleport, and when the official plugin takes over in between. */

import assert from "node:assert/strict";
import { within } from "../e2e/plugin.ts";
import { CHANNEL, channelId } from "../e2e/world.ts";
import type { FakeChannel } from "../fakes/discord.ts";
import { needsTeleport } from "../left_out.ts";
import { ownKeys, Stage } from "./plugin_stage.ts";

const FORUM = channelId(7);
const TAGS = [
  { id: "71", name: "pending", moderated: false },
  { id: "72", name: "Approved", moderated: false },
  { id: "73", name: "Denied", moderated: false },
];

/** Starts a cluster with a Discord that has a channel and a forum. */
async function startStage(): Promise<Stage> {
  const stage = await Stage.start();
  stage.discord.channel(FORUM, { type: 15, tags: TAGS });
  return stage;
}

/** Returns the posts about a request. */
function postsOf({ discord }: Stage, id: string): FakeChannel[] {
  return [...discord.api.channels.values()].filter((channel) =>
    channel.parentId === FORUM &&
    discord.messages(channel.id)[0]?.content.includes(`\n*ID*: ${id}\n`)
  );
}

/** Returns the titles of what is said in a post or thread, and the numbers of reviews. */
function saidIn({ discord }: Stage, channelId: string): string[] {
  return discord.messages(channelId).map(({ content }) => {
    const [title = "", , detail = ""] = content.split("\n");
    return /^\*Reviews?/.test(detail) ? `${title} ${detail}` : title;
  });
}

/** Waits for something about the post of a request. */
async function until(
  stage: Stage,
  id: string,
  what: string,
  isMet: (post: FakeChannel, first: string) => boolean,
): Promise<FakeChannel> {
  const met = () => {
    const [post] = postsOf(stage, id);
    if (post === undefined) return false;
    return isMet(post, stage.discord.messages(post.id)[0]?.content ?? "");
  };
  await within(stage.discord.waitFor(met), `${what} of ${id}`);
  const posts = postsOf(stage, id);
  assert.equal(posts.length, 1);
  return posts[0] ?? assert.fail();
}

const TOLD = [
  "You have a new Role Request:",
  "This access request was reviewed: *Review*: 1",
  "This access request was reviewed: *Review*: 2",
  "This access request was approved:",
];

const ours = needsTeleport("teleport", "tctl");

Deno.test({
  name:
    `real Teleport: a post of a forum tells reviews and outcome, is tagged and closed${ours.leftOut}`,
  ignore: ours.ignore,
  fn: async () => {
    await using stage = await startStage();
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [FORUM] },
    );
    const plugin = await stage.run(config).ready();
    const id = await bob.createRequest({ user: "bob", roles: ["dev"] });
    const post = await until(stage, id, "the post", () => true);
    assert.equal(post.name, `bob: dev · ${id.slice(0, 8)}`);
    assert.deepEqual(post.appliedTags, ["71"]);
    await rita.review(id, "APPROVED", "fine");
    await until(
      stage,
      id,
      "review 1",
      () => saidIn(stage, post.id).length === 2,
    );
    await rob.review(id, "APPROVED", "go");
    await until(stage, id, "the end", ({ archived }) => archived);
    assert.deepEqual(saidIn(stage, post.id), TOLD);
    assert.deepEqual(post.appliedTags, ["72"]);
    assert.match(
      stage.discord.messages(post.id)[0]?.content ?? "",
      /\*Status\*: ✅ APPROVED/,
    );
    assert.equal(await plugin.stop(), 0);
    const stored = await stage.pluginData(id);
    assert.equal(stored["messages"], `${post.id}/${post.id}`);
    assert.equal(stored[`x-thread:${FORUM}`], "APPROVED-2-0-0 closed");
    assert.equal(stored[`x-tag:${FORUM}`], "APPROVED");
  },
});

const both = needsTeleport("teleport", "tctl", "teleport-discord");

Deno.test({
  name:
    `real Teleport: the official plugin edits posts and leaves threads, and gives both back${both.leftOut}`,
  ignore: both.ignore,
  fn: async (t) => {
    await using stage = await startStage();
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL, FORUM] },
      { discord: "thread_per_request = true" },
    );
    const startOurs = () => stage.run(config).ready();
    const startOfficial = () => stage.runOfficial(config).ready();
    const make = () => bob.createRequest({ user: "bob", roles: ["dev"] });
    let id = "";
    let missed = "";
    let thread = "";
    let before: Readonly<Record<string, string>> = {};

    await t.step("this one makes a post, and a thread", async () => {
      await using plugin = await startOurs();
      id = await make();
      await until(stage, id, "the post", () => true);
      thread = (await stage.shows(id, "PENDING")).id;
      await within(
        stage.discord.waitFor(() => stage.discord.api.channels.has(thread)),
        "the thread",
      );
      assert.equal(await plugin.stop(), 0);
      before = await stage.pluginData(id);
      assert.equal(before[`x-thread:${CHANNEL}`], "PENDING-0-0-0");
    });

    await t.step(
      "the official plugin edits both messages, says nothing else, and makes no post",
      async () => {
        await using plugin = await startOfficial();
        await rita.review(id, "APPROVED", "fine");
        const isReviewed = (channel: string) =>
          stage.discord.messages(channel).some((message) =>
            message.content.includes(id) && message.embeds.length === 1
          );
        await until(
          stage,
          id,
          "the review",
          (post) => isReviewed(post.id) && isReviewed(CHANNEL),
        );
        missed = await make();
        await stage.shows(missed, "PENDING");
        await plugin.stop();
        const [post] = postsOf(stage, id);
        assert.deepEqual(saidIn(stage, post?.id ?? ""), TOLD.slice(0, 1));
        assert.deepEqual(saidIn(stage, thread), []);
        assert.deepEqual(postsOf(stage, missed), []);
        const between = await stage.pluginData(id);
        assert.deepEqual(ownKeys(between), ownKeys(before));
      },
    );

    await t.step(
      "this one tells what was not told, and makes the post that is missing",
      async () => {
        await using plugin = await startOurs();
        await rob.review(id, "APPROVED", "go");
        const post = await until(
          stage,
          id,
          "the end",
          ({ archived }) => archived,
        );
        assert.deepEqual(saidIn(stage, post.id), TOLD);
        assert.deepEqual(post.appliedTags, ["72"]);
        await within(
          stage.discord.waitFor(() =>
            stage.discord.api.channels.get(thread)?.archived === true
          ),
          "the end of the thread",
        );
        assert.deepEqual(saidIn(stage, thread), TOLD.slice(1));
        await until(stage, missed, "the missing post", () => true);
        assert.equal(await plugin.stop(), 0);
      },
    );

    await t.step(
      "the official plugin edits a post that is open, not one that is closed",
      async () => {
        await using plugin = await startOfficial();
        await rita.review(missed, "DENIED", "no");
        const post = await until(
          stage,
          missed,
          "the denial",
          (_, first) => first.includes("❌ DENIED"),
        );
        assert.equal(post.archived, false);
        await plugin.stop();
      },
    );

    await t.step("this one closes what the other has left open", async () => {
      await using plugin = await startOurs();
      const post = await until(
        stage,
        missed,
        "the end",
        ({ archived }) => archived,
      );
      assert.deepEqual(post.appliedTags, ["73"]);
      assert.equal(
        saidIn(stage, post.id).at(-1),
        "This access request was denied:",
      );
      assert.equal(await plugin.stop(), 0);
    });
  },
});
