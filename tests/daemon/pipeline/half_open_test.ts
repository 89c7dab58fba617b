/** The service over a real connection that falls silent in the middle of its watch. */

import assert from "node:assert/strict";
import { Pipeline } from "../../../src/daemon/pipeline.ts";
import { endedBy } from "../../../src/lib/async/cancellation.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { EN } from "../../../src/message/catalogue/en.ts";
import { prepareRule } from "../../../src/route/routing_rule.ts";
import { parseIdentity } from "../../../src/teleport/credentials/identity.ts";
import { FakeAuthService } from "../../fakes/auth_service.ts";
import {
  BOT_ID,
  MemoryDiscord,
  messengerOf,
} from "../../fakes/memory_discord.ts";
import { Relay } from "../../fakes/middle_boxes.ts";
import { Linked } from "../../teleport/connect/linked.ts";
import { CHANNEL, NOBODY, RESYNC_MS } from "./world.ts";

Deno.test("a half-open connection is found out, and what happened behind it is told", async () => {
  await using auth = await FakeAuthService.start();
  await using relay = await Relay.start(auth.address);
  const identity = parseIdentity(await auth.pki.issueIdentity(), "id");
  const keepalive = { pingMs: 100, answerMs: 400 };
  await using linked = new Linked(relay.address, identity, { keepalive });
  const { client, logger } = linked;
  const discord = new MemoryDiscord(systemClock);
  const stop = new AbortController();
  const ready = Promise.withResolvers<void>();
  const pipeline = new Pipeline({
    serverVersion: "18.2.8",
    auth: client,
    messenger: messengerOf(discord, endedBy(stop.signal)),
    clock: systemClock,
    logger,
    self: "self",
    people: () => NOBODY,
    facts: {
      textsFor: () => EN,
      hiddenFor: () => [],
      cluster: "example.com",
      webLink: () => undefined,
    },
    mayReadHistory: () => Promise.resolve(true),
    botId: () => BOT_ID,
    loadRuleReader: () => Promise.resolve(prepareRule),
    route: () => [CHANNEL],
    resyncMs: RESYNC_MS,
    reloadToken: () => Promise.resolve(),
    cancellation: endedBy(stop.signal),
    onReady: ready.resolve,
  });
  const running = pipeline.run();
  const told = (id: string, message: string) =>
    logger.waitFor((line) =>
      line.message === message && line.fields["request_id"] === id
    );
  try {
    await ready.promise;
    const before = auth.createRequest();
    await told(before, "message posted");
    relay.freeze();
    const behind = auth.createRequest();
    auth.setState(before, "APPROVED");
    await told(behind, "message posted");
    await told(before, "message edited");
    assert.ok(linked.routes.length > 1, "no new connection");
    assert.equal(discord.messages(CHANNEL).length, 2);
  } finally {
    stop.abort(new DOMException("Stopping", "AbortError"));
    await running;
  }
});
