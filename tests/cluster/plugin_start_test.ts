/** Access that begins later, on a real Teleport: asked for and moved with its own programs. */

import assert from "node:assert/strict";
import { CHANNEL } from "../e2e/world.ts";
import type { FakeMessage } from "../fakes/discord.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { NODE_NAME } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl", "tsh");

const ALICE = "1600000000000000012";
const HOUR_MS = 3_600_000;

Deno.test({
  name: `real Teleport: access that begins later${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start();
    const { cluster } = stage;
    const [identity, alice, bob, rita, rob] = await Promise.all([
      cluster.sign("discord-plugin"),
      cluster.sign("alice", { ttl: "29h" }),
      cluster.sign("bob", { ttl: "29h" }),
      cluster.sign("rita"),
      cluster.sign("rob"),
    ]);
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      {
        discord: "notify_requester = true",
        rest: `[users]\n"alice" = "${ALICE}"`,
      },
    );
    const plugin = await stage.run(config).ready();

    /** Makes a request with tsh; returns its ID. */
    const request = async (as: string, ...args: string[]) => {
      const out = await cluster.tsh(
        as,
        "request",
        "create",
        "--nowait",
        ...args,
      );
      const id = /^Request ID: +(\S+)/m.exec(out)?.[1];
      assert.ok(id, out);
      return id;
    };

    await t.step("tsh asks for four hours from tomorrow", async () => {
      const start = inHours(20);
      const id = await request(
        alice,
        "--roles=dev",
        `--assume-start-time=${start.text}`,
        "--session-ttl=24h",
      );
      const message = await stage.shows(id, "PENDING");
      assert.match(accessOf(message), /^\*Access\*: 4h, /);
      assert.equal(startOf(message), start.seconds);

      // It moves at once, and the end stays.
      const end = endOf(message);
      const moved = inHours(21);
      await cluster.tctl(
        "requests",
        "approve",
        `--assume-start-time=${moved.text}`,
        id,
      );
      const approved = await stage.shows(id, "APPROVED");
      assert.match(accessOf(approved), /^\*Access\*: 3h, /);
      assert.equal(startOf(approved), moved.seconds);
      assert.equal(endOf(approved), end);

      const toAlice = () => stage.messagesOf(id, `9${ALICE}`);
      await stage.discord.waitFor(() => toAlice().length === 1);
      assert.equal(accessOf(toAlice()[0]), accessOf(approved));

      // It can be moved although nothing else changes.
      const again = inHours(22);
      await cluster.tctl(
        "requests",
        "approve",
        `--assume-start-time=${again.text}`,
        id,
      );
      await stage.shows(id, `starts <t:${again.seconds}:F>`);
      await stage.discord.waitFor(() => toAlice().length === 2);
      assert.equal(startOf(toAlice()[1]), again.seconds);
      assert.equal(
        (await stage.pluginData(id))["x-starts"],
        again.text,
      );
    });

    await t.step("a reviewer moves it while it is pending", async () => {
      const id = await request(bob, "--roles=dev", "--session-ttl=24h");
      const pending = await stage.shows(id, "PENDING");
      assert.match(accessOf(pending), /^\*Access\*: \S+, ends <t:\d+:R>$/);
      const moved = inHours(5);
      await cluster.tsh(
        rita,
        "request",
        "review",
        "--approve",
        `--assume-start-time=${moved.text}`,
        id,
      );
      const message = await stage.shows(id, "✅ 1 ❌ 0");
      assert.equal(startOf(message), moved.seconds);
      assert.match(message.content, /PENDING/);
      // A trait says who she is in Discord.
      assert.match(
        String(message.embeds[0]?.["description"]),
        new RegExp(`^<@\\d+>\\nStart: <t:${moved.seconds}:F>$`),
      );
      // A review that says nothing of it leaves it where it is.
      await cluster.tsh(rob, "request", "review", "--approve", id);
      assert.equal(startOf(await stage.shows(id, "APPROVED")), moved.seconds);
    });

    await t.step("of a resource", async () => {
      const start = inHours(2);
      const id = await request(
        alice,
        `--resource=/${cluster.clusterName}/node/${NODE_NAME}`,
        `--assume-start-time=${start.text}`,
        "--session-ttl=8h",
      );
      const message = await stage.shows(id, "PENDING");
      assert.match(accessOf(message), /^\*Access\*: 6h, /);
      assert.equal(startOf(message), start.seconds);
      assert.match(message.content, /node\/web-1/);
    });
    assert.equal(await plugin.stop(), 0);
  },
});

/** A time in whole seconds, as the programs of Teleport take it and as Discord shows it. */
function inHours(hours: number): { readonly text: string; seconds: number } {
  const seconds = Math.floor((Date.now() + hours * HOUR_MS) / 1000);
  const text = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
  return { text, seconds };
}

function accessOf(message: FakeMessage | undefined): string {
  return /^\*Access\*.*$/m.exec(message?.content ?? "")?.[0] ?? "";
}

function startOf(message: FakeMessage | undefined): number {
  return Number(/starts <t:(\d+):F>/.exec(accessOf(message))?.[1]);
}

function endOf(message: FakeMessage | undefined): number {
  return Number(/ends <t:(\d+):F>/.exec(accessOf(message))?.[1]);
}
