/**
 * Starting: log lines, exit codes, what is waited for and what is not.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  lostAnswer,
  refused,
  resetBefore,
  serverError,
} from "../fakes/discord.ts";
import { ClusterPki } from "../fakes/pki.ts";
import { sideBySide } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

Deno.test("start logs the two lines that the guide of the product shows", async () => {
  await using world = await World.create();
  await world.configure({ log: 'severity = "INFO"' });
  const plugin = await world.start().ready();
  assert.equal(await plugin.stop(), 0);
  const lines = plugin.output.trimEnd().split("\n");
  for (const line of lines) assert.match(line, /^time=\S+Z level=info msg="/);
  assert.match(
    lines[0] ?? "",
    /msg="Starting Teleport Access Discord Plugin" version=/,
  );
  assert.equal(plugin.lines('msg="Plugin is ready"').length, 1);
  assert.match(lines.at(-1) ?? "", /msg="Successfully shut down"/);
});

Deno.test("start logs JSON if it is told to, and every line is an object", async () => {
  await using world = await World.create();
  await world.configure({ log: 'severity = "debug"\nformat = "json"' });
  const plugin = await world.start().ready();
  const id = world.auth.createRequest();
  await plugin.waitForLine("message posted");
  assert.equal(await plugin.stop("SIGINT"), 0);
  const lines = plugin.output.trimEnd().split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
  const messages = lines.map(({ message }) => message);
  assert.equal(messages[0], "Starting Teleport Access Discord Plugin");
  assert(messages.includes("Plugin is ready"));
  const posted = lines.find(({ message }) => message === "message posted");
  const [message] = world.discord.messages(CHANNEL);
  assert.equal(posted?.level, "info");
  assert.equal(posted?.request_id, id);
  assert.equal(posted?.channel_id, CHANNEL);
  assert.equal(posted?.message_id, message?.id);
});

Deno.test("start ends with 78 and all faults at once if the configuration is wrong", async () => {
  await using world = await World.create({ channels: { dev: [CHANNEL] } });
  await world.configure({ log: 'severity = "loud"' });
  const plugin = world.start();
  assert.equal(await plugin.exitCode, 78);
  assert.match(plugin.output, /^error: .*config\.toml.*role_to_recipients/m);
  assert.match(plugin.output, /^error: .*config\.toml:\d+: log\.severity/m);
  assert.equal(plugin.lines("Starting Teleport").length, 0);
  assert.equal(world.discord.calls.length, 0);
});

Deno.test("start ends with 78 if there is no configuration, and with 64 if it is called wrongly", async () => {
  await using world = await World.create();
  const missing = world.start({
    args: ["start", "--config", world.path("absent.toml")],
  });
  assert.equal(await missing.exitCode, 78);
  assert.match(missing.output, /^error: .*absent\.toml.*\nhint: /m);
  const unknown = world.start({ args: ["start", "--conifg", "x"] });
  assert.equal(await unknown.exitCode, 64);
  assert.match(unknown.output, /hint: did you mean --config\?/);
});

Deno.test("start ends with 78 if Discord refuses the token", async () => {
  await using world = await World.create();
  await world.write("token", "another.token.entirely");
  const plugin = world.start();
  assert.equal(await plugin.exitCode, 78);
  assert.equal(plugin.lines("Plugin is ready").length, 0);
  const [line = ""] = plugin.lines("Terminating with fatal error");
  assert.match(line, /Discord refuses it.*hint=/);
});

Deno.test("start warns of a recipient that no message gets to, once it is ready", async () => {
  const [good, absent, closed] = [0, 1, 2].map(channelId);
  await using world = await World.create({
    channels: { "*": [good ?? "", absent ?? ""], dev: [closed ?? ""] },
    discord: { channels: [good ?? "", closed ?? ""] },
  });
  world.discord.channel(closed ?? "", { send: false });
  const plugin = await world.start().ready();
  const missing = await plugin.waitForLine(absent ?? "");
  for (
    const part of [
      'level=warning msg="recipient cannot be used"',
      'entries="\\"*\\""',
      "Discord knows no such channel",
      "hint=",
    ]
  ) assert(missing.includes(part), missing);
  await plugin.waitForLine("the bot lacks Send Messages");
  assert.equal(plugin.lines(`recipient=${good}`).length, 0);
  // It is ready all the same, and a reload says nothing again.
  const other = channelId(3);
  await world.configure({
    channels: { "*": [good ?? "", absent ?? "", other] },
  });
  plugin.signal("SIGHUP");
  await plugin.waitForLine(`recipient=${other}`);
  assert.equal(plugin.lines(`recipient=${absent}`).length, 1);
  assert.equal(await plugin.stop(), 0);
});

Deno.test("an Auth Service that is not there yet is waited for", async () => {
  await using world = await World.create();
  await world.auth.stop();
  const plugin = world.start();
  await plugin.waitForLine("cannot connect to the Auth Service, will retry");
  await world.auth.restart();
  await plugin.ready();
  assert.equal(await plugin.stop(), 0);
});

Deno.test("starting under difficulties", (t) =>
  sideBySide(t, {
    "Discord that cannot be reached does not hold up the start": async () => {
      await using world = await World.create();
      const heal = world.discord.fail(() => true, resetBefore, Infinity);
      const plugin = await world.start().ready();
      const id = world.auth.createRequest();
      await plugin.waitForLine("call failed, will retry");
      heal();
      await world.shows(id, "PENDING");
      await plugin.waitForLine("Discord accepted the bot token");
      assert.equal(await plugin.stop(), 0);
    },

    "a token that Discord refuses only after it could be reached is no reason to end":
      async () => {
        await using world = await World.create();
        const { auth, discord } = world;
        const heal = discord.fail(() => true, resetBefore, Infinity);
        const plugin = world.start();
        await plugin.waitForLine("cannot reach Discord, will retry");
        await plugin.ready();
        discord.api.bots.delete(discord.token);
        heal();
        await plugin.waitForLine("Discord refused the bot token, waiting");
        discord.api.bots.set(discord.token, discord.bot);
        await world.shows(auth.createRequest(), "PENDING");
        assert.equal(await plugin.stop(), 0);
      },

    "an identity that is missing, half-written or expired is waited for":
      async () => {
        await using world = await World.create();
        const { pki } = world.auth;
        const good = await Deno.readTextFile(world.path("identity"));
        await Deno.remove(world.path("identity"));
        const plugin = world.start();
        const fault = "cannot use the credentials, will retry";
        const waitForFault = (about: RegExp) =>
          plugin.waitForLine((line) =>
            line.includes(fault) && about.test(line)
          );
        await waitForFault(/no such file/);
        await world.writeIdentity(good.slice(0, good.length / 2));
        await waitForFault(/incomplete|unfinished|ends|cut/i);
        await world.writeIdentity(
          await pki.issueIdentity("discord-plugin", {
            notAfter: new Date(Date.now() - 1000),
          }),
        );
        await waitForFault(/expired/);
        await world.writeIdentity(good);
        await plugin.ready();
        assert.equal(plugin.lines(fault).length, 3);
        assert.equal(await plugin.stop(), 0);
      },

    "an identity of another cluster is told, and replaced without a restart":
      async () => {
        await using world = await World.create();
        const good = await Deno.readTextFile(world.path("identity"));
        const foreign = await ClusterPki.create("example.com");
        await world.writeIdentity(await foreign.issueIdentity());
        const plugin = world.start();
        await plugin.waitForLine(
          "cannot connect to the Auth Service, will retry",
        );
        await world.writeIdentity(good);
        await plugin.ready();
        assert.equal(await plugin.stop(), 0);
      },

    "W22: a bot token that was rotated is read again from its file":
      async () => {
        await using world = await World.create();
        const { api, bot, token } = world.discord;
        const plugin = await world.start().ready();
        api.bots.delete(token);
        api.bots.set("rotated.token.of-the-bot", bot);
        const id = world.auth.createRequest();
        await plugin.waitForLine("Discord refused the bot token, waiting");
        await world.write("token", "rotated.token.of-the-bot\n");
        await world.shows(id, "PENDING");
        assert.equal(await plugin.stop(), 0);
      },

    "a bot token is replaced by that of another bot": async () => {
      await using world = await World.create();
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      const old = auth.createRequest();
      await world.shows(old, "PENDING");
      discord.api.bots.clear();
      const { id: author } = discord.addBot("token.of.another-bot", "second");
      auth.setState(old, "APPROVED");
      await plugin.waitForLine("Discord refused the bot token, waiting");
      await world.write("token", "token.of.another-bot");
      const line = await plugin.waitForLine("message is no longer followed");
      assert.match(line, /level=warning.*another bot/);
      const { authorId } = await world.shows(auth.createRequest(), "PENDING");
      assert.equal(authorId, author);
      assert.equal(await plugin.stop(), 0);
      await world.shows(old, "PENDING");
    },

    "no output ever holds the token or the key, whatever goes wrong":
      async () => {
        const others = [channelId(2), channelId(3), channelId(4), channelId(5)];
        await using world = await World.create({
          channels: { "*": [CHANNEL, ...others] },
          discord: { token: "MTE4NDAwMDAwMDAwMDAwMDAwMQ.GsEcRe.tPart-of_it" },
        });
        const { auth, discord } = world;
        const identity = await Deno.readTextFile(world.path("identity"));
        const faults = [
          serverError(),
          refused(400, 50035),
          lostAnswer,
          refused(403, 50013),
        ];
        for (const [i, fault] of [resetBefore, ...faults].entries()) {
          const channel = channelId(i + 1);
          discord.fail((call) => call.name.includes(channel), fault);
        }
        auth.fail("GetRole", { code: 13, message: "no roles today" });
        auth.fail("ListAccessRequests", { code: 14, times: 2 });
        await world.writeIdentity(identity.slice(0, 40));
        const plugin = world.start({
          args: [
            "start",
            "--debug",
            "--config",
            world.path("config.toml"),
          ],
        });
        await plugin.waitForLine("cannot use the credentials");
        await world.writeIdentity(identity);
        await plugin.ready();
        const id = auth.createRequest({ reason: "because" });
        await plugin.waitForLine("call failed, will retry");
        auth.endWatches("reset");
        await auth.dropConnections();
        await world.shows(id, "PENDING");
        discord.api.bots.clear();
        auth.setState(id, "APPROVED");
        await plugin.waitForLine("Discord refused the bot token");
        await world.writeIdentity("-----BEGIN PRIVATE KEY-----\nAAAA\n");
        await plugin.waitForLine("cannot read the credentials again");
        assert.equal(await plugin.stop(), 0);

        assert(!plugin.output.includes(discord.token));
        for (const part of discord.token.split(".").slice(1)) {
          assert(!plugin.output.includes(part), `part of the token: ${part}`);
        }
        for (const line of identity.split("\n")) {
          if (line.length < 30 || line.startsWith("-----")) continue;
          assert(
            !plugin.output.includes(line),
            `line of the identity: ${line}`,
          );
        }
      },
  }));
