/** Where the programs of a real Teleport are looked for. */

import { strictEqual } from "node:assert/strict";
import { teleportFolder } from "../../programs/teleport.ts";

Deno.test("TELEPORT_BIN_DIR comes first, then the user's cache", () => {
  const env = new Map([["HOME", "/home/ann"]]);
  strictEqual(teleportFolder(env), "/home/ann/.cache/teleport-test-18.0.0");
  env.set("XDG_CACHE_HOME", "/cache");
  strictEqual(teleportFolder(env), "/cache/teleport-test-18.0.0");
  env.set("TELEPORT_BIN_DIR", "/teleport");
  strictEqual(teleportFolder(env), "/teleport");
});
