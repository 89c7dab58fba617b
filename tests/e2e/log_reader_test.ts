/**
 * Whoever reads the log is stuck, or goes away, or has no room: the plugin does its work all the same.
 *
 * @module
 */

import assert from "node:assert/strict";
import { start } from "../../programs/command.ts";
import { runBundle } from "./bundle.ts";
import { sideBySide, within } from "./plugin.ts";
import { World } from "./world.ts";

/** More than fits into a pipe, as debug lines. */
const REQUESTS = 100;

/** Starts the plugin by a command of bash that runs it as `"$@"`. */
function startBy(command: string, world: World): Deno.ChildProcess {
  return start("bash", {
    args: [
      ...["-c", command, "bash", Deno.execPath(), ...runBundle()],
      ...["start", "--config", world.path("config.toml")],
    ],
    env: { DENO_NO_UPDATE_CHECK: "1", LOG: world.path("log") },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
}

async function announceMany(world: World): Promise<void> {
  for (let count = 0; count < REQUESTS; count++) {
    await world.shows(world.auth.createRequest(), "PENDING");
  }
}

async function stop(plugin: Deno.ChildProcess): Promise<void> {
  plugin.kill("SIGTERM");
  const { code } = await within(plugin.status, "the process to end");
  assert.equal(code, 0);
}

Deno.test("the log is not read", (t) =>
  sideBySide(t, {
    "its reader is stuck": async () => {
      await using world = await World.create();
      const made = start("mkfifo", { args: [world.path("log")] });
      assert.equal((await made.status).code, 0);
      using _reader = await Deno.open(world.path("log"), {
        read: true,
        write: true,
      });
      const plugin = startBy('exec "$@" 2>"$LOG"', world);
      await announceMany(world);
      await stop(plugin);
    },

    "its reader goes away": async () => {
      await using world = await World.create();
      const plugin = startBy('exec "$@" 2> >(head -n 1 >"$LOG")', world);
      await announceMany(world);
      await stop(plugin);
      assert.match(await Deno.readTextFile(world.path("log")), /Starting/);
    },

    "there is no room for it": async () => {
      await using world = await World.create();
      const plugin = startBy('exec "$@" 2>/dev/full', world);
      await announceMany(world);
      await stop(plugin);
    },
  }));
