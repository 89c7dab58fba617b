/**
 * Hostile input on the real process, between both stand-ins: over TLS and gRPC on one side, HTTP on the other.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { within } from "../e2e/plugin.ts";
import { CHANNEL, channelId, World } from "../e2e/world.ts";
import {
  corruptValue,
  hostileReason,
  hostileRequest,
  MANY_ANNOTATIONS,
  STORED_KEYS,
} from "./hostile.ts";

/** What a person has to act on, and what is a fault of the program. */
const isError = (line: string) => /level=error/.test(line);

Deno.test("the process announces hostile requests and follows them", async () => {
  const requests = fc.sample(hostileRequest, 30);
  const reasons = fc.sample(hostileReason, 90);
  const channels = Array.from({ length: 6 }, (_, i) => channelId(100 + i));
  await using world = await World.create({
    discord: { channels: [CHANNEL, ...channels] },
  });
  const { auth } = world;
  const plugin = await world.start().ready();
  // Roles of strange names have no entry, so that all is announced under "*".
  const ids = [...requests, { annotations: MANY_ANNOTATIONS }].map((request) =>
    auth.createRequest({ ...request, approvalsNeeded: 3 })
  );
  for (const id of ids) await world.shows(id, "⏳ PENDING");
  let next = 0;
  for (const id of ids) {
    for (const author of ["rita", "rob", "rosa"]) {
      auth.review(id, author, "APPROVED", reasons[next++ % reasons.length]);
    }
  }
  for (const id of ids) await world.shows(id, "✅ APPROVED");
  assert.equal(await plugin.stop(), 0);
  assert.deepEqual(plugin.lines(isError), []);
  assert.equal(plugin.lines("content was refused").length, 0);
});

Deno.test("the process survives plugin data that somebody corrupted", async () => {
  await using world = await World.create();
  const { auth, discord } = world;
  const corrupt = (key: string, value: string) => {
    const id = auth.createRequest();
    auth.state.updatePluginData({
      kind: "access_request",
      resource: id,
      plugin: "discord",
      set: new Map([[key, value]]),
      expect: new Map(),
    });
    return id;
  };
  const values = fc.sample(corruptValue, STORED_KEYS.length);
  const ids = values.map((value, i) =>
    corrupt(
      STORED_KEYS[i % STORED_KEYS.length] ?? "",
      // Teleport stores UTF-8.
      value.toWellFormed() || "?",
    )
  );
  const foreign = corrupt("x-future", "?");
  const plugin = await world.start().ready();
  const made = auth.createRequest();
  await world.shows(made, "PENDING");
  // Whoever wrote that might yet post; after its time this one does.
  await world.shows(foreign, "PENDING");
  for (const id of [...ids, foreign, made]) auth.setState(id, "DENIED");
  for (const id of [foreign, made]) await world.shows(id, "DENIED");
  // Nothing of it is tried for ever: Discord is left in peace.
  let count = -1;
  await within(
    (async () => {
      while (count !== discord.calls.length) {
        count = discord.calls.length;
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    })(),
    "the calls to Discord to end",
  );
  assert.equal(await plugin.stop(), 0);
  assert.deepEqual(
    plugin.lines((line) =>
      line.includes("unhandled error") ||
      line.includes("cannot reconcile a request")
    ),
    [],
  );
  const refused = discord.calls.filter(({ status }) => status === 400);
  assert.deepEqual(refused, []);
});
