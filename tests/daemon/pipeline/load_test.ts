import assert from "node:assert/strict";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { accessRequest, posted, review } from "../../fakes/samples.ts";
import { CHANNEL, loadOf, OTHER_CHANNEL, RESYNC_MS, World } from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const PATCH = `PATCH /channels/${CHANNEL}/messages/`;

Deno.test("1 000 events for one request while Discord is slow cost two calls a message", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  world.discord.script.always("POST", { takesMs: 5000 });
  await world.put({ id: "r1" });
  for (let i = 1; i <= 1000; i++) {
    await world.put({ id: "r1", reviews: Array(i).fill(review()) });
  }
  await world.clock.advance(5000);
  for (const channel of [CHANNEL, OTHER_CHANNEL]) {
    const [message, second] = world.discord.messages(channel);
    assert.match(message?.content ?? "", /✅ 1000/);
    assert.equal(second, undefined);
  }
  assert.equal(world.discord.script.calls.length, 4);
});

Deno.test("events during a slow edit cost one more edit, with the newest state", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  world.discord.script.next(PATCH, { takesMs: 5000 });
  for (let i = 1; i <= 10; i++) {
    await world.put({ id: "r1", reviews: Array(i).fill(review()) });
  }
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(5000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.discord.script.made(PATCH).length, 2);
});

Deno.test("a slow channel does not hold up the others", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  world.discord.script.next(POST, { takesMs: 14_000 });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["DENIED"]);
});

Deno.test("10 000 announced requests cost a start some pages and one read, and stay nowhere", async () => {
  await using world = new World();
  for (let i = 0; i < 10_000; i++) {
    const id = `r${i}`;
    world.auth.requests.set(id, accessRequest({ id }));
    world.claim(id, { [CHANNEL]: posted(CHANNEL, "PENDING-0-0-0.") });
  }
  const { pipeline } = await world.start();
  assert.deepEqual(world.auth.script.calls, [
    "WatchEvents",
    "ListAccessMonitoringRules",
    "ListPluginData",
    ...Array(20).fill("ListAccessRequests"),
  ]);
  assert.deepEqual(world.discord.script.calls, []);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("1 000 requests with nobody to tell cost a new stream, and a sweep, no read of their own", async () => {
  await using world = new World();
  for (let i = 0; i < 1000; i++) {
    const id = `r${i}`;
    world.auth.requests.set(id, accessRequest({ id }));
  }
  const { pipeline } = await world.start({ route: () => [] });
  const first = [
    "WatchEvents",
    "ListAccessMonitoringRules",
    "ListPluginData",
    ...Array(2).fill("ListAccessRequests"),
  ];
  assert.deepEqual(world.auth.script.calls, first);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
  world.auth.script.forget();
  world.auth.endWatches(teleportError("UNAVAILABLE", "WatchEvents"));
  await world.clock.advance(5000);
  assert.deepEqual(world.auth.script.calls, first);
  world.auth.script.forget();
  await world.clock.advance(RESYNC_MS * 1.2);
  assert.deepEqual(world.auth.script.made("GetPluginData"), []);
});

Deno.test("10 000 resolved requests that were never announced cost no more", async () => {
  await using world = new World();
  for (let i = 0; i < 10_000; i++) {
    const id = `r${i}`;
    world.auth.requests.set(id, accessRequest({ id, state: "APPROVED" }));
  }
  const { pipeline } = await world.start();
  assert.equal(world.auth.script.calls.length, 23);
  assert.equal(pipeline.reconciler.workload.requests, 0);
});

Deno.test("of requests found at a start the newest is announced first", async () => {
  await using world = new World();
  for (const id of ["r1", "r2", "r3"]) {
    world.auth.requests.set(id, accessRequest({ id }));
  }
  await world.start();
  const ids = world.discord.messages(CHANNEL).map(({ content }) =>
    /\*ID\*: (\w+)/.exec(content)?.[1]
  );
  assert.deepEqual(ids, ["r3", "r2", "r1"]);
});

Deno.test("a stop lets a post that is under way end, and records it", async () => {
  await using world = new World();
  const process = await world.start();
  world.discord.script.next(POST, { takesMs: 3000 });
  await world.put({ id: "r1" });
  await process.stop();
  assert.equal(world.clock.monotonic(), 3000);
  assert.match(world.delivery("r1") ?? "", /PENDING-0-0-0\.$/);
});

Deno.test("a stop leaves owed what waits for its slot", async () => {
  await using world = new World();
  const process = await world.start();
  world.discord.script.next(POST, { slotMs: 3000 });
  await world.put({ id: "r1" });
  await process.stop();
  assert.equal(world.clock.monotonic(), 0);
  assert.equal(world.delivery("r1"), "owed 1");
  assert.deepEqual(world.discord.script.calls, []);
});

Deno.test("a stop leaves owed what waits for another attempt", async () => {
  await using world = new World();
  const process = await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  world.discord.script.next(POST, { refuse: discordError(403, 50001) });
  world.discord.script.next(`POST /channels/${OTHER_CHANNEL}`, {
    refuse: discordError(502),
  });
  await world.put({ id: "r1" });
  await process.stop();
  assert.equal(world.delivery("r1"), "owed 1");
  assert.equal(world.delivery("r1", OTHER_CHANNEL), "owed 1");
  assert.equal(world.discord.script.calls.length, 2);
});

Deno.test("what a stop left behind the next process does", async () => {
  await using world = new World();
  const process = await world.start({ self: "one" });
  world.discord.script.next(POST, { slotMs: 3000 });
  await world.put({ id: "r1" });
  await process.stop();
  await world.start({ self: "two" });
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
});
