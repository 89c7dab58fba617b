/** Who is told of requests of a real Teleport, with reviewers whom a role suggests. */

import assert from "node:assert/strict";
import { CHANNEL } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";

const BOB = "1600000000000000011";
/** A trait of the user `rita`. */
const RITA = "1600000000000000002";
const ROLE = "1600000000000000021";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name: `real Teleport: people are pinged, told and reminded${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start();
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      {
        discord: 'notify_requester = true\nremind_after = ["3s", "5s"]',
        rest: `[role_to_mentions]
"*" = "role:${ROLE}"
[users]
"bob" = "${BOB}"`,
      },
    );
    const plugin = await stage.run(config).ready();

    // The role of the requester suggests Rita, known by a trait, and Rob, who is not known.
    const id = await bob.createRequest({ user: "bob", roles: ["dev"] });
    const { content } = await stage.shows(id, "PENDING");
    assert.match(content, new RegExp(`\\*User\\*: bob \\(<@${BOB}>\\)\\n`));
    assert.match(
      content,
      new RegExp(`\\*Attention\\*: <@&${ROLE}> <@${RITA}>\\n`),
    );
    const post = stage.discord.calls.find(({ route }) =>
      route === "POST /channels/:id/messages"
    );
    assert.deepEqual(
      (post?.body as Record<string, unknown>)["allowed_mentions"],
      { parse: [], roles: [ROLE], users: [RITA] },
    );

    await stage.discord.waitFor(() =>
      stage.messagesOf(id).filter(({ replyTo }) => replyTo !== undefined)
        .length === 2
    );
    await rita.review(id, "APPROVED", "fine");
    const toBob = () => stage.messagesOf(id, `9${BOB}`);
    await stage.discord.waitFor(() => toBob().length === 1);
    await rob.review(id, "APPROVED", "go");
    await stage.discord.waitFor(() => toBob().length === 2);
    assert.deepEqual(
      toBob().map(({ content }) => content.split("\n")[0]),
      [
        "Your access request was reviewed:",
        "Your access request was approved:",
      ],
    );
    assert.equal(await plugin.stop(), 0);
    const stored = await stage.pluginData(id);
    assert.equal(stored["x-told"], "APPROVED-2-0-0");
    assert.ok(stored[`x-reminded:${CHANNEL}`] !== undefined);
    const [, , second] = stage.messagesOf(id);
    assert.equal(stored[`x-reminders:${CHANNEL}`], `2 ${second?.id}`);
    assert.equal(stage.messagesOf(id).length, 3);
  },
});

Deno.test({
  name: `real Teleport: a thread tells reminder, reviews and outcome${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start();
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      { discord: 'remind_after = "3s"\nthread_per_request = true' },
    );
    const plugin = await stage.run(config).ready();
    const id = await bob.createRequest({ user: "bob", roles: ["dev"] });
    const { id: thread } = await stage.shows(id, "PENDING");
    const told = () =>
      stage.discord.messages(thread).map(({ content }) => {
        const [title, , detail] = content.split("\n");
        return `${title} ${detail}`;
      });
    await stage.discord.waitFor(() => told().length === 1);
    await rita.review(id, "APPROVED", "fine");
    await stage.discord.waitFor(() => told().length === 2);
    await rob.review(id, "APPROVED", "go");
    await stage.discord.waitFor(() =>
      stage.discord.api.channels.get(thread)?.archived === true
    );
    const [reminder, ...others] = told();
    assert.match(reminder ?? "", /^Nobody has reviewed this access request/);
    assert.deepEqual(others, [
      "This access request was reviewed: *Review*: 1",
      "This access request was reviewed: *Review*: 2",
      "This access request was approved: *Cluster*: example.com",
    ]);
    assert.equal(await plugin.stop(), 0);
    const stored = await stage.pluginData(id);
    assert.equal(stored[`x-thread:${CHANNEL}`], "APPROVED-2-0-0 closed");
  },
});

Deno.test({
  name: `real Teleport: the end of access is told and shown${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start();
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"\nresync_interval = "2s"`,
      { "*": [CHANNEL] },
      {
        discord: 'notify_before_end = "15s"',
        rest: `[users]\n"bob" = "${BOB}"`,
      },
    );
    const plugin = await stage.run(config).ready();
    const end = new Date(Date.now() + 30_000);
    const id = await bob.createRequest({
      user: "bob",
      roles: ["dev"],
      maxDuration: end,
    });
    // One that is approved before it was announced never is.
    await stage.shows(id, "PENDING");
    await rita.review(id, "APPROVED", "fine");
    await rob.review(id, "APPROVED", "go");
    await stage.shows(id, "APPROVED");
    const toBob = () => stage.messagesOf(id, `9${BOB}`);
    await stage.discord.waitFor(() => toBob().length === 1);
    assert.ok(end.getTime() > Date.now());
    assert.match(
      toBob()[0]?.content ?? "",
      /^Your access ends soon:\n[^]*`tsh request create --roles=dev`$/,
    );

    // The Auth Service removes it minutes later, but a list leaves it out at once.
    await stage.shows(id, "APPROVED, access has ended");
    assert.ok(end.getTime() < Date.now() + 1000);
    assert.equal(await plugin.stop(), 0);
    const stored = await stage.pluginData(id);
    assert.equal(stored["resolution"], "APPROVED");
    assert.equal(stored[`x-ended:${CHANNEL}`], "1");
    assert.equal(
      stored["x-told-end"],
      end.toISOString().replace(/\.\d+Z$/, "Z"),
    );
  },
});

const MANAGERS = "1100000000000000002";

Deno.test({
  name: `real Teleport: others are told of what nobody decides on${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start({}, [CHANNEL, MANAGERS]);
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      {
        rest: `[[escalation]]
after = "3s"
roles = ["dev"]
recipients = ["${MANAGERS}", "${CHANNEL}"]
mentions = "role:${ROLE}"`,
      },
    );
    const plugin = await stage.run(config).ready();
    const id = await bob.createRequest({ user: "bob", roles: ["dev"] });
    await stage.shows(id, "PENDING");
    // One of two reviews is not enough.
    await rita.review(id, "APPROVED", "fine");
    await stage.shows(id, "*Reviews*: ✅ 1 ❌ 0", MANAGERS);
    await stage.discord.waitFor(() => stage.messagesOf(id).length === 2);
    const [, call] = stage.messagesOf(id);
    assert.match(
      call?.content ?? "",
      new RegExp(
        `^This access request still waits for a decision:\n[^]*<@&${ROLE}>$`,
      ),
    );
    await rob.review(id, "APPROVED", "go");
    await stage.shows(id, "APPROVED", MANAGERS);
    assert.equal(await plugin.stop(), 0);
    const stored = await stage.pluginData(id);
    assert.equal(stored["x-escalated"], "3");
    assert.equal(stored[`x-mentions:${MANAGERS}`], `role:${ROLE}`);
    assert.equal(stored[`x-called:${CHANNEL}`], "3");
    assert.equal(stored["messages"]?.split(",").length, 2);
  },
});
