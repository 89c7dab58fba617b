import assert from "node:assert/strict";
import {
  StallDetector,
  withStallDetection,
} from "../../../src/lib/async/stall_detector.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { BOT_ID, discordError, PERSON_ID } from "../../fakes/memory_discord.ts";
import { hoursLater, review } from "../../fakes/samples.ts";
import { CHANNEL, loadOf, OTHER_CHANNEL, OWED, World } from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const USER = "user:600000000000000001";
const DIRECT_CHANNEL = "700000000000000001";

Deno.test("a request is claimed, announced and recorded", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  const [message] = world.discord.messages(CHANNEL);
  assert.match(
    message?.content ?? "",
    /^You have a new Role Request:\n\*ID\*: r1\n/,
  );
  const [claim, record] = world.auth.writes;
  assert.equal(claim?.set[`x-to:${CHANNEL}`], "owed 1");
  assert.equal(claim?.set["x-owner"], "self");
  const ref = `${CHANNEL}/${message?.id}`;
  assert.deepEqual(record?.set, {
    [`x-to:${CHANNEL}`]: `${ref} 1 PENDING-0-0-0.`,
    messages: ref,
  });
});

Deno.test("a new request costs a claim, a post and a record, and then nothing is kept", async () => {
  await using world = new World();
  const { pipeline } = await world.start();
  // The first request shows that the rule to list is there.
  await world.put({ id: "r0" });
  world.auth.script.forget();
  await world.put({ id: "r1" });
  assert.deepEqual(world.auth.script.calls, [
    "UpdatePluginData r1",
    "UpdatePluginData r1",
  ]);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("events and rounds are told as they come", async () => {
  await using world = new World();
  const events: string[] = [];
  const rounds: string[] = [];
  await world.start({
    onEvent: (kind) => events.push(kind),
    onRound: (result) => rounds.push(result),
  });
  await world.put({ id: "r1" });
  assert.deepEqual(events, ["init", "put"]);
  assert.deepEqual(rounds, ["announce", "ignore"]);
});

Deno.test("a pipeline that does its work, or cannot connect, does not seem stuck", async () => {
  await using world = new World();
  const stalls = new StallDetector(world.clock);
  await world.start({ clock: withStallDetection(world.clock, stalls) });
  await world.clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
  world.auth.listAccessRequests = async function* () {
    yield await Promise.reject(new Error("down"));
  };
  world.auth.endWatches(new Error("down"));
  await world.clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
});

Deno.test("every recipient is told, and messages are in the order of recording", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.equal(world.auth.stored("r1")["messages"]?.split(",").length, 2);
});

Deno.test("what cannot be looked up in 300 ms does not hold up the message, and is added", async () => {
  await using world = new World();
  world.auth.script.next("GetRole dev", { takesMs: 1000 });
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(299);
  assert.deepEqual(world.shown(), []);
  await world.clock.advance(1);
  const [message] = world.discord.messages(CHANNEL);
  assert.doesNotMatch(message?.content ?? "", /root/);
  world.auth.script.forget();
  await world.clock.advance(700);
  assert.match(message?.content ?? "", /root/);
  // It was announced and let go, so what is stored is read again; nobody tries to claim it twice.
  assert.deepEqual(world.auth.script.calls, [
    "UpdatePluginData r1",
    "GetPluginData r1",
    "UpdatePluginData r1",
  ]);
});

Deno.test("a request that resolves while things are looked up for it is not announced", async () => {
  await using world = new World();
  const process = await world.start();
  world.auth.script.always("GetRole", { takesMs: 200 });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(1000);
  assert.deepEqual(world.discord.script.calls, []);
  assert.deepEqual(world.auth.writes, []);
  assert.equal(process.pipeline.reconciler.workload.requests, 0);
});

Deno.test("a stop while things are looked up leaves the request to whoever comes next", async () => {
  await using world = new World();
  const process = await world.start();
  world.auth.script.next("GetRole", { takesMs: 200 });
  await world.put({ id: "r1" });
  await process.stop();
  assert.deepEqual(world.auth.writes, []);
  await world.start({ self: "next" });
  assert.deepEqual(world.shown(), ["PENDING"]);
});

for (const state of ["APPROVED", "DENIED", "PROMOTED"] as const) {
  Deno.test(`a request that is ${state} when it is first seen is never announced`, async () => {
    await using world = new World();
    await world.start();
    await world.put({ id: "r1", state });
    assert.deepEqual(world.auth.writes, []);
    assert.deepEqual(world.discord.script.calls, []);
  });
}

Deno.test("a request past its access expiry is not announced, which is logged once", async () => {
  await using world = new World();
  await world.start();
  for (let i = 0; i < 2; i++) {
    await world.put({ id: "r1", accessExpires: hoursLater(0) });
  }
  assert.deepEqual(world.auth.writes, []);
  const [line, second] = world.logger.find("request is not announced");
  assert.equal(line?.fields["reason"], "access has expired");
  assert.equal(second, undefined);
});

Deno.test("a request without recipients is stored nowhere until a sweep finds some", async () => {
  await using world = new World();
  let recipients: string[] = [];
  await world.start({ route: () => recipients });
  await world.put({ id: "r1" });
  assert.deepEqual(world.auth.writes, []);
  recipients = [CHANNEL];
  await world.clock.advance(300_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("recipients are frozen: later routing tells nobody again", async () => {
  await using world = new World();
  let recipients = [CHANNEL];
  await world.start({ route: () => recipients });
  await world.put({ id: "r1" });
  recipients = [CHANNEL, OTHER_CHANNEL];
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(300_000);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
});

Deno.test("a request that is gone before the claim is forgotten", async () => {
  await using world = new World();
  const { pipeline } = await world.start();
  world.auth.script.next("UpdatePluginData", {
    refuse: teleportError("NOT_FOUND"),
  });
  await world.put({ id: "r1" });
  assert.deepEqual(world.discord.script.calls, []);
  assert.equal(pipeline.reconciler.workload.requests, 0);
});

Deno.test("of two instances one announces", async () => {
  await using world = new World();
  await world.start({ self: "one" });
  await world.start({ self: "two" });
  await world.put({ id: "r1" });
  await world.clock.advance(60_000);
  assert.equal(world.discord.script.made(POST).length, 1);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("an approval while the post is in flight is shown as soon as that is answered", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { takesMs: 2000 });
  await world.put({ id: "r1" });
  await world.clock.advance(1000);
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(), ["PENDING"]);
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.discord.script.calls.length, 2);
});

Deno.test("a state that changes while the post waits for its slot is posted as it is then", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { slotMs: 2000 });
  await world.put({ id: "r1" });
  await world.clock.advance(1000);
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(1000);
  assert.match(world.discord.messages(CHANNEL)[0]?.content ?? "", /✅ 1/);
  assert.equal(world.discord.script.calls.length, 1);
});

Deno.test("a request that resolves while its message is owed is dropped without a call", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { slotMs: 5000 });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(60_000);
  assert.equal(world.delivery("r1"), "dropped");
  assert.deepEqual(world.discord.script.calls, []);
  assert.deepEqual(world.shown(), []);
});

Deno.test("one that resolves after a definite refusal is dropped without another call", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { refuse: discordError(403, 50001) });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.equal(world.delivery("r1"), "dropped");
  assert.deepEqual(world.discord.script.calls, [POST]);
});

Deno.test("one that resolves when it may have been posted is searched, recorded and edited", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { lose: discordError(0) });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(60_000);
  const [message] = world.discord.messages(CHANNEL);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(
    world.delivery("r1"),
    `${CHANNEL}/${message?.id} 1 APPROVED-0-0-0.`,
  );
  assert.deepEqual(world.discord.script.calls, [
    POST,
    `GET /channels/${CHANNEL}/messages`,
    PATCH + message?.id,
  ]);
});

Deno.test("one that resolves, and was not posted after all, is dropped after the search", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { refuse: discordError(502) });
  world.discord.add(CHANNEL, { authorId: PERSON_ID });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(60_000);
  assert.equal(world.delivery("r1"), "dropped");
  assert.equal(world.discord.script.made(POST).length, 1);
});

Deno.test("a user is told in a channel that is opened once", async () => {
  await using world = new World();
  await world.start({ route: () => [USER] });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  await world.put({ id: "r1", state: "APPROVED" });
  const [message] = world.discord.messages(DIRECT_CHANNEL);
  assert.deepEqual(world.shown(DIRECT_CHANNEL), ["APPROVED", "PENDING"]);
  assert.equal(
    world.delivery("r1", USER),
    `${DIRECT_CHANNEL}/${message?.id} 1 APPROVED-0-0-0.`,
  );
  assert.equal(world.discord.script.made("POST /users/@me/channels").length, 1);
});

Deno.test("another bot opens channels of its own", async () => {
  await using world = new World();
  let bot = BOT_ID;
  await world.start({ route: () => [USER], botId: () => bot });
  await world.put({ id: "r1" });
  bot = "900000000000000009";
  await world.put({ id: "r2" });
  await world.put({ id: "r3" });
  assert.equal(world.discord.script.made("POST /users/@me/channels").length, 2);
});

Deno.test("several requests at once open the channel of a user once", async () => {
  await using world = new World();
  const open = "POST /users/@me/channels";
  world.discord.script.always(open, { takesMs: 100 });
  await world.start({ route: () => [USER] });
  await Promise.all(["r1", "r2", "r3"].map((id) => world.put({ id })));
  await world.clock.advance(100);
  assert.equal(world.shown(DIRECT_CHANNEL).length, 3);
  assert.equal(world.discord.script.made(open).length, 1);
});

Deno.test("a channel of a user that is gone is opened again", async () => {
  await using world = new World();
  const post = `POST /channels/${DIRECT_CHANNEL}/messages`;
  world.discord.script.next(post, { refuse: discordError(404, 10003) });
  await world.start({ route: () => [USER] });
  await world.put({ id: "r1" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(DIRECT_CHANNEL), ["PENDING"]);
  assert.equal(world.discord.script.made("POST /users/@me/channels").length, 2);
});

Deno.test("a user who does not exist is a warning that says so", async () => {
  await using world = new World();
  world.discord.script.always("POST /users/@me/channels", {
    refuse: discordError(400, 50033, "POST /users/@me/channels"),
  });
  await world.start({ route: () => [USER, CHANNEL] });
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(), ["PENDING"]);
  const [line] = world.logger.at("warning");
  assert.match(String(line?.fields["hint"]), /no such user/);
});

Deno.test("a stored claim of this very process that it has forgotten is searched for first", async () => {
  await using world = new World();
  world.claim("r1", { [CHANNEL]: OWED }, { leaseHolder: "self" });
  await world.put({ id: "r1" });
  await world.start();
  assert.deepEqual(world.shown(), ["PENDING"]);
  // It does not remember whether it has posted already.
  assert.equal(
    world.discord.script.calls[0],
    `GET /channels/${CHANNEL}/messages`,
  );
});

Deno.test("a rule that is missing is named once, and healed when it is there", async () => {
  await using world = new World();
  await world.start();
  const heal = world.auth.script.always("UpdatePluginData", {
    refuse: teleportError("PERMISSION_DENIED"),
  });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  await world.clock.advance(60_000);
  const lines = world.logger.at("error");
  assert.equal(lines.length, 1);
  assert.match(String(lines[0]?.fields["hint"]), /access_plugin_data/);
  heal();
  await world.clock.advance(300_000);
  assert.deepEqual(world.shown(), ["PENDING", "PENDING"]);
});
