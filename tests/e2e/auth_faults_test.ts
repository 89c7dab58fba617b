/**
 * An Auth Service that fails: the plugin stays, comes back by itself, and misses nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { sideBySide } from "./plugin.ts";
import { World } from "./world.ts";

const DENIED = {
  code: status.PERMISSION_DENIED,
  message: "access denied to perform action",
};

/** Ways in which a watch ends. */
const ENDINGS = {
  "UNKNOWN, as of a cache that is initialised again": {
    code: status.UNKNOWN,
    message: "watcher closed",
  },
  "RESOURCE_EXHAUSTED, as of a slow reader": {
    code: status.RESOURCE_EXHAUSTED,
    message: "event queue overflow",
  },
  "W4: PERMISSION_DENIED": DENIED,
  "OK": { code: status.OK, message: "" },
  "a stream reset": "reset",
  "no trailers": "no trailers",
} as const;

Deno.test("the Auth Service fails", (t) =>
  sideBySide(t, {
    ...Object.fromEntries(
      Object.entries(ENDINGS).map(([name, how]) => [
        `W1: the watch ends with ${name}`,
        () => healsFrom(({ auth }) => Promise.resolve(auth.endWatches(how))),
      ]),
    ),

    "W1: it is restarted": () =>
      healsFrom(({ auth }) => auth.stop(), ({ auth }) => auth.restart()),

    "W1: all connections break": () =>
      healsFrom(({ auth }) => auth.dropConnections()),

    "it sends GOAWAY": () =>
      healsFrom(({ auth }) => Promise.resolve(auth.goAway())),

    "W5: the chart asks to fail fast, and the watch ends": () =>
      healsFrom(
        ({ auth }) => Promise.resolve(auth.endWatches("reset")),
        () => Promise.resolve(),
        { TELEPORT_PLUGIN_FAIL_FAST: "true" },
      ),

    "an event is lost: the sweep notices": async () => {
      await using world = await World.create();
      await world.configure({ teleport: 'resync_interval = "1s"' });
      const plugin = await world.start().ready();
      world.auth.misbehaviour.silent = true;
      const id = world.auth.createRequest();
      world.auth.misbehaviour.silent = false;
      await world.shows(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
    },

    "credentials expire under the connection, and are renewed": async () => {
      await using world = await World.create();
      const { auth } = world;
      const plugin = await world.start().ready();
      const before = auth.createRequest();
      await world.shows(before, "PENDING");
      const notAfter = new Date(Date.now() + 6000);
      await world.writeIdentity(
        await auth.pki.issueIdentity("discord-plugin", { notAfter }),
      );
      await plugin.waitForLine((line) =>
        line.includes("credentials loaded") &&
        line.includes(notAfter.toISOString().slice(0, 19))
      );
      await plugin.waitForLine((line) =>
        line.includes("cannot read the credentials again") &&
        line.includes("expired")
      );
      await auth.dropConnections();
      await plugin.waitForLine("cannot watch access requests, will retry");
      const made = auth.createRequest();
      auth.setState(before, "APPROVED");
      await world.writeIdentity(await auth.pki.issueIdentity());
      await world.shows(made, "PENDING");
      await world.shows(before, "APPROVED");
      assert.equal(await plugin.stop(), 0);
    },

    "W16: the role may not watch access requests, then it may": async () => {
      await using world = await World.create();
      const { auth } = world;
      auth.misbehaviour.initKinds = ["access_monitoring_rule"];
      const plugin = world.start();
      const line = await plugin.waitForLine("may not watch access requests");
      assert.match(line, /level=error/);
      assert.match(line, / - \{resources: \[access_request\], verbs:/);
      assert.equal(plugin.lines("Plugin is ready").length, 0);
      const id = auth.createRequest();
      auth.misbehaviour.initKinds = undefined;
      await plugin.ready();
      await world.shows(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
    },

    "W12: roles and resources cannot be looked up": async () => {
      await using world = await World.create();
      const { auth } = world;
      auth.fail("GetRole", DENIED);
      auth.fail("ListResources", DENIED);
      const plugin = await world.start().ready();
      const id = auth.createRequest({
        resources: [{ kind: "node", name: "web-1" }],
      });
      const { content } = await world.shows(id, "PENDING");
      assert.match(content, /\/example\.com\/node\/web-1/);
      await plugin.waitForLine("look-up denied, continuing without");
      assert.equal(await plugin.stop(), 0);
    },

    "W9: an approved request expires, and nothing is wrong": async () => {
      await using world = await World.create({ auth: { roles: { dev: [] } } });
      const { auth } = world;
      const plugin = await world.start().ready();
      const id = auth.createRequest();
      await world.shows(id, "PENDING");
      auth.setState(id, "APPROVED");
      auth.setState(id, "APPROVED");
      await world.shows(id, "APPROVED");
      auth.delete(id);
      const next = auth.createRequest();
      await world.shows(next, "PENDING");
      assert.equal(await plugin.stop(), 0);
      await world.shows(id, "APPROVED");
      const problems = plugin.lines((line) => /level=(warn|err)/.test(line));
      assert.deepEqual(problems, []);
    },
  }));

/** Requests that are made and resolved while the plugin is cut off are told as soon as it is back. */
async function healsFrom(
  cut: (world: World) => Promise<void>,
  restore: (world: World) => Promise<void> = () => Promise.resolve(),
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using world = await World.create();
  const { auth } = world;
  const plugin = await world.start({ env }).ready();
  const resolved = auth.createRequest();
  const deleted = auth.createRequest();
  await world.shows(resolved, "PENDING");
  await world.shows(deleted, "PENDING");
  await cut(world);
  const made = auth.createRequest();
  auth.setState(resolved, "APPROVED");
  auth.delete(deleted);
  await restore(world);
  await world.shows(made, "PENDING");
  await world.shows(resolved, "APPROVED");
  await world.shows(deleted, "EXPIRED");
  const later = auth.createRequest();
  await world.shows(later, "PENDING");
  assert.equal(await plugin.stop(), 0);
}
