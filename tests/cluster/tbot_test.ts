/** An identity that a real tbot keeps. */

import assert from "node:assert/strict";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { RealBot } from "./real_bot.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl", "tbot");

for (const form of ["services", "outputs"] as const) {
  Deno.test({
    name:
      `real tbot, configured by ${form}: joins, starts again, is locked${leftOut}`,
    ignore,
    fn: async () => {
      await using stage = await Stage.start();
      const { cluster } = stage;
      await using bot = await RealBot.start(cluster, {
        name: "discord",
        roles: ["access-plugin"],
        form,
        ttl: "3m",
        interval: "1m",
      });
      const admin = await stage.act("request-admin");
      const config = await stage.configure(
        "plugin",
        `identity = "${bot.identity}"`,
      );
      const plugin = await stage.run(config).ready();
      const announces = async () => {
        const id = await admin.createRequest({ user: "alice", roles: ["dev"] });
        await stage.shows(id, "PENDING");
      };
      const connections = () =>
        plugin.lines("connected to the Auth Service").length;
      await announces();

      const before = connections();
      await bot.stop();
      await bot.start();
      await plugin.waitForLine(() => connections() > before);
      await announces();
      assert.deepEqual(plugin.lines("cannot connect"), []);

      await cluster.tctl("lock", `--user=${bot.user}`, "--message=no");
      // The connection there is goes on; what is asked for on it is refused.
      const missed = await admin.createRequest({
        user: "alice",
        roles: ["dev"],
      });
      const refused = await plugin.waitForLine((line) =>
        /level=(warning|error)/.test(line)
      );
      assert.match(refused, /hint=/);
      const [lock = ""] = /(?<=name: )[\da-f-]{36}/
        .exec(await cluster.tctl("get", "locks")) ?? [];
      await cluster.tctl("rm", `lock/${lock}`);
      await stage.shows(missed, "PENDING");
      assert.equal(await plugin.stop(), 0);
    },
  });
}
