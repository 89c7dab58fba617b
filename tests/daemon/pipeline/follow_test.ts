import assert from "node:assert/strict";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError, PERSON_ID } from "../../fakes/memory_discord.ts";
import { hoursLater, posted, review } from "../../fakes/samples.ts";
import {
  CHANNEL,
  CLAIM_REFUSED_MS,
  OTHER_CHANNEL,
  RESYNC_MS,
  World,
} from "./world.ts";

const PATCH = `PATCH /channels/${CHANNEL}/messages/`;

/** Starts a process that announces r1, and forgets the calls until then. */
async function announced(world: World): Promise<string> {
  await world.start();
  await world.put({ id: "r1" });
  world.auth.script.forget();
  world.discord.script.forget();
  return world.discord.messages(CHANNEL)[0]?.id ?? "";
}

for (const state of ["APPROVED", "DENIED", "PROMOTED"] as const) {
  Deno.test(`a request that is ${state} is shown so`, async () => {
    await using world = new World();
    await announced(world);
    await world.put({ id: "r1", state, resolveReason: "as agreed" });
    assert.deepEqual(world.shown(), [state]);
    assert.equal(world.auth.stored("r1")["resolution"], state);
    assert.equal(world.auth.stored("r1")["resolve_reason"], "as agreed");
    assert.match(
      world.discord.messages(CHANNEL)[0]?.content ?? "",
      /as agreed/,
    );
  });
}

Deno.test("reviews are counted, and shown with who and why", async () => {
  await using world = new World();
  await announced(world);
  const reviews = [
    review(),
    review({ author: "rob", proposedState: "DENIED" }),
  ];
  await world.put({ id: "r1", reviews });
  const [message] = world.discord.messages(CHANNEL);
  assert.match(message?.content ?? "", /\*Reviews\*: ✅ 1 ❌ 1/);
  assert.equal(message?.embeds?.length, 2);
  assert.equal(world.auth.stored("r1")["x-reviews"], "1/1/0");
});

Deno.test("an event that changes no fact costs no call to Discord", async () => {
  await using world = new World();
  await announced(world);
  const before = world.auth.stored("r1");
  await world.put({ id: "r1", suggestedReviewers: ["rita"] });
  await world.clock.advance(CLAIM_REFUSED_MS);
  assert.deepEqual(world.discord.script.calls, []);
  assert.equal(world.auth.stored("r1"), before);
});

Deno.test("what was seen is stored before what is shown", async () => {
  await using world = new World();
  const id = await announced(world);
  world.discord.script.next(PATCH, { takesMs: 1000 });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
  assert.match(world.delivery("r1") ?? "", /PENDING/);
  await world.clock.advance(1000);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 APPROVED-0-0-0.`);
});

Deno.test("APPROVED may become DENIED", async () => {
  await using world = new World();
  await announced(world);
  await world.put({ id: "r1", state: "APPROVED" });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.shown(), ["DENIED"]);
});

for (const state of ["DENIED", "PROMOTED", "APPROVED"] as const) {
  Deno.test(`${state} is not followed by an older state`, async () => {
    await using world = new World();
    await announced(world);
    await world.put({ id: "r1", state });
    await world.put({ id: "r1", state: "PENDING" });
    if (state !== "APPROVED") await world.put({ id: "r1", state: "APPROVED" });
    assert.deepEqual(world.shown(), [state]);
    assert.equal(world.discord.script.made(PATCH).length, 1);
  });
}

Deno.test("a DELETE of a pending request shows that it has expired", async () => {
  await using world = new World();
  await announced(world);
  world.auth.remove("r1");
  await world.clock.advance(0);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
  assert.equal(world.auth.stored("r1")["resolution"], "EXPIRED");
  assert.equal(world.auth.stored("r1")["x-inferred"], undefined);
});

Deno.test("an edit of a request that is gone leaves the title", async () => {
  await using world = new World();
  const first = await world.start();
  const resource = {
    cluster: "c",
    kind: "db",
    name: "orders",
    subResource: "",
  };
  for (const kind of ["SHORT_TERM", "LONG_TERM"] as const) {
    await world.put({ id: kind, kind, resources: [resource] });
  }
  const titles = () =>
    world.discord.messages(CHANNEL).map(({ content }) =>
      content.split("\n", 1)[0]
    );
  const before = titles();
  await first.stop();
  await world.start({ self: "next" });
  world.auth.remove("SHORT_TERM");
  world.auth.remove("LONG_TERM");
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["EXPIRED", "EXPIRED"]);
  assert.deepEqual(titles(), before);
  assert.equal(new Set(before).size, 2);
});

Deno.test("an edit of a request that is gone leaves the earlier reviews", async () => {
  await using world = new World();
  await announced(world);
  await world.put({ id: "r1", reviews: [review()] });
  world.auth.remove("r1");
  await world.clock.advance(0);
  const [message] = world.discord.messages(CHANNEL);
  assert.equal(message?.embeds?.length, 1);
  assert.match(message?.content ?? "", /✅ 1/);
});

Deno.test("a DELETE after an approval changes nothing", async () => {
  await using world = new World();
  await announced(world);
  await world.put({ id: "r1", state: "APPROVED" });
  world.discord.script.forget();
  world.auth.remove("r1");
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.deepEqual(world.discord.script.calls, []);
});

Deno.test("a DELETE right behind an approval does not hide it", async () => {
  await using world = new World();
  await announced(world);
  const request = world.auth.requests.get("r1");
  if (request !== undefined) world.auth.put({ ...request, state: "APPROVED" });
  world.auth.remove("r1");
  await world.clock.advance(0);
  assert.deepEqual(world.shown(), ["APPROVED"]);
});

Deno.test("a request that ended while nobody watched is inferred to have expired", async () => {
  await using world = new World();
  await announced(world);
  world.auth.requests.delete("r1");
  await world.put({ id: "r2" });
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["EXPIRED", "PENDING"]);
  assert.equal(world.auth.stored("r1")["x-inferred"], "1");
});

Deno.test("an empty list proves nothing before the request has expired", async () => {
  await using world = new World();
  await announced(world);
  world.auth.requests.delete("r1");
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.deepEqual(world.auth.script.made("GetAccessRequest"), [
    "GetAccessRequest r1",
  ]);
  await world.clock.advance(3_600_000 + RESYNC_MS);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
});

Deno.test("a request that a list leaves out, but can be read, is still pending", async () => {
  await using world = new World();
  await announced(world);
  await world.put({ id: "r2" });
  world.auth.listed = [...world.auth.requests.values()].slice(1);
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["PENDING", "PENDING"]);
});

Deno.test("an inferred end is taken back when the request shows up again", async () => {
  await using world = new World();
  await announced(world);
  const request = world.auth.requests.get("r1");
  world.auth.requests.delete("r1");
  await world.put({ id: "r2" });
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.shown()[0], "EXPIRED");
  await world.put({ ...request, id: "r1" });
  await world.clock.advance(CLAIM_REFUSED_MS);
  assert.equal(world.shown()[0], "PENDING");
  assert.equal(world.auth.stored("r1")["x-inferred"], undefined);
});

Deno.test("an inferred end is taken back by a list, even while another channel is closed", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  world.discord.script.always(`PATCH /channels/${OTHER_CHANNEL}`, {
    refuse: discordError(403, 50001),
  });
  const request = world.auth.requests.get("r1") ?? assert.fail();
  world.auth.requests.delete("r1");
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.shown()[0], "EXPIRED");
  world.auth.requests.set("r1", request);
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.shown()[0], "PENDING");
});

Deno.test("an end that a DELETE told is not taken back", async () => {
  await using world = new World();
  await announced(world);
  world.auth.remove("r1");
  await world.put({ id: "r1" });
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
});

Deno.test("what the official plugin claims late shows how it was resolved before", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1", state: "APPROVED", resolveReason: "as agreed" });
  const message = world.discord.add(CHANNEL);
  const messages = `${CHANNEL}/${message.id}`;
  world.auth.store(
    "r1",
    { user: "alice", roles: "dev", messages },
    hoursLater(9),
  );
  world.auth.remove("r1");
  await world.clock.advance(0);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.auth.stored("r1")["resolve_reason"], "as agreed");
});

Deno.test("a reason that comes after the outcome is stored, though others write meanwhile", async () => {
  await using world = new World();
  await announced(world);
  await world.put({ id: "r1", state: "APPROVED", resolveReason: "first" });
  const meetsAWriteOf = (owner: string) => ({
    meanwhile: () =>
      world.auth.store("r1", {
        ...world.auth.stored("r1"),
        "x-owner": owner,
      }),
  });
  world.auth.script.next(
    "UpdatePluginData r1",
    meetsAWriteOf("second"),
    meetsAWriteOf("third"),
  );
  await world.put({ id: "r1", resolveReason: "as agreed" });
  await world.clock.advance(20_000);
  assert.equal(world.auth.stored("r1")["resolve_reason"], "as agreed");
  const [message] = world.discord.messages(CHANNEL);
  assert.match(message?.content ?? "", /as agreed/);
});

Deno.test("a list tells a reason that no event told, even while another channel is closed", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.put({ id: "r1" });
  const closed = { refuse: discordError(403, 50001) };
  world.discord.script.always(`PATCH /channels/${OTHER_CHANNEL}`, closed);
  await world.put({ id: "r1", state: "APPROVED" });
  const approved = world.auth.requests.get("r1") ?? assert.fail();
  const changed = { ...approved, resolveReason: "as agreed" };
  world.auth.requests.set("r1", changed);
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.auth.stored("r1")["resolve_reason"], "as agreed");
  const [message] = world.discord.messages(CHANNEL);
  assert.match(message?.content ?? "", /as agreed/);
});

Deno.test("plugin data of the official plugin tells the end by its own", async () => {
  await using world = new World();
  const message = world.discord.add(CHANNEL);
  const messages = `${CHANNEL}/${message.id}`;
  world.auth.store(
    "r1",
    { user: "alice", roles: "dev", messages },
    hoursLater(1),
  );
  await world.start();
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
});

Deno.test("a message that a person deleted stays deleted", async () => {
  await using world = new World();
  const id = await announced(world);
  const [message] = world.discord.messages(CHANNEL);
  if (message !== undefined) message.deleted = true;
  await world.put({ id: "r1", reviews: [review()] });
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 gone`);
  assert.equal(world.auth.stored("r1")["messages"], `${CHANNEL}/${id}`);
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.discord.script.calls, [PATCH + id]);
  const lines = world.logger.find("message is no longer followed");
  assert.deepEqual(
    lines.map(({ fields: { reason, status, code } }) => [reason, status, code]),
    [["message was deleted", 404, 10008]],
  );
});

Deno.test("a deleted message leaves those of the other recipients alone", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.put({ id: "r1" });
  const [message] = world.discord.messages(CHANNEL);
  if (message !== undefined) message.deleted = true;
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["APPROVED"]);
});

Deno.test("what an earlier process left unknown is edited once", async () => {
  await using world = new World();
  const { id } = world.discord.add(CHANNEL);
  const message = { channelId: CHANNEL, messageId: id };
  const delivery = { ...posted(CHANNEL, "?"), message };
  world.claim("r1", { [CHANNEL]: delivery }, { leaseHolder: "self" });
  await world.put({ id: "r1" });
  await world.start();
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.discord.script.calls, [PATCH + id]);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 PENDING-0-0-0.`);
});

Deno.test("what could not be looked up is looked up again once for each later state", async () => {
  await using world = new World();
  const { auth } = world;
  const denied = { refuse: teleportError("PERMISSION_DENIED", "GetRole") };
  const asked = () => auth.script.made("GetRole").length;
  const allow = auth.script.always("GetRole", denied);
  await world.start();
  await world.put({ id: "r1" });
  assert.equal(asked(), 1);
  for (let i = 0; i < 2; i++) {
    await world.put({ id: "r1", reviews: [review()] });
    await world.clock.advance(RESYNC_MS);
  }
  assert.equal(asked(), 2);
  allow();
  await world.put({ id: "r1", state: "APPROVED" });
  assert.equal(asked(), 3);
  const [message] = world.discord.messages(CHANNEL);
  assert.match(message?.content ?? "", /root/);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  await world.put({ id: "r1", state: "DENIED" });
  assert.equal(asked(), 3, "nothing was missing any more");
});

Deno.test("an edit does not wait for a look-up, which is added", async () => {
  await using world = new World();
  const { auth } = world;
  auth.script.next("GetRole dev", { refuse: teleportError("UNAVAILABLE") });
  await world.start();
  await world.put({ id: "r1" });
  auth.script.next("GetRole dev", { takesMs: 2000 });
  await world.put({ id: "r1", state: "APPROVED" });
  const [message] = world.discord.messages(CHANNEL);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.doesNotMatch(message?.content ?? "", /root/);
  await world.clock.advance(2000);
  assert.match(message?.content ?? "", /root/);
  assert.equal(world.discord.script.made("PATCH").length, 2);
});

Deno.test("missing enrichment alone makes no start look anything up", async () => {
  await using world = new World();
  const { id } = world.discord.add(CHANNEL, { authorId: PERSON_ID });
  const message = { channelId: CHANNEL, messageId: id };
  const delivery = { ...posted(CHANNEL, "PENDING-0-0-0."), message };
  world.claim("r1", { [CHANNEL]: delivery }, { loginsByRole: undefined });
  await world.put({ id: "r1" });
  await world.start();
  assert.deepEqual(world.discord.script.calls, []);
  assert.deepEqual(world.auth.script.made("GetRole"), []);
});
