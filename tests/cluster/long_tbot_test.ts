/** Renewals by a real tbot, and an expiry that it sleeps through; this takes minutes. */

import assert from "node:assert/strict";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { RealBot } from "./real_bot.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl", "tbot");

Deno.test({
  name: `real tbot: renewals, an expiry, and a new start${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start();
    await using bot = await RealBot.start(stage.cluster, {
      name: "discord",
      roles: ["access-plugin"],
      form: "services",
      // The shortest that tbot takes.
      ttl: "1m",
      interval: "20s",
    });
    const admin = await stage.act("request-admin");
    const config = await stage.configure(
      "plugin",
      `identity = "${bot.identity}"`,
    );
    const plugin = await stage.run(config).ready();
    const create = () => admin.createRequest({ user: "alice", roles: ["dev"] });
    for (let renewals = 0; renewals < 4; renewals++) {
      await bot.renewed(await bot.written());
      await stage.shows(await create(), "PENDING");
    }
    assert.ok(plugin.lines("connected to the Auth Service").length >= 4);
    assert.deepEqual(plugin.lines("cannot connect"), []);

    await bot.stop();
    await new Promise((resolve) => setTimeout(resolve, 75_000));
    // An open connection goes on; what is lost now does not come back before tbot does.
    await stage.cluster.restart();
    const line = await plugin.waitForLine("certificate expired on");
    assert.match(line, /hint=/);
    const missed = await (await stage.act("request-admin"))
      .createRequest({ user: "alice", roles: ["dev"] });
    // With a token that is used up, and a certificate of its own that has expired, a person has to help.
    await assert.rejects(bot.start(), /tbot wrote no identity/);
    const identity = await stage.cluster.sign("discord-plugin");
    await Deno.writeTextFile(bot.identity, await Deno.readTextFile(identity));
    await stage.shows(missed, "PENDING");
    assert.equal(await plugin.stop(), 0);
  },
});
