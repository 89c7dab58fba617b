/** What the service does when it is told that the configuration may be another one. */

import assert from "node:assert/strict";
import { CHANNEL, OTHER_CHANNEL, RESYNC_MS, World } from "./world.ts";

Deno.test("after a reload, a request that had nobody to be told is announced; the others stay", async () => {
  await using world = new World();
  let routing: Readonly<Record<string, readonly string[]>> = {
    dev: [CHANNEL],
  };
  const { pipeline } = await world.start({
    route: ({ roles }) => roles.flatMap((role) => routing[role] ?? []),
  });
  await world.put({ id: "1", roles: ["dev"] });
  await world.put({ id: "2", roles: ["ops"] });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);

  routing = { dev: [OTHER_CHANNEL], ops: [OTHER_CHANNEL] };
  const beforeMs = world.clock.monotonic();
  pipeline.reloaded();
  await world.clock.advance(10);
  assert.ok(world.clock.monotonic() - beforeMs < RESYNC_MS);
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.deepEqual(
    Object.keys(world.auth.stored("2")).filter((key) =>
      key.startsWith("x-to:")
    ),
    [`x-to:${OTHER_CHANNEL}`],
  );

  await world.put({ id: "3", roles: ["dev"] });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
});

Deno.test("a reload while all requests are listed lists them once more", async () => {
  await using world = new World();
  const process = await world.start();
  const { calls } = world.auth.script;
  const lists = () => calls.filter((call) => call === "ListPluginData").length;
  const before = lists();
  for (let i = 0; i < 5; i++) process.pipeline.reloaded();
  await world.clock.advance(10);
  assert.ok(lists() > before && lists() <= before + 2, `${lists() - before}`);
});
