/**
 * A Discord that fails: each message arrives, once, and shows the right thing in the end.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  banned,
  cutOff,
  type Fault,
  garbled,
  hang,
  lostAnswer,
  rateLimited,
  refused,
  resetBefore,
  serverError,
} from "../fakes/discord.ts";
import { sideBySide } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

const POST = "POST /channels/:id/messages";
const PATCH = "PATCH /channels/:id/messages/:id";

/** How one call to each of these channels fails. */
const FAULTS: readonly Fault[] = [
  rateLimited(0.3),
  rateLimited(0.3, { scope: "shared" }),
  banned(1),
  serverError(502),
  refused(500, 0),
  resetBefore,
  lostAnswer,
  cutOff,
  garbled,
];
const CHANNELS = FAULTS.map((_, i) => channelId(i + 1));

Deno.test("Discord fails", (t) =>
  sideBySide(t, {
    "W6, W19: each post fails in its own way": async () => {
      await using world = await World.create({ channels: { "*": CHANNELS } });
      failOnce(world, "POST");
      const plugin = await world.start().ready();
      const id = world.auth.createRequest();
      for (const channel of CHANNELS) await world.shows(id, "PENDING", channel);
      await settles(world, id, "PENDING", CHANNELS);
      assert.equal(await plugin.stop(), 0);
    },

    "W7: each edit fails in its own way": async () => {
      await using world = await World.create({ channels: { "*": CHANNELS } });
      const plugin = await world.start().ready();
      const id = world.auth.createRequest();
      await settles(world, id, "PENDING", CHANNELS);
      failOnce(world, "PATCH");
      world.auth.setState(id, "APPROVED");
      for (const channel of CHANNELS) {
        await world.shows(id, "APPROVED", channel);
      }
      await settles(world, id, "APPROVED", CHANNELS);
      assert.equal(await plugin.stop(), 0);
    },

    "W6: 20 requests into one channel that takes 5 posts at a time":
      async () => {
        await using world = await World.create({
          discord: { limits: { posts: { limit: 5, perMs: 500 } } },
        });
        const plugin = await world.start().ready();
        const ids = Array.from(
          { length: 20 },
          () => world.auth.createRequest(),
        );
        for (const id of ids) await world.shows(id, "PENDING");
        assert.equal(await plugin.stop(), 0);
        assert.equal(world.discord.messages(CHANNEL).length, ids.length);
      },

    "W6: a channel that the bot may not write to holds up no other":
      async () => {
        const [closed = "", unknown = "", open = ""] = CHANNELS;
        await using world = await World.create({
          channels: { "*": [closed, unknown, open] },
          discord: { channels: [closed, open] },
        });
        world.discord.channel(closed, { send: false });
        const plugin = await world.start().ready();
        const ids = Array.from({ length: 5 }, () => world.auth.createRequest());
        for (const id of ids) await world.shows(id, "PENDING", open);
        for (const id of ids) world.auth.setState(id, "DENIED");
        for (const id of ids) await world.shows(id, "DENIED", open);
        assert.equal(await plugin.stop(), 0);
        // A channel that refuses is left alone, lest Discord ban the address.
        // What `start` looks up about its recipients, once, does not count.
        const refusals = world.discord.calls.filter(({ name, status }) =>
          !name.startsWith("GET ") && (status === 403 || status === 404)
        );
        assert(
          refusals.length <= 2 * ids.length,
          `${refusals.length} refusals`,
        );
        assert.equal(plugin.lines("recipient cannot be reached").length, 2);
      },

    "W8: a slow edit never replaces a newer one": async () => {
      await using world = await World.create();
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      const id = auth.createRequest({ approvalsNeeded: 3 });
      await world.shows(id, "PENDING");
      const answer = Promise.withResolvers<void>();
      discord.fail(PATCH, hang(answer.promise));
      auth.review(id, "rita", "APPROVED");
      await world.until(() => discord.calls.some((c) => c.route === PATCH));
      for (let i = 0; i < 20; i++) auth.state.touch(id);
      auth.review(id, "rob", "APPROVED");
      auth.review(id, "rosa", "APPROVED", "third");
      await world.untilStored(id, (data) => data.resolution === "APPROVED");
      answer.resolve();
      await world.shows(id, "APPROVED");
      assert.equal(await plugin.stop(), 0);
      const { content } = await world.shows(id, "APPROVED");
      assert.match(content, /✅ 3/);
      // One for the first review, and one for all that came while that was slow.
      assert.equal(discord.calls.filter((c) => c.route === PATCH).length, 2);
    },

    "W10: Discord takes 2 s for each call": async () => {
      const channels = CHANNELS.slice(0, 4);
      await using world = await World.create({
        channels: { "*": channels },
        discord: { delayMs: 2000 },
      });
      const plugin = await world.start().ready();
      const id = world.auth.createRequest();
      await settles(world, id, "PENDING", channels);
      assert.equal(await plugin.stop(), 0);
    },

    "W13: everything in a request is as long as it can be": async () => {
      const roles = Array.from({ length: 30 }, (_, i) => `role-${i}`.repeat(9));
      const logins = Array.from({ length: 30 }, (_, i) => `login-${i}`);
      await using world = await World.create({
        auth: { roles: Object.fromEntries(roles.map((r) => [r, logins])) },
      });
      const { auth } = world;
      const plugin = await world.start().ready();
      const id = auth.createRequest({
        roles,
        reason: "이유".repeat(682),
        approvalsNeeded: 15,
        resources: roles.map((name) => ({ kind: "db", name })),
      });
      await world.shows(id, "PENDING");
      for (let i = 0; i < 15; i++) {
        auth.review(id, `reviewer-${i}`, "APPROVED", "```".repeat(1300));
      }
      const { embeds } = await world.shows(id, "APPROVED");
      assert(embeds.length > 0 && embeds.length <= 10);
      assert.equal(await plugin.stop(), 0);
      assert.equal(plugin.lines("content was refused").length, 0);
    },

    "W14, W15: nobody posts to what is no channel": async () => {
      await using world = await World.create({
        channels: { "*": [CHANNEL], dev: [CHANNEL, "../users/@me"] },
      });
      const plugin = await world.start().ready();
      const id = world.auth.createRequest({
        suggestedReviewers: ["rita@example.com", "rob"],
      });
      await world.shows(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
      const posts = world.discord.callNames.filter((n) => n.startsWith("POST"));
      assert.deepEqual(posts, [`POST /channels/${CHANNEL}/messages`]);
      const errors = plugin.lines("level=error");
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? "", /users\/@me/);
    },

    "W25: 300 requests while Discord is slow, and the stream is read":
      async () => {
        const channels = Array.from({ length: 20 }, (_, i) => channelId(i));
        await using world = await World.create({
          channels: Object.fromEntries([
            ["*", [CHANNEL]],
            ...channels.map((channel, i) => [`team-${i}`, [channel]]),
          ]),
          discord: { delayMs: 100 },
        });
        const { auth } = world;
        const plugin = await world.start().ready();
        const made = Array.from({ length: 300 }, (_, i) => {
          const channel = channels[i % channels.length] ?? CHANNEL;
          const roles = [`team-${i % channels.length}`];
          return { id: auth.createRequest({ roles }), channel };
        });
        for (const { id, channel } of made) {
          await world.shows(id, "PENDING", channel);
        }
        assert.equal(auth.countCalls("WatchEvents"), 1);
        assert.equal(await plugin.stop(), 0);
        const posts = world.discord.calls.filter((c) => c.route === POST);
        assert.equal(posts.length, made.length);
      },

    "W27: a message was deleted, and its channel as well": async () => {
      const channels = CHANNELS.slice(0, 3);
      const [first = "", second = "", third = ""] = channels;
      await using world = await World.create({ channels: { "*": channels } });
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      const id = auth.createRequest({ approvalsNeeded: 2 });
      await settles(world, id, "PENDING", channels);
      discord.api.deleteMessage(world.messagesOf(id, first)[0]?.id ?? "");
      discord.api.channels.delete(second);
      auth.review(id, "rita", "APPROVED");
      await world.shows(id, "✅ 1", third);
      await world.untilStored(
        id,
        (data) => told(data, first).endsWith(" gone"),
      );
      auth.review(id, "rob", "APPROVED");
      await settles(world, id, "APPROVED", [third]);
      assert.equal(await plugin.stop(), 0);
      assert.equal(plugin.lines("message is no longer followed").length, 1);
      assert.deepEqual(world.messagesOf(id, first), []);
      const calls = discord.calls.filter(({ name }) =>
        name.startsWith(`PATCH /channels/${first}/`)
      );
      assert.equal(calls.length, 1);
    },
  }));

/** Lets the next call of a method to each channel fail. */
function failOnce({ discord }: World, method: "POST" | "PATCH"): void {
  for (const [i, fault] of FAULTS.entries()) {
    const start = `${method} /channels/${CHANNELS[i]}/`;
    discord.fail(({ name }) => name.startsWith(start), fault);
  }
}

/** Waits until plugin data says what the only message in each channel shows. */
async function settles(
  world: World,
  id: string,
  state: string,
  channels: readonly string[],
): Promise<void> {
  await world.untilStored(
    id,
    (data) =>
      channels.every((channel) =>
        new RegExp(String.raw`/\d+ 1 ${state}-`).test(told(data, channel))
      ),
  );
  for (const channel of channels) await world.shows(id, state, channel);
}

function told(
  data: Readonly<Record<string, string>>,
  channel: string,
): string {
  return data[`x-to:${channel}`] ?? "";
}
