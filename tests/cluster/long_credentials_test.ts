/** Credentials that are renewed on a real Teleport; this takes minutes. */

import assert from "node:assert/strict";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import type { Plugin } from "../e2e/plugin.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");
const ALICE = { user: "alice", roles: ["dev"] };

Deno.test({
  name:
    `real Teleport: certificates of one minute, and nothing is lost${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start();
    const admin = await stage.act("request-admin");
    const identity = `${stage.folder}/identity`;
    const renew = () => signInto(stage, identity, "1m");
    await renew();
    const plugin = await stage.run(await configure(stage, identity)).ready();
    const ids: string[] = [];
    const end = Date.now() + 150_000;
    for (let renewed = 0; Date.now() < end;) {
      ids.push(await admin.createRequest(ALICE));
      await stage.shows(ids.at(-1) ?? "", "PENDING");
      if (Date.now() - renewed < 20_000) continue;
      renewed = Date.now();
      await renew();
    }
    for (const id of ids) await stage.shows(id, "PENDING");
    assert.ok(ids.length > 100, `${ids.length} requests`);
    assert.ok(plugin.lines("connected to the Auth Service").length >= 6);
    assert.deepEqual(plugin.lines("expire soon"), []);
    assert.deepEqual(plugin.lines("cannot connect"), []);
    assert.equal(await plugin.stop(), 0);
  },
});

Deno.test({
  name: `real Teleport: the CAs are rotated while the plugin runs${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start();
    const identity = `${stage.folder}/identity`;
    const rotate = (type: string, phase: string) =>
      stage.cluster.tctl(
        ...["auth", "rotate", "--manual", `--type=${type}`, `--phase=${phase}`],
      );
    // The Auth Service keeps the list of client CAs for minutes once somebody has connected.
    await rotate("user", "init");
    await signInto(stage, identity, "1h");
    const plugin = await stage.run(await configure(stage, identity)).ready();
    const rest = ["update_clients", "update_servers", "standby"];
    for (
      const [type, phase] of [
        ...rest.map((phase) => ["user", phase] as const),
        ...["init", ...rest].map((phase) => ["host", phase] as const),
      ]
    ) {
      await t.step(`${type} CA, ${phase}`, async () => {
        await rotate(type, phase);
        await announces(stage, plugin);
        const before = plugin.lines("connected to the Auth Service").length;
        await signInto(stage, identity, "1h");
        await plugin.waitForLine(() =>
          plugin.lines("connected to the Auth Service").length > before
        );
        await announces(stage, plugin);
      });
    }
    assert.equal(await plugin.stop(), 0);
  },
});

/** Makes a request by a fresh connection and waits for its message. */
async function announces(stage: Stage, plugin: Plugin): Promise<void> {
  const id = await untilDone(async () => {
    const admin = await stage.act("request-admin");
    return await admin.createRequest(ALICE);
  });
  await stage.shows(id, "PENDING");
  assert.equal(plugin.lines("level=error").length, 0, plugin.output);
}

/** Teleport restarts its services during a rotation, so that a call may fail. */
async function untilDone<T>(call: () => Promise<T>): Promise<T> {
  for (let left = 20;; left--) {
    try {
      return await call();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Writes new credentials over the old ones in place, as tbot does. */
async function signInto(
  stage: Stage,
  path: string,
  ttl: string,
): Promise<void> {
  const signed = await untilDone(() =>
    stage.cluster.sign("discord-plugin", { ttl })
  );
  await Deno.writeTextFile(path, await Deno.readTextFile(signed));
}

function configure(stage: Stage, identity: string): Promise<string> {
  return stage.configure("plugin", `identity = "${identity}"`);
}
