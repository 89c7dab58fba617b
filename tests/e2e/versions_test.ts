/** What a Teleport of each supported version is known to do differently, on the stand-in. */

import assert from "node:assert/strict";
import { sideBySide } from "./plugin.ts";
import { World } from "./world.ts";

/** Versions, and whether they have ListAccessRequests. */
const VERSIONS = {
  "14.3.13": false,
  "15.1.9": false,
  "16.4.0": true,
  "17.2.0": true,
  "18.0.0": true,
};

Deno.test("Teleport of every supported version", (t) =>
  sideBySide(
    t,
    Object.fromEntries(
      Object.entries(VERSIONS).map(([serverVersion, canList]) => [
        serverVersion,
        async () => {
          await using world = await World.create({ auth: { serverVersion } });
          const { auth } = world;
          auth.misbehaviour.noListAccessRequests = !canList;
          const early = auth.createRequest();
          const plugin = await world.start().ready();
          await world.shows(early, "PENDING");
          const late = auth.createRequest();
          await world.shows(late, "PENDING");
          auth.setState(early, "APPROVED");
          await world.shows(early, "APPROVED");
          const line = await plugin.waitForLine("connected to the Auth");
          assert(line.includes(`server_version=${serverVersion}`));
          assert.equal(await plugin.stop(), 0);
          assert.deepEqual(plugin.lines("level=warn"), []);
        },
      ]),
    ),
  ));
