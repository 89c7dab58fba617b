import assert from "node:assert/strict";
import { parseIdentity } from "../../../src/teleport/credentials/identity.ts";
import { startTcpServer } from "../../fakes/middle_boxes.ts";
import { ClusterPki } from "../../fakes/pki.ts";
import { OwnClient } from "./own_client.ts";

/** From the fourth wait on they no longer grow. */
const GROWING = 3;

Deno.test("a channel asks again at least every 0.4 s by itself", async () => {
  const credentials = parseIdentity(
    await (await ClusterPki.create()).issueIdentity(),
    "id",
  );
  // grpc-js draws how long it waits: here always the longest.
  const { random } = Math;
  Math.random = () => 1;
  try {
    const attempts: number[] = [];
    const enough = Promise.withResolvers<void>();
    await using server = await startTcpServer((socket) => {
      if (attempts.push(performance.now()) === GROWING + 4) enough.resolve();
      socket.destroy();
    });
    await using client = new OwnClient({
      address: `127.0.0.1:${server.port}`,
      credentials: () => credentials,
    });
    await assert.rejects(client.ping(), { code: "UNAVAILABLE" });
    await enough.promise;
    const waits = attempts.slice(1).map((ms, i) => ms - (attempts[i] ?? 0));
    // A busy machine makes each of them longer, so the shortest tells.
    const shortest = Math.min(...waits.slice(GROWING));
    assert.ok(shortest < 450, `waited ${waits.map(Math.round).join(", ")} ms`);
  } finally {
    Math.random = random;
  }
});
