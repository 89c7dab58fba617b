/**
 * SIGHUP: everything new is taken into use, or nothing, and no request minds.
 *
 * @module
 */

import assert from "node:assert/strict";
import { run } from "../../programs/command.ts";
import { type Plugin, sideBySide, within } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

const POST = "POST /channels/:id/messages";
const REFUSED = "cannot reload the configuration, keeping the old one";

Deno.test("the plugin is told to reload", (t) =>
  sideBySide(t, {
    "under load: nothing is lost, and nothing comes twice": async () => {
      const other = channelId(2);
      await using world = await World.create({
        channels: { "*": [CHANNEL], late: [other] },
        discord: { delayMs: 20 },
      });
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      const resolved: string[] = [];
      const make = (count: number) =>
        Array.from(
          { length: count },
          () => auth.createRequest({ roles: ["late"] }),
        );
      for (const channel of [other, other, CHANNEL, CHANNEL]) {
        if (channel === CHANNEL) {
          // From now on, nobody has a channel of their own.
          await world.configure({ channels: { "*": [CHANNEL] } });
          await reload(plugin);
        }
        const made = make(8);
        for (const id of resolved) await world.shows(id, "APPROVED", other);
        const reloading = reload(plugin);
        made.push(...make(8));
        await reloading;
        for (const id of made) await world.shows(id, "PENDING", channel);
        if (channel === CHANNEL) continue;
        for (const id of made) auth.setState(id, "APPROVED");
        resolved.push(...made);
      }
      assert.equal(await plugin.stop(), 0);
      const posts = discord.calls.filter(({ route }) => route === POST);
      assert.equal(posts.length, 64);
      assert.equal(auth.countCalls("WatchEvents"), 1);
      const problems = plugin.lines((line) => /level=(warn|err)/.test(line));
      assert.deepEqual(problems, []);
    },

    "with mistakes: each is told, and everything stays as it was": async () => {
      const other = channelId(2);
      await using world = await World.create({
        channels: { "*": [CHANNEL], unused: [other] },
      });
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      const refused = async (about: RegExp) => {
        const count = plugin.lines(REFUSED).length;
        plugin.signal("SIGHUP");
        await plugin.waitForLine((line) =>
          line.includes(REFUSED) && about.test(line)
        );
        assert(plugin.lines(REFUSED).length > count);
        await world.shows(auth.createRequest(), "PENDING", CHANNEL);
      };
      const elsewhere = { channels: { "*": [other] } };
      await world.configure({
        ...elsewhere,
        log: 'severity = "loud"',
        teleport: 'resync_interval = "never"',
      });
      await refused(/log\.severity/);
      assert.equal(plugin.lines("teleport.resync_interval").length, 1);

      await world.configure(elsewhere);
      const identity = await Deno.readTextFile(world.path("identity"));
      await world.writeIdentity(identity.slice(0, identity.length / 2));
      await refused(/identity file/);
      await world.writeIdentity(identity);

      await world.write("token", "a.token.nobody-knows");
      await refused(/Discord refuses it/);
      await world.write("token", discord.token);

      const folder = world.path("no-such-folder");
      const log = `output = "${folder}/plugin.log"`;
      await world.configure({ ...elsewhere, log });
      await refused(/log file/);

      await world.configure({
        ...elsewhere,
        teleport: 'resync_interval = "7s"',
      });
      await reload(plugin);
      const line = await plugin.waitForLine("some changes take a restart");
      assert.match(line, /keys=teleport\.resync_interval$/);
      await world.shows(auth.createRequest(), "PENDING", other);
      assert.equal(await plugin.stop(), 0);
      const text = plugin.output;
      assert(!text.includes("nobody-knows") && !text.includes(discord.token));
    },

    "before it is loaded: that ends nothing, and comes after the start":
      async () => {
        await using world = await World.create();
        const text = await Deno.readFile(world.path("config.toml"));
        // Not where files are watched: Deno opens what changes there, and a pipe without a writer holds that up.
        await Deno.mkdir(world.path("elsewhere"));
        const pipe = world.path("elsewhere/pipe.toml");
        await run("mkfifo", [pipe]);
        const plugin = world.start({ args: ["start", "-c", pipe] });
        const write = async (before = () => {}) => {
          // This waits for the reader.
          const opened = Deno.open(pipe, { write: true });
          using file = await within(opened, "a reader", () => plugin.output);
          before();
          await file.write(text);
        };
        await write(() => {
          plugin.signal("SIGHUP");
          plugin.signal("SIGUSR2");
        });
        await plugin.waitForLine("Starting Teleport Access Discord Plugin");
        await write();
        await plugin.waitForLine("configuration reloaded");
        await plugin.waitForLine('msg="state"');
        assert.equal(await plugin.stop(), 0);
      },

    "with another token, another log file and another form of the log":
      async () => {
        await using world = await World.create();
        const { auth, discord } = world;
        const plugin = await world.start().ready();
        await world.shows(auth.createRequest(), "PENDING");
        const { id: author } = discord.addBot("another.bot.altogether", "two");
        await world.write("token", "another.bot.altogether");
        const path = world.path("plugin.log");
        await world.configure({ log: `output = "${path}"\nformat = "json"` });
        plugin.signal("SIGHUP");
        const { authorId } = await untilPostedBy(world, author);
        assert.equal(authorId, author);
        // A message is there a moment before its line; with the next message the line is there as well.
        await world.shows(auth.createRequest(), "PENDING");
        await Deno.rename(path, `${path}.1`);
        await world.configure({ log: 'severity = "info"' });
        plugin.signal("SIGHUP");
        await plugin.waitForLine("configuration reloaded");
        assert.equal(await plugin.stop(), 0);
        // A line that came after the rename went to a new file of the old name.
        const texts = await Promise.all(
          [`${path}.1`, path].map((each) =>
            Deno.readTextFile(each).catch(() => "")
          ),
        );
        const lines = texts.join("").trim().split("\n");
        const messages = lines.map((line) => JSON.parse(line).message);
        assert(messages.includes("configuration reloaded"));
        assert(messages.includes("message posted"));
      },

    "while Discord refuses the token: the new one is tried at once":
      async () => {
        await using world = await World.create();
        const { auth, discord } = world;
        const plugin = await world.start().ready();
        discord.api.bots.clear();
        const id = auth.createRequest();
        await plugin.waitForLine("Discord refused the bot token, waiting");
        await world.write("token", "another.bot.altogether");
        discord.addBot("another.bot.altogether", "two");
        plugin.signal("SIGHUP");
        await world.shows(id, "PENDING");
        assert.equal(await plugin.stop(), 0);
      },
  }));

/** Reloads, and waits until that is done. */
async function reload(plugin: Plugin): Promise<void> {
  const done = "configuration reloaded";
  const count = plugin.lines(done).length;
  plugin.signal("SIGHUP");
  await plugin.waitForLine(() => plugin.lines(done).length > count);
}

/** Makes requests until one is posted by this bot. */
async function untilPostedBy(world: World, author: string) {
  for (;;) {
    const id = world.auth.createRequest();
    const message = await world.shows(id, "PENDING");
    if (message.authorId === author) return message;
  }
}
