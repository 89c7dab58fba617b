/**
 * Stopping in an orderly way, and what the next start makes of what was left.
 *
 * A new process leaves the claims of the one before it alone for 10 s; so all of this runs side by side.
 *
 * @module
 */

import assert from "node:assert/strict";
import { hang } from "../fakes/discord.ts";
import { sideBySide } from "./plugin.ts";
import { CHANNEL, World } from "./world.ts";

const POST = "POST /channels/:id/messages";
const STOPPING = "Attempting graceful shutdown";

Deno.test("the plugin is stopped", (t) =>
  sideBySide(t, {
    "while a post is under way: it is finished and recorded": async () => {
      await using world = await World.create();
      const { auth, discord } = world;
      const answer = Promise.withResolvers<void>();
      discord.fail(POST, hang(answer.promise));
      const plugin = await world.start().ready();
      const id = auth.createRequest();
      await world.until(() => discord.calls.some((c) => c.route === POST));
      plugin.signal("SIGTERM");
      await plugin.waitForLine(STOPPING);
      answer.resolve();
      assert.equal(await plugin.exitCode, 0);
      const [message] = world.messagesOf(id);
      const data = auth.pluginData(id) ?? {};
      assert.equal(data.messages, `${CHANNEL}/${message?.id}`);
      assert.match(data[`x-to:${CHANNEL}`] ?? "", / 1 PENDING-/);

      const count = discord.calls.length;
      const next = await world.start().ready();
      assert.equal(await next.stop(), 0);
      assert.deepEqual(discord.callNames.slice(count), ["GET /users/@me"]);
    },

    "while a post hangs: it is given up after 15 s, and stays owed":
      async () => {
        await using world = await World.create();
        const { auth, discord } = world;
        discord.fail(POST, hang(new Promise(() => {}), true));
        const plugin = await world.start().ready();
        const id = auth.createRequest();
        await world.until(() => discord.calls.some((c) => c.route === POST));
        assert.equal(await plugin.stop(), 0);
        assert.equal(auth.pluginData(id)?.[`x-to:${CHANNEL}`], "owed 1");
      },

    "while posts wait for their turn: the next start makes them": async () => {
      await using world = await World.create({
        discord: { limits: { posts: { limit: 2, perMs: 1000 } } },
      });
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      const ids = Array.from({ length: 8 }, () => auth.createRequest());
      await world.until(() => discord.messages(CHANNEL).length >= 3);
      assert.equal(await plugin.stop(), 0);
      assert(discord.messages(CHANNEL).length < ids.length);
      const next = await world.start().ready();
      for (const id of ids) await world.shows(id, "PENDING");
      for (const id of ids) {
        await world.untilStored(id, (data) => data.messages !== undefined);
      }
      assert.equal(await next.stop(), 0);
      assert.equal(discord.messages(CHANNEL).length, ids.length);
    },

    "by two SIGINT: the second ends it at once": async () => {
      await using world = await World.create();
      const { auth, discord } = world;
      discord.fail(POST, hang(new Promise(() => {})));
      const plugin = await world.start().ready();
      auth.createRequest();
      await world.until(() => discord.calls.some((c) => c.route === POST));
      plugin.signal("SIGINT");
      await plugin.waitForLine(STOPPING);
      assert.equal(await plugin.stop("SIGINT"), 130);
    },

    "while it waits for the Auth Service": async () => {
      await using world = await World.create();
      await world.auth.stop();
      const plugin = world.start();
      await plugin.waitForLine("cannot connect to the Auth Service");
      assert.equal(await plugin.stop(), 0);
    },

    "while it waits for an identity": async () => {
      await using world = await World.create();
      await world.writeIdentity("");
      const plugin = world.start();
      await plugin.waitForLine("cannot use the credentials");
      assert.equal(await plugin.stop("SIGINT"), 0);
    },

    "W1: what was made, reviewed and resolved while the plugin was down is told":
      async () => {
        await using world = await World.create();
        const { auth } = world;
        await using first = await world.start().ready();
        const reviewed = auth.createRequest({ approvalsNeeded: 2 });
        const resolved = auth.createRequest();
        const deleted = auth.createRequest();
        for (const id of [reviewed, resolved, deleted]) {
          await world.shows(id, "PENDING");
          await world.untilStored(id, ({ messages }) => messages !== undefined);
        }
        assert.equal(await first.stop(), 0);

        auth.review(reviewed, "rita", "APPROVED", "looks good");
        auth.setState(resolved, "DENIED", "not today");
        auth.delete(deleted);
        const made = auth.createRequest({ reason: "nobody was listening" });
        const made2 = auth.createRequest({ approvalsNeeded: 2 });
        auth.review(made2, "rob", "APPROVED");
        const gone = auth.createRequest();
        auth.setState(gone, "APPROVED");

        const plugin = await world.start().ready();
        await world.shows(made, "PENDING");
        await world.shows(made2, "*Reviews*: ✅ 1 ❌ 0");
        await world.shows(reviewed, "*Reviews*: ✅ 1 ❌ 0");
        await world.shows(resolved, "DENIED");
        await world.shows(deleted, "EXPIRED");
        assert.equal(await plugin.stop(), 0);
        assert.equal(world.messagesOf(gone).length, 0);
        assert.equal(world.discord.messages(CHANNEL).length, 5);
      },
  }));
