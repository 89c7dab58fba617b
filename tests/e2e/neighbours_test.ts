/**
 * Faults that other bots, notifiers and gRPC clients met, each with an input of our own.
 *
 * Sources: the issue trackers that docs/reliability-search.md names.
 *
 * @module
 */

import assert from "node:assert/strict";
import { start } from "../../programs/command.ts";
import { rateLimited, refused, resetBefore } from "../fakes/discord.ts";
import { needs } from "../left_out.ts";
import { type Plugin, sideBySide } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

const HOUR_S = 3600;
const LIMITED = "a process that may open nothing more says so, and heals";
const { ignore, leftOut } = needs("prlimit");

function isPost({ name }: { readonly name: string }): boolean {
  return name.startsWith("POST /channels/");
}

/** Lets a process open so many files and connections at once. */
async function limitFiles(plugin: Plugin, files: number): Promise<void> {
  const limit = ["--pid", `${plugin.pid}`, `--nofile=${files}:`];
  const { code } = await start("prlimit", { args: limit }).status;
  assert.equal(code, 0);
}

Deno.test("what neighbours met", (t) =>
  sideBySide(t, {
    "slow mode holds back one channel, and a stop does not wait for it":
      async () => {
        const [slow, other] = [channelId(1), channelId(2)];
        await using world = await World.create({
          channels: { "*": [slow, other] },
        });
        world.discord.fail(
          ({ name }) => name.startsWith(`POST /channels/${slow}`),
          rateLimited(HOUR_S, { code: 20016 }),
        );
        const plugin = await world.start().ready();
        const id = world.auth.createRequest();
        await world.shows(id, "PENDING", other);
        world.auth.setState(id, "APPROVED");
        await world.shows(id, "APPROVED", other);
        const line = await plugin.waitForLine("keeps calls back for long");
        assert.match(line, /wait_ms=3600000 until=/);
        assert.match(plugin.output, /held back by the channel's slow mode/);
        assert.equal(await plugin.stop(), 0);
      },

    "a channel that takes no messages is named, once": async () => {
      await using world = await World.create();
      world.discord.fail(isPost, refused(400, 50008), 9);
      const plugin = await world.start().ready();
      world.auth.createRequest();
      world.auth.createRequest();
      const line = await plugin.waitForLine("recipient cannot be reached");
      assert.match(line, /name a text channel, a forum or a thread/);
      assert.equal(await plugin.stop(), 0);
      assert.equal(plugin.lines("recipient cannot be reached").length, 1);
    },

    "a channel that is named twice is told once": async () => {
      await using world = await World.create({
        channels: { "*": [CHANNEL], dev: [CHANNEL, CHANNEL] },
      });
      const plugin = await world.start().ready();
      const id = world.auth.createRequest({ roles: ["dev", "ops"] });
      await world.shows(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
      assert.equal(world.messagesOf(id).length, 1);
    },

    "a certificate that is not valid yet is waited for": async () => {
      await using world = await World.create();
      const inHours = (count: number) =>
        new Date(Date.now() + count * HOUR_S * 1000);
      await world.writeIdentity(
        await world.auth.pki.issueIdentity("discord-plugin", {
          notBefore: inHours(1),
          notAfter: inHours(2),
        }),
      );
      const plugin = world.start();
      const line = await plugin.waitForLine("is not valid before");
      assert.match(line, /compare the clock of this machine/);
      await world.writeIdentity(await world.auth.pki.issueIdentity());
      await plugin.ready();
    },

    "a machine that sleeps comes back to broken connections": async () => {
      await using world = await World.create();
      const plugin = await world.start().ready();
      plugin.signal("SIGSTOP");
      const id = world.auth.createRequest();
      await world.auth.dropConnections();
      plugin.signal("SIGCONT");
      await world.shows(id, "PENDING");
    },

    "a name that cannot be looked up is said to be one, and tried again":
      async () => {
        await using world = await World.create();
        const config = await Deno.readTextFile(world.path("config.toml"));
        await world.write(
          "config.toml",
          config.replace(/^addr = .*$/m, 'addr = "no-such-host.invalid:3025"'),
        );
        const plugin = world.start({ net: "any" });
        const line = await plugin.waitForLine("the name has no address");
        assert.match(line, /will retry.*hint="check the host name in addr/);
        assert.equal(await plugin.stop(), 0);
      },

    "a page of a load balancer in place of Teleport is said to be one":
      async () => {
        await using world = await World.create();
        world.auth.misbehaviour.pages = 404;
        const plugin = world.start();
        await plugin.waitForLine("what answered is no gRPC service");
        world.auth.misbehaviour.pages = undefined;
        await plugin.ready();
        await world.shows(world.auth.createRequest(), "PENDING");
        assert.equal(plugin.lines("too much plugin data").length, 0);
      },
  }));

Deno.test({
  name: LIMITED + leftOut,
  ignore,
  fn: async () => {
    await using world = await World.create();
    const plugin = await world.start().ready();
    world.discord.fail(isPost, resetBefore);
    await limitFiles(plugin, 3);
    const id = world.auth.createRequest();
    await plugin.waitForLine("may open no more files and connections");
    await limitFiles(plugin, 1000);
    await world.shows(id, "PENDING");
  },
});
