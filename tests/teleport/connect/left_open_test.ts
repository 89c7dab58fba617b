/** What reconnecting leaves behind: nothing, however often, whatever route wins. */

import assert from "node:assert/strict";
import process from "node:process";
import { parseIdentity } from "../../../src/teleport/credentials/identity.ts";
import { FakeAuthService } from "../../fakes/auth_service.ts";
import { ClusterPki } from "../../fakes/pki.ts";
import { startWebPort } from "../../fakes/web_port.ts";
import { Watching } from "../client/watching.ts";
import { Linked } from "./linked.ts";

const ROUNDS = 8;

const pki = await ClusterPki.create();
const credentials = parseIdentity(await pki.issueIdentity(), "id");
const webPair = await pki.hostCa.issueWeb(["127.0.0.1"]);
const webCaPath = await Deno.makeTempFile({ suffix: ".pem" });
await Deno.writeTextFile(webCaPath, pki.hostCa.certificate);
addEventListener("unload", () => Deno.removeSync(webCaPath));

/** Timers, sockets and the like that are open in this process, the stand-ins' included. */
function countOpen(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo().toSorted()) {
    // What is about to run is not left open.
    if (kind !== "Immediate") counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Waits until no more is open than this. */
async function untilNoMoreThan(
  before: Readonly<Record<string, number>>,
): Promise<void> {
  let open = countOpen();
  for (let left = 200; left > 0; left--) {
    const more = Object.entries(open).filter(([kind, count]) =>
      count > (before[kind] ?? 0)
    );
    if (more.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
    open = countOpen();
  }
  assert.deepEqual(open, before);
}

for (const route of ["direct", "upgrade_websocket"] as const) {
  Deno.test(`reconnecting leaves no channel, socket or timer open, route ${route}`, async () => {
    await using auth = await FakeAuthService.start({ pki });
    await using web = await startWebPort(auth.address, webPair, {
      webSocket: true,
    });
    await using linked = route === "direct"
      ? new Linked(auth.address, credentials)
      : new Linked(`127.0.0.1:${web.port}`, credentials, { webCaPath });
    const reconnect = async (lose: () => void | Promise<void>) => {
      const connections = linked.routes.length;
      await lose();
      await linked.untilConnected(connections + 1);
      await new Watching(linked.client).next();
    };
    await new Watching(linked.client).next();
    // The first round has no route that worked last; what it leaves is no more than that of a later one.
    await reconnect(() => auth.dropConnections());
    const before = countOpen();
    assert.ok((before["Timeout"] ?? 0) > 0, JSON.stringify(before));

    for (let i = 0; i < ROUNDS; i++) {
      await reconnect(() => auth.dropConnections());
      await reconnect(() => linked.renew({ ...credentials }));
      await reconnect(() => auth.goAway());
    }
    await untilNoMoreThan(before);
    assert.deepEqual(new Set(linked.routes), new Set([route]));
  });
}
