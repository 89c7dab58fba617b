import assert from "node:assert/strict";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { review } from "../../fakes/samples.ts";
import { CHANNEL, OTHER_CHANNEL, OWED, RESYNC_MS, World } from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const SEARCH = `GET /channels/${CHANNEL}/messages`;

Deno.test("of two instances the lease holder edits, and the other finds nothing left to do", async () => {
  await using world = new World();
  await world.start({ self: "one" });
  const two = await world.start({ self: "two" });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", reviews: [review()] });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.discord.script.made(POST).length, 1);
  assert.equal(world.discord.script.made(PATCH).length, 2);
  assert.equal(two.pipeline.reconciler.workload.requests, 0);
});

Deno.test("facts are stored by whoever sees them first, even where the lease holder acts", async () => {
  await using world = new World();
  const one = await world.start({ self: "one" });
  await world.put({ id: "r1" });
  await one.kill();
  await world.start({ self: "two" });
  await world.put({ id: "r1", state: "DENIED" });
  assert.equal(world.auth.stored("r1")["resolution"], "DENIED");
  assert.deepEqual(world.shown(), ["PENDING"]);
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("a stopped instance is followed by the next after 10 s, for all its requests", async () => {
  await using world = new World();
  const one = await world.start({ self: "one" });
  const ids = ["r1", "r2", "r3"];
  for (const id of ids) await world.put({ id });
  await one.stop();
  for (const id of ids) await world.put({ id, state: "DENIED" });
  await world.start({ self: "two" });
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["DENIED", "DENIED", "DENIED"]);
});

Deno.test("an instance that missed the end does not take it back, nor both in turns", async () => {
  await using world = new World();
  const route = () => [CHANNEL, OTHER_CHANNEL];
  await world.start({ self: "one", route });
  for (const id of ["r1", "r2"]) await world.put({ id });
  world.discord.script.always(`PATCH /channels/${OTHER_CHANNEL}`, {
    refuse: discordError(403, 50001),
  });
  await world.put({ id: "r1", reviews: [review()] });
  world.auth.requests.delete("r1");
  await world.start({ self: "two", route });
  await world.clock.advance(4 * RESYNC_MS);
  assert.equal(world.shown()[0], "EXPIRED");
  const taken = world.auth.writes.filter(({ id, set }) =>
    id === "r1" && set["resolution"] === ""
  );
  assert.deepEqual(taken, []);
});

Deno.test("both may write at the same time, and no fact gets lost", async () => {
  await using world = new World();
  await world.start({ self: "one", route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.start({ self: "two", route: () => [CHANNEL, OTHER_CHANNEL] });
  world.auth.script.always("UpdatePluginData", { takesMs: 20 });
  await world.put({ id: "r1" });
  for (let i = 1; i <= 20; i++) {
    await world.put({ id: "r1", reviews: Array(i).fill(review()) });
    await world.clock.advance(7);
  }
  await world.clock.advance(60_000);
  const messages = world.auth.stored("r1")["messages"]?.split(",") ?? [];
  assert.equal(messages.length, 2);
  assert.equal(world.auth.stored("r1")["x-reviews"], "20/0/0");
  for (const channel of [CHANNEL, OTHER_CHANNEL]) {
    assert.equal(world.shown(channel).length, 1);
    const [message] = world.discord.messages(channel);
    assert.match(message?.content ?? "", /✅ 20/);
  }
});

Deno.test("a request that resolves during the search is not posted any more", async () => {
  await using world = new World();
  await world.start();
  world.claim("r1", { [CHANNEL]: OWED });
  await world.put({ id: "r1" });
  world.discord.script.next(SEARCH, { takesMs: 5000 });
  await world.clock.advance(12_000);
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(60_000);
  assert.equal(world.discord.script.made(POST).length, 0);
  assert.equal(world.delivery("r1"), "dropped");
});

Deno.test("what was dropped for a wrongly inferred end is owed again", async () => {
  await using world = new World();
  await world.start({
    route: ({ id }) => [id === "r1" ? CHANNEL : OTHER_CHANNEL],
  });
  const heal = world.discord.script.always(POST, {
    refuse: discordError(403, 50001),
  });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  const request = world.auth.requests.get("r1");
  world.auth.requests.delete("r1");
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.delivery("r1"), "dropped");
  assert.equal(world.auth.stored("r1")["x-inferred"], "1");
  heal();
  await world.put({ ...request, id: "r1" });
  await world.clock.advance(3_600_000);
  assert.match(world.delivery("r1") ?? "", / 1 PENDING-0-0-0\.$/);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("a read by ID that fails proves nothing", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  world.auth.listed = [...world.auth.requests.values()].slice(1);
  const heal = world.auth.script.always("GetAccessRequest r1", {
    refuse: teleportError("UNAVAILABLE", "ListAccessRequests"),
  });
  await world.clock.advance(RESYNC_MS + 60_000);
  assert.deepEqual(world.shown(), ["PENDING", "PENDING"]);
  heal();
  world.auth.requests.delete("r1");
  await world.clock.advance(5000);
  assert.deepEqual(world.shown(), ["EXPIRED", "PENDING"]);
});
