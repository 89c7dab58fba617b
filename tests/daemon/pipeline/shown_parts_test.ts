/** What is asked for beyond roles and resources: a later start, constraints, parts that nobody knows. */

import assert from "node:assert/strict";
import { encodePluginData } from "../../../src/record/plugin_data_codec.ts";
import {
  accessRequest,
  hoursLater,
  pluginData,
  posted,
  review,
  storedEntries,
} from "../../fakes/samples.ts";
import { CHANNEL, World } from "./world.ts";

function accessOf(world: World): string | undefined {
  const [message] = world.discord.messages(CHANNEL);
  return /^\*Access\*.*$/m.exec(message?.content ?? "")?.[0];
}

Deno.test("a start that is moved is shown and stored", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1", accessStarts: hoursLater(4) });
  assert.match(
    accessOf(world) ?? "",
    /^\*Access\*: 4h, starts <t:\d+:F>, ends/,
  );
  const reviews = [review({ proposedStart: hoursLater(6) })];
  await world.put({ id: "r1", accessStarts: hoursLater(6), reviews });
  assert.match(accessOf(world) ?? "", /^\*Access\*: 2h, starts/);
  assert.equal(world.auth.stored("r1")["x-starts"], "2026-11-23T02:51:20Z");
  // Nothing else changes this time.
  await world.put({ id: "r1", accessStarts: hoursLater(7), reviews });
  assert.match(accessOf(world) ?? "", /^\*Access\*: 1h, starts/);
});

for (
  const [name, fields, patches] of [
    ["nothing more is asked for", {}, 0],
    ["access begins later", { accessStarts: hoursLater(4) }, 1],
    [
      "the access is narrowed",
      {
        resources: [{
          ...{ cluster: "c", kind: "node", name: "web-1", subResource: "" },
          constraints: { kind: "ssh" as const, values: ["root"] },
        }],
      },
      1,
    ],
    ["a field is unknown", { unknownFields: ["AccessRequestSpecV3.28"] }, 1],
  ] as const
) {
  Deno.test(`a message of an older release is edited ${patches}×: ${name}`, async () => {
    await using world = new World();
    const data = pluginData({
      resources: "resources" in fields ? ["node/web-1"] : [],
      deliveries: new Map([[CHANNEL, posted(CHANNEL, "PENDING-0-0-0.")]]),
      leaseHolder: "",
    });
    const entries = storedEntries(encodePluginData(data));
    world.auth.store("r1", entries);
    world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
    await world.start();
    await world.put({ ...accessRequest(fields), id: "r1" });
    await world.put({ ...accessRequest(fields), id: "r1" });
    const calls = world.discord.script.calls.filter((call) =>
      call.startsWith("PATCH")
    );
    assert.equal(calls.length, patches);
    if (patches === 0) assert.deepEqual(world.auth.stored("r1"), entries);
  });
}

Deno.test("a field that is unknown is logged once", async () => {
  await using world = new World();
  await world.start();
  const unknownFields = ["AccessRequestSpecV3.28"];
  await world.put({ id: "r1", unknownFields });
  await world.put({ id: "r2", unknownFields });
  const lines = world.logger.lines.filter(({ message }) =>
    message.startsWith("request holds fields that this version does not know")
  );
  assert.equal(lines.length, 1);
  assert.deepEqual(lines[0]?.fields["fields"], unknownFields);
});
