/** Renewals by a real tbot, a lock, and an expiry that it sleeps through; this takes twelve minutes. */

import assert from "node:assert/strict";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { RealBot, type RealBotOptions } from "./real_bot.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl", "tbot");

const TTL_MS = 180_000;
const SAFETY_MS = 20_000;

Deno.test({
  name:
    `real tbot: renewals, a new start, a lock, an expiry, and a new token${leftOut}`,
  ignore,
  fn: async () => {
    await Promise.all([live("services"), live("outputs")]);
  },
});

/** What a bot and a plugin go through together, in one form of the bot's configuration. */
async function live(form: RealBotOptions["form"]): Promise<void> {
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
  const create = () => admin.createRequest({ user: "alice", roles: ["dev"] });
  const announces = async () => {
    const id = await create();
    await stage.shows(id, "PENDING");
    await admin.setState(id, "APPROVED");
    await stage.shows(id, "APPROVED");
  };
  const connections = () =>
    plugin.lines("connected to the Auth Service").length;
  /** Waits for a renewal, and until the plugin uses it. */
  const renewed = async () => {
    const before = connections();
    await bot.renewed(await bot.written());
    await plugin.waitForLine(() => connections() > before);
    await announces();
  };

  // Longer than one certificate lives.
  for (let renewals = 0; renewals < 4; renewals++) await renewed();
  assert.doesNotMatch(bot.log, /Backing off/);

  const before = connections();
  await bot.stop();
  await bot.start();
  await plugin.waitForLine(() => connections() > before);
  await announces();
  await renewed();
  assert.deepEqual(plugin.lines("cannot connect"), []);
  assert.deepEqual(plugin.lines("expire soon"), []);

  const logged = bot.log.length;
  await cluster.tctl("lock", `--user=${bot.user}`, "--message=no");
  const whileLocked = await create();
  const refused = await plugin.waitForLine((line) =>
    /level=(warning|error)/.test(line)
  );
  assert.match(refused, /hint=/);
  // It cannot renew either.
  await bot.logged("access denied", logged);
  const [lock = ""] = /(?<=name: )[\da-f-]{36}/
    .exec(await cluster.tctl("get", "locks")) ?? [];
  await cluster.tctl("rm", `lock/${lock}`);
  await stage.shows(whileLocked, "PENDING");
  await renewed();

  await bot.stop();
  await new Promise((resolve) => setTimeout(resolve, TTL_MS + SAFETY_MS));
  // An open connection goes on; what is lost now does not come back before tbot does.
  await cluster.restart();
  const expired = await plugin.waitForLine("certificate expired on");
  assert.match(expired, /hint=/);
  const fresh = await stage.act("request-admin");
  const missed = await fresh.createRequest({ user: "alice", roles: ["dev"] });
  // Its own certificate has expired as well, and its token is used up: a person has to help.
  await assert.rejects(bot.start(), /tbot wrote no identity/);
  await bot.stop();
  await bot.join(cluster);
  await stage.shows(missed, "PENDING");
  await fresh.setState(missed, "DENIED");
  await stage.shows(missed, "DENIED");
  assert.equal(await plugin.stop(), 0);
}
