/** The plugin on a real Teleport. */

import assert from "node:assert/strict";
import { hang } from "../fakes/discord.ts";
import { CHANNEL, channelId } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { NODE_NAME } from "./real_cluster.ts";

const POST = "POST /channels/:id/messages";
const SECOND = channelId(2);

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name: `real Teleport: messages follow their requests${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start({}, [CHANNEL, SECOND]);
    const { cluster, discord } = stage;
    const [admin, bob, rita, rob, identity] = await Promise.all([
      stage.act("request-admin"),
      stage.act("bob"),
      stage.act("rita"),
      stage.act("rob"),
      cluster.sign("discord-plugin"),
    ]);
    const config = await stage.configure("plugin", `identity = "${identity}"`, {
      "*": [CHANNEL],
      ops: [CHANNEL, SECOND],
    });
    let plugin = await stage.run(config).ready();

    await t.step("a request is announced with its facts", async () => {
      const id = await admin.createRequest({
        user: "alice",
        roles: ["dev"],
        reason: "to deploy <it> & go",
      });
      const { content } = await stage.shows(id, "PENDING");
      assert.match(content, /\*User\*: alice\n/);
      assert.match(content, /\*Role\*: `dev` \*Login\(s\)\*: `dev, ubuntu`/);
      assert.match(content, /to deploy <it> & go/);
      assert.match(content, /\*Cluster\*: example\.com\n/);
    });

    await t.step("a request for a resource shows its name", async () => {
      const alice = await stage.act("alice");
      const id = await alice.createRequest({
        user: "alice",
        resources: [{ cluster: "example.com", kind: "node", name: NODE_NAME }],
      });
      const { content } = await stage.shows(id, "PENDING");
      assert.match(content, /node\/web-1/);
    });

    await t.step("approved, denied and deleted by tctl", async () => {
      const ids = await Promise.all(
        ["one", "two", "three"].map((reason) =>
          admin.createRequest({ user: "alice", roles: ["dev"], reason })
        ),
      );
      const [approved = "", denied = "", deleted = ""] = ids;
      for (const id of ids) await stage.shows(id, "PENDING");
      await Promise.all([
        cluster.tctl("requests", "approve", "--reason=because", approved),
        cluster.tctl("requests", "deny", denied),
        cluster.tctl("requests", "rm", "--force", deleted),
      ]);
      const { content } = await stage.shows(approved, "APPROVED");
      assert.match(content, /because/);
      await stage.shows(denied, "DENIED");
      await stage.shows(deleted, "EXPIRED");
    });

    await t.step("two approvals, one after the other", async () => {
      const id = await bob.createRequest({ user: "bob", roles: ["ops"] });
      for (const channel of [CHANNEL, SECOND]) {
        await stage.shows(id, "PENDING", channel);
      }
      await rita.review(id, "APPROVED", "fine with me");
      for (const channel of [CHANNEL, SECOND]) {
        const { content, embeds } = await stage.shows(id, "✅ 1 ❌ 0", channel);
        assert.match(content, /PENDING/);
        assert.match(JSON.stringify(embeds), /rita.*/);
      }
      await rob.review(id, "APPROVED", "with me too");
      for (const channel of [CHANNEL, SECOND]) {
        const { embeds } = await stage.shows(id, "APPROVED", channel);
        assert.equal(embeds.length, 2);
      }
    });

    await t.step("one approval and one denial", async () => {
      const id = await bob.createRequest({ user: "bob", roles: ["dev"] });
      await stage.shows(id, "PENDING");
      await rita.review(id, "APPROVED");
      await rob.review(id, "DENIED", "no");
      const { content } = await stage.shows(id, "DENIED");
      assert.match(content, /✅ 1 ❌ 1/);
    });

    await t.step("what happens while the plugin is down", async () => {
      const make = (reason: string) =>
        bob.createRequest({ user: "bob", roles: ["dev"], reason });
      const [open, reviewed, resolved, deleted] = await Promise.all(
        ["open", "reviewed", "resolved", "deleted"].map(make),
      ) as [string, string, string, string];
      for (const id of [open, reviewed, resolved, deleted]) {
        await stage.shows(id, "PENDING");
      }
      assert.equal(await plugin.stop(), 0);
      await rita.review(reviewed, "APPROVED");
      await admin.setState(resolved, "DENIED", "no");
      await admin.delete(deleted);
      const made = await make("made while nobody listened");
      const count = discord.calls.length;
      plugin = await stage.run(config).ready();
      await stage.shows(made, "PENDING");
      await stage.shows(reviewed, "✅ 1 ❌ 0");
      await stage.shows(resolved, "DENIED");
      await stage.shows(deleted, "EXPIRED");
      assert.equal(await plugin.stop(), 0);
      const calls = discord.callNames.slice(count)
        .filter((name) => !name.startsWith("GET"));
      assert.equal(calls.length, 4);
      plugin = await stage.run(config).ready();
    });

    await t.step("the Auth Service restarts", async () => {
      const open = await admin.createRequest({ user: "alice", roles: ["dev"] });
      await stage.shows(open, "PENDING");
      await cluster.restart();
      const made = await admin.createRequest({ user: "alice", roles: ["dev"] });
      await admin.setState(open, "APPROVED");
      await stage.shows(made, "PENDING");
      await stage.shows(open, "APPROVED");
      assert(plugin.lines("cannot watch access requests").length > 0);
    });

    await t.step("the plugin is killed before and after a post", async () => {
      const never = new Promise<never>(() => {});
      discord.api.nonceWindowMs = 0;
      discord.fail(POST, hang(never, true));
      const posted = await admin.createRequest({
        user: "alice",
        roles: ["dev"],
      });
      await stage.shows(posted, "PENDING");
      const start = discord.calls.length;
      discord.fail(POST, hang(never));
      const owed = await admin.createRequest({ user: "alice", roles: ["dev"] });
      await discord.waitFor(({ calls }) =>
        calls.slice(start).some(({ route }) => route === POST)
      );
      await plugin.kill();
      await admin.setState(posted, "DENIED");
      plugin = await stage.run(config).ready();
      await stage.shows(owed, "PENDING");
      await stage.shows(posted, "DENIED");
      assert.equal(await plugin.stop(), 0);
      for (const id of [owed, posted]) {
        const [message] = stage.messagesOf(id);
        const { messages } = await stage.pluginData(id);
        assert.equal(messages, `${CHANNEL}/${message?.id}`);
      }
    });
  },
});
