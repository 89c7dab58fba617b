/**
 * Stopping in an orderly way; what takes longer is with the crashes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { hang } from "../fakes/discord.ts";
import { runBundle } from "./bundle.ts";
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
      const calls = discord.callNames.slice(count);
      assert.deepEqual(calls.filter((name) => !name.startsWith("GET ")), []);
    },

    "because npx ended, which started it": async () => {
      await using world = await World.create();
      const words = [Deno.execPath(), ...runBundle()].map((word) =>
        `'${word}'`
      );
      const config = world.path("config.toml");
      // As npm does it: a shell that waits for the command.
      const launcher = world.start({
        program: "sh",
        args: ["-c", `${words.join(" ")} start --config '${config}'; :`],
        env: { npm_lifecycle_event: "npx" },
      });
      await launcher.waitForLine("Plugin is ready");
      launcher.signal("SIGKILL");
      await launcher.waitForLine("npx has ended, which started the plugin");
      await launcher.waitForLine("Successfully shut down");
      // That of the shell, once nobody writes any more.
      assert.equal(await launcher.exitCode, 137);
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
  }));
