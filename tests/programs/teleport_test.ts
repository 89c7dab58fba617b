/** Where the programs of a real Teleport are looked for. */

import { strictEqual } from "node:assert/strict";
import { describeMissing, teleportFolder } from "../../programs/teleport.ts";

Deno.test("TELEPORT_BIN_DIR comes first, then the user's cache", () => {
  const env = new Map([["HOME", "/home/ann"]]);
  strictEqual(teleportFolder(env), "/home/ann/.cache/teleport-test-18.0.0");
  env.set("XDG_CACHE_HOME", "/cache");
  strictEqual(teleportFolder(env), "/cache/teleport-test-18.0.0");
  env.set("TELEPORT_BIN_DIR", "/teleport");
  strictEqual(teleportFolder(env), "/teleport");
});

Deno.test("what is left out is said with the programs that are wanted, and where", () => {
  const env = new Map([["TELEPORT_BIN_DIR", "/teleport"]]);
  strictEqual(
    describeMissing("No real Teleport", ["teleport", "tctl"], env),
    "!! No real Teleport: there is no teleport, tctl in /teleport, which TELEPORT_BIN_DIR sets",
  );
  env.set("TELEPORT_BIN_DIR", "");
  env.set("HOME", "/home/ann");
  strictEqual(
    describeMissing("No renewals by tbot", ["tbot"], env),
    "!! No renewals by tbot: there is no tbot in /home/ann/.cache/teleport-test-18.0.0; set TELEPORT_BIN_DIR to the folder that has it",
  );
});
