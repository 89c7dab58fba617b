import assert from "node:assert/strict";
import { RateLimiter } from "../../../src/discord/rate_limit/rate_limiter.ts";
import { encodePluginData } from "../../../src/record/plugin_data_codec.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import {
  accessRequest,
  hoursLater,
  officialData,
  posted,
  review,
  storedEntries,
} from "../../fakes/samples.ts";
import {
  CHANNEL,
  CLAIM_REFUSED_MS,
  OTHER_CHANNEL,
  OWED,
  World,
} from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const SEARCH = `GET /channels/${CHANNEL}/messages`;
const ANNOUNCEMENT = "You have a new Role Request:\n*ID*: r1\n";

/** A request that another process has claimed and not announced yet. */
async function claimed(world: World, id: string): Promise<void> {
  world.claim(id, { [CHANNEL]: OWED });
  await world.put({ id });
  await world.clock.advance(CLAIM_REFUSED_MS);
}

/** A request that the official plugin has stored, with the messages that it has posted. */
async function official(
  world: World,
  id: string,
  ...channels: readonly string[]
): Promise<void> {
  const deliveries = new Map(channels.map((to) => {
    const { id: messageId } = world.discord.add(to, { content: ANNOUNCEMENT });
    const message = { channelId: to, messageId };
    return [to, { ...posted(to, "?"), message }];
  }));
  const entries = storedEntries(encodePluginData(officialData({ deliveries })));
  const own = Object.entries(entries).filter(([key]) => !key.startsWith("x-"));
  world.auth.store(id, Object.fromEntries(own), hoursLater(9));
  await world.put({ id });
  await world.clock.advance(CLAIM_REFUSED_MS);
}

Deno.test("what a stopped process still owed, the next one does at once", async () => {
  await using world = new World();
  const first = await world.start();
  world.discord.script.next(POST, { slotMs: 60_000 });
  world.discord.script.next(POST, { slotMs: 60_000 });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  await first.stop();
  assert.equal(world.auth.stored("r1")["x-owner"], undefined);
  assert.equal(world.delivery("r1"), "owed 1");
  await world.start({ self: "next" });
  assert.deepEqual(world.shown(), ["PENDING", "PENDING"]);
  assert.equal(world.auth.stored("r1")["x-owner"], "next");
});

Deno.test("an edit that a stopped process still owed, the next one makes at once", async () => {
  await using world = new World();
  const first = await world.start();
  await world.put({ id: "r1" });
  world.discord.script.next(PATCH, { slotMs: 60_000 });
  await world.put({ id: "r1", state: "DENIED" });
  await first.stop();
  await world.start({ self: "next" });
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("a stop gives back nothing that is done, and loses nothing that is under way", async () => {
  await using world = new World();
  const first = await world.start();
  world.discord.script.next(POST, { takesMs: 5000 });
  await world.put({ id: "r1" });
  await first.stop();
  assert.equal(world.auth.stored("r1")["x-owner"], "self");
  assert.match(world.delivery("r1") ?? "", / 1 PENDING-0-0-0\.$/);
});

Deno.test("a request is given back when its call was ended with the time to stop", async () => {
  await using world = new World();
  const first = await world.start();
  world.discord.script.next(POST, { takesMs: 60_000 });
  await world.put({ id: "r1" });
  await first.stopWithin(15_000);
  assert.equal(world.auth.stored("r1")["x-owner"], undefined);
  await world.start({ self: "next" });
  assert.match(world.delivery("r1") ?? "", / 1 PENDING-0-0-0\.$/);
});

Deno.test("a request that cannot be given back waits for the lease, and holds up no stop", async () => {
  await using world = new World();
  const first = await world.start();
  world.discord.script.next(POST, { slotMs: 60_000 });
  await world.put({ id: "r1" });
  world.auth.script.next("UpdatePluginData", { takesMs: 3_600_000 });
  const stoppedMs = world.clock.monotonic();
  await first.stop();
  assert.ok(world.clock.monotonic() - stoppedMs <= 5000);
  // It was carried out all the same, only its answer is missing.
  await world.start({ self: "next" });
  assert.deepEqual(world.shown(), ["PENDING"]);
});

for (const laterMs of [0, 7_200_000]) {
  Deno.test(`an announcement made ${laterMs} ms after its request is found behind 600 newer messages`, async () => {
    await using world = new World();
    if (laterMs > 0) {
      world.auth.put(
        accessRequest({ id: "r1", accessExpires: hoursLater(48) }),
      );
      for (let i = 0; i < 600; i++) {
        world.discord.add(CHANNEL, { authorId: "1" });
      }
      await world.clock.advance(laterMs);
    }
    const first = await world.start();
    world.discord.script.next(POST, { takesMs: 60_000 });
    if (laterMs === 0) await world.put({ id: "r1" });
    await world.clock.advance(1000);
    await first.kill();
    for (let i = 0; i < 600; i++) world.discord.add(CHANNEL, { authorId: "1" });
    await world.clock.advance(600_000);
    await world.start({ self: "next" });
    await world.clock.advance(11_000);
    assert.deepEqual(world.shown().filter((state) => state !== ""), [
      "PENDING",
    ]);
    assert.match(world.delivery("r1") ?? "", / 1 PENDING-0-0-0\.$/);
  });
}

Deno.test("another process has 10 s to act on its lease", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  await world.clock.advance(9999);
  assert.deepEqual(world.discord.script.calls, []);
  await world.clock.advance(1);
  assert.deepEqual(world.discord.script.calls, [
    SEARCH,
    `GET /channels/${CHANNEL}`,
    POST,
    PATCH + world.discord.messages(CHANNEL)[0]?.id,
  ]);
  assert.equal(world.auth.stored("r1")["x-owner"], "self");
});

Deno.test("a wall clock that jumps does not shorten that time", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  world.clock.jump(1_000_000);
  await world.clock.advance(9999);
  assert.deepEqual(world.discord.script.calls, []);
});

Deno.test("what the other process has posted is found, recorded and edited", async () => {
  await using world = new World();
  await world.start();
  const { id } = world.discord.add(CHANNEL, { content: ANNOUNCEMENT });
  await claimed(world, "r1");
  await world.clock.advance(10_000);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 PENDING-0-0-0.`);
  assert.deepEqual(world.discord.script.calls, [
    SEARCH,
    PATCH + id,
  ]);
});

Deno.test("a claim that moves is given its time again", async () => {
  await using world = new World();
  await world.start();
  world.claim("r1", { [CHANNEL]: OWED, [OTHER_CHANNEL]: OWED });
  await world.put({ id: "r1" });
  await world.clock.advance(9000 + CLAIM_REFUSED_MS);
  world.claim("r1", {
    [CHANNEL]: posted(CHANNEL, "PENDING-0-0-0."),
    [OTHER_CHANNEL]: OWED,
  });
  await world.clock.advance(10_999);
  assert.deepEqual(world.discord.script.calls, []);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
});

Deno.test("a lease holder that is gone once is not waited for again", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  await world.clock.advance(5000);
  await claimed(world, "r2");
  await world.clock.advance(5000);
  assert.equal(world.shown().length, 2);
  await claimed(world, "r3");
  assert.equal(world.shown().length, 3);
});

Deno.test("a lease holder that is gone keeps nobody else's requests from waiting", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  await world.clock.advance(10_000);
  world.claim("r2", { [CHANNEL]: OWED }, { leaseHolder: "third" });
  await world.put({ id: "r2" });
  await world.clock.advance(9999);
  assert.equal(world.shown().length, 1);
});

Deno.test("a lease holder that seemed gone is waited for again after a write of it", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  await world.clock.advance(5000);
  await claimed(world, "r2");
  // It is slow, not gone: r2 moves on.
  world.claim("r2", { [CHANNEL]: { kind: "owed", generation: 2 } });
  await world.clock.advance(5000);
  assert.equal(world.shown().length, 1);
  await claimed(world, "r3");
  await world.clock.advance(9000);
  assert.equal(world.shown().length, 1);
  await world.clock.advance(1000);
  assert.equal(world.shown().length, 3);
});

Deno.test("a lease holder that seemed gone is waited for again after a claim of it", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  await world.clock.advance(60_000);
  assert.equal(world.shown().length, 1);
  // It owes what it cannot deliver, perhaps, and claims what is made later.
  const created = new Date(world.clock.now());
  world.claim("r2", { [CHANNEL]: OWED }, { created });
  await world.put({ id: "r2", created });
  await world.clock.advance(9000);
  assert.equal(world.shown().length, 1);
  await world.clock.advance(2000);
  assert.equal(world.shown().length, 2);
});

Deno.test("of two processes that take a request over the slower one leaves it alone", async () => {
  await using world = new World();
  await world.start();
  await claimed(world, "r1");
  world.auth.script.next("UpdatePluginData r1", {
    meanwhile: () =>
      world.claim("r1", { [CHANNEL]: OWED }, { leaseHolder: "third" }),
  });
  await world.clock.advance(19_000);
  assert.deepEqual(world.discord.script.calls, []);
  assert.equal(world.auth.stored("r1")["x-owner"], "third");
  await world.clock.advance(2000);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("an owed message whose request resolves is searched for before it is dropped", async () => {
  await using world = new World();
  await world.start();
  const { id } = world.discord.add(CHANNEL, { content: ANNOUNCEMENT });
  await claimed(world, "r1");
  await world.put({ id: "r1", state: "APPROVED" });
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
  await world.clock.advance(10_000);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 APPROVED-0-0-0.`);
  assert.equal(world.discord.script.made(POST).length, 0);
});

Deno.test("without the history a taken-over request is posted, with one warning", async () => {
  await using world = new World();
  await world.start();
  world.discord.readsHistory = false;
  world.discord.add(CHANNEL);
  await claimed(world, "r1");
  await claimed(world, "r2");
  await world.clock.advance(10_000);
  assert.equal(world.discord.script.made(POST).length, 2);
  const [line, second] = world.logger.find("cannot look for earlier messages");
  assert.match(String(line?.fields["hint"]), /Read Message History/);
  assert.equal(second, undefined);
});

Deno.test("a claim of the official plugin without messages is given 10 s", async () => {
  await using world = new World();
  await world.start();
  await official(world, "r1");
  await world.clock.advance(9999);
  assert.deepEqual(world.discord.script.calls, []);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.equal(world.auth.stored("r1")["x-owner"], "self");
});

Deno.test("what the official plugin posts within that time is followed, and not repeated", async () => {
  await using world = new World();
  await world.start();
  await official(world, "r1");
  await world.clock.advance(4000);
  await official(world, "r1", CHANNEL);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.equal(world.discord.script.made(POST).length, 0);
});

Deno.test("a message of the official plugin is edited at once", async () => {
  await using world = new World();
  await world.start();
  await official(world, "r1", CHANNEL);
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("messages get buttons with the next edit, and lose them when resolved", async () => {
  await using world = new World();
  const labels = () =>
    world.discord.messages(CHANNEL).map(({ buttons }) =>
      buttons.map(({ label }) => label).join()
    );
  const first = await world.start({ self: "first" });
  await world.put({ id: "r0" });
  await first.stop();
  await world.start({ canReview: true });
  await world.clock.advance(600_000);
  // Nothing is edited only for the sake of the buttons.
  assert.deepEqual(labels(), [""]);
  await official(world, "r1", CHANNEL);
  await world.put({ id: "r2", kind: "LONG_TERM" });
  await world.put({ id: "r3", kind: "SHORT_TERM" });
  for (const id of ["r0", "r1", "r2", "r3"]) {
    await world.put({ id, reviews: [review()] });
  }
  await world.clock.advance(60_000);
  assert.deepEqual(labels(), [
    "Approve,Deny",
    "Approve,Deny",
    "",
    "Approve,Deny",
  ]);
  for (const id of ["r0", "r1", "r2", "r3"]) {
    await world.put({ id, state: "APPROVED" });
  }
  await world.clock.advance(60_000);
  assert.deepEqual(labels(), ["", "", "", ""]);
});

Deno.test("reviews that the official plugin counted after a switch back are not skipped", async () => {
  await using world = new World();
  const process = await world.start();
  await world.put({ id: "r1", reviews: [review()] });
  await process.stop();
  const stored = world.auth.stored("r1");
  const ended = { reviews_count: "2", resolution: "DENIED" };
  world.auth.store("r1", { ...stored, ...ended });
  world.auth.requests.delete("r1");
  await world.start({ self: "next" });
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  const [message] = world.discord.messages(CHANNEL);
  assert.match(message?.content ?? "", /^\*Reviews\*: 2$/m);
});

Deno.test("recipients that the official plugin missed are told", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await official(world, "r1", CHANNEL);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  const [first, second] = world.auth.stored("r1")["messages"]?.split(",") ?? [];
  assert.ok(first?.startsWith(`${CHANNEL}/`));
  assert.ok(second?.startsWith(`${OTHER_CHANNEL}/`));
});

Deno.test("of two processes that see it at the same time one tells them, and keeps its 10 s", async () => {
  await using world = new World();
  await official(world, "r1", CHANNEL);
  const post = `POST /channels/${OTHER_CHANNEL}/messages`;
  world.discord.script.always(post, { takesMs: 9000 });
  const route = () => [CHANNEL, OTHER_CHANNEL];
  await Promise.all([
    world.start({ self: "one", route }),
    world.start({ self: "two", route }),
  ]);
  const leaseHolder = world.auth.stored("r1")["x-owner"];
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.equal(world.auth.stored("r1")["x-owner"], leaseHolder);
  assert.equal(world.discord.script.made(post).length, 1);
  const search = `GET /channels/${OTHER_CHANNEL}/messages`;
  assert.equal(world.discord.script.made(search).length, 1);
});

Deno.test("but not once the request has resolved", async () => {
  await using world = new World();
  await official(world, "r1", CHANNEL);
  world.auth.requests.clear();
  await world.put({ id: "r1", state: "APPROVED" });
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  assert.deepEqual(world.shown(CHANNEL), ["APPROVED"]);
  assert.equal(world.delivery("r1", OTHER_CHANNEL), undefined);
});

Deno.test("what two processes did at the same time is edited once more", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  const { id = "" } = world.discord.messages(CHANNEL)[0] ?? {};
  const patch = PATCH + id;
  world.discord.script.next(patch, {
    takesMs: 1000,
    // Another process records an edit of its own meanwhile.
    meanwhile: () => {
      const entries = { ...world.auth.stored("r1") };
      entries[`x-to:${CHANNEL}`] = `${CHANNEL}/${id} 1 PENDING-1-0-0.`;
      world.auth.store("r1", { ...entries, "x-owner": "other" });
    },
  });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(2000);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 ?`);
  assert.equal(world.discord.script.made(patch).length, 2);
  await world.clock.advance(10_000);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 APPROVED-0-0-0.`);
  assert.equal(world.discord.script.made(patch).length, 3);
});

Deno.test("a process that dies between post and record leaves one message", async () => {
  await using world = new World();
  const first = await world.start({ self: "one" });
  world.discord.script.next(POST, { takesMs: 5000 });
  await world.put({ id: "r1" });
  await first.kill();
  assert.equal(world.delivery("r1"), "owed 1");
  await world.start({ self: "two" });
  await world.clock.advance(10_000);
  const [message] = world.discord.messages(CHANNEL);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.equal(
    world.delivery("r1"),
    `${CHANNEL}/${message?.id} 1 PENDING-0-0-0.`,
  );
});

Deno.test("a search that fails is repeated; nothing is posted without it", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(SEARCH, { refuse: discordError(502) });
  await claimed(world, "r1");
  await world.clock.advance(60_000);
  assert.deepEqual(world.discord.script.calls, [
    SEARCH,
    SEARCH,
    `GET /channels/${CHANNEL}`,
    POST,
    PATCH + world.discord.messages(CHANNEL)[0]?.id,
  ]);
});

Deno.test("no search takes its own message for somebody else's while the bot is unknown", async () => {
  await using world = new World();
  // Discord has not answered since the start, and the token does not say whose it is.
  await world.start({ botId: () => "" });
  const { id } = world.discord.add(CHANNEL, { content: ANNOUNCEMENT });
  world.discord.script.next("GET /users/@me", { refuse: discordError(503) });
  await claimed(world, "r1");
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(60_000);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 APPROVED-0-0-0.`);
  assert.equal(world.discord.script.made(POST).length, 0);
});

Deno.test("many channels are searched at once without waiting for one another's slots", async () => {
  await using world = new World();
  world.discord.limiter = new RateLimiter(world.clock, world.logger);
  await world.start();
  // More than the calls that Discord lets a bot make in a second.
  const channels = Array.from({ length: 60 }, (_, i) => `${8e17 + i * 1000}`);
  world.claim("r1", Object.fromEntries(channels.map((id) => [id, OWED])));
  await world.put({ id: "r1" });
  await world.clock.advance(60_000);
  for (const id of channels) assert.deepEqual(world.shown(id), ["PENDING"]);
});

Deno.test("a search that works in a channel does not open it for posts", async () => {
  await using world = new World();
  world.discord.script.always(POST, { refuse: discordError(403, 50013) });
  for (const id of ["r1", "r2"]) await claimed(world, id);
  await world.start();
  await world.clock.advance(20_000);
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(600_000);
  assert.equal(world.delivery("r1"), "dropped");
  const warning = "recipient cannot be reached, trying again from time to time";
  assert.equal(world.logger.find(warning).length, 1);
});

Deno.test("in whatever order stored keys are read, a lease expires after 10 s", async () => {
  await using world = new World();
  const channels = [CHANNEL, OTHER_CHANNEL];
  world.claim("r1", Object.fromEntries(channels.map((to) => [to, OWED])), {
    threads: new Map(channels.map((to) => [to, { kind: "wanted" }])),
    called: new Map(channels.map((to) => [to, 60])),
  });
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(10_000 + CLAIM_REFUSED_MS);
  for (const channel of channels) {
    assert.deepEqual(world.shown(channel), ["PENDING"]);
  }
});
