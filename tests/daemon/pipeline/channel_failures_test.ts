import assert from "node:assert/strict";
import { discordError } from "../../fakes/memory_discord.ts";
import { accessRequest, hoursLater } from "../../fakes/samples.ts";
import {
  CHANNEL,
  loadOf,
  OTHER_CHANNEL,
  OWED,
  RESYNC_MS,
  World,
} from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const RARELY = "delivery failed, trying again ever more rarely";
const UNARCHIVE = `PATCH /channels/${CHANNEL}`;
const archived = { refuse: discordError(400, 50083) };

/** Starts a process that announces r1, and forgets the calls until then. */
async function announced(world: World): Promise<string> {
  await world.start();
  await world.put({ id: "r1" });
  world.discord.script.forget();
  return world.discord.messages(CHANNEL)[0]?.id ?? "";
}

/** Refusals that nothing is known to cure. */
const UNKNOWN = [
  [400, 50033],
  [403, 20026],
  [403, 0],
  [404, 10004],
  [404, 0],
  [405, 0],
] as const;

for (const [status, code] of UNKNOWN) {
  Deno.test(`a post that is refused with ${status} and ${code} is tried again ever more rarely`, async () => {
    await using world = new World();
    const { pipeline } = await world.start();
    const triedMs: number[] = [];
    const heal = world.discord.script.always(POST, {
      refuse: discordError(status, code),
      meanwhile: () => void triedMs.push(world.clock.monotonic()),
    });
    await world.put({ id: "r1", accessExpires: hoursLater(48) });
    await world.clock.advance(6 * 3_600_000);
    const waits = triedMs.slice(1).map((ms, i) =>
      (ms - (triedMs[i] ?? 0)) / 1000
    );
    const doubled = [10, 20, 40, 80, 160, 320, 640, 1280, 2560];
    assert.deepEqual(
      waits,
      [...doubled, 3600, 3600, 3600, 3600].slice(0, waits.length),
    );
    assert.ok(waits.length >= 12);
    const lines = world.logger.find(RARELY);
    assert.deepEqual(
      lines.filter(({ level }) => level !== "debug").map((
        { level, fields },
      ) => [level, fields["code"]]),
      [["warning", code]],
    );
    assert.equal(pipeline.reconciler.workload.givenUp, 1);
    heal();
    await world.clock.advance(3_600_000);
    assert.deepEqual(world.shown(), ["PENDING"]);
    assert.equal(pipeline.reconciler.workload.givenUp, 0);
  });

  Deno.test(`an edit that is refused with ${status} and ${code} is tried again, and at once when there is news`, async () => {
    await using world = new World();
    await announced(world);
    const heal = world.discord.script.always(PATCH, {
      refuse: discordError(status, code),
    });
    await world.put({ id: "r1", state: "APPROVED" });
    await world.clock.advance(2 * RESYNC_MS);
    heal();
    await world.put({ id: "r1", state: "DENIED" });
    assert.deepEqual(world.shown(), ["DENIED"]);
  });
}

Deno.test("a search that is refused without a known reason does not end the delivery", async () => {
  await using world = new World();
  world.claim("r1", { [CHANNEL]: OWED });
  world.auth.put(accessRequest({ id: "r1" }));
  const search = `GET /channels/${CHANNEL}/messages`;
  world.discord.script.next(search, { refuse: discordError(404, 0) });
  await world.start();
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), []);
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("a request that resolves while its post is refused is not announced", async () => {
  await using world = new World();
  const { pipeline } = await world.start();
  world.discord.script.always(POST, { refuse: discordError(404, 0) });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(2 * 3_600_000);
  assert.equal(world.discord.script.made(POST).length, 1);
  assert.equal(world.delivery("r1"), "dropped");
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("a program fault in a delivery is tried again ever more rarely", async () => {
  await using world = new World();
  const fault = new TypeError("a fault of this program");
  world.discord.script.next(POST, { refuse: fault }, { refuse: fault });
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(29_999);
  assert.equal(world.discord.script.made(POST).length, 2);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(), ["PENDING"]);
  const errors = world.logger.at("error");
  assert.deepEqual(
    errors.map(({ message, fields }) => [message, fields["err"]]),
    [
      [RARELY, fault],
    ],
  );
});

Deno.test("what keeps a thread in the archive is told as what it is", async () => {
  for (
    const [code, hint] of [
      [50013, /^let the bot send/],
      [160006, /^archive threads/],
    ] as const
  ) {
    await using world = new World();
    await announced(world);
    world.discord.script.next(PATCH, archived);
    world.discord.script.next(UNARCHIVE, { refuse: discordError(400, code) });
    await world.put({ id: "r1", state: "DENIED" });
    const [line, second] = world.logger.at("warning");
    assert.equal(line?.fields["code"], code);
    assert.match(String(line?.fields["hint"]), hint);
    assert.equal(second, undefined);
    await world.clock.advance(60_000);
    assert.deepEqual(world.shown(), ["DENIED"]);
  }
});

for (
  const [status, code] of [
    [0, undefined],
    [403, undefined],
    [408, 0],
    [429, 0],
    [429, 30046],
    [400, 40003],
    [400, 40006],
    [403, 110000],
    [400, 130000],
    [500, 0],
    [520, undefined],
  ] as const
) {
  Deno.test(`an edit that fails with ${status} and ${code} is repeated`, async () => {
    await using world = new World();
    const id = await announced(world);
    world.discord.script.next(PATCH, { refuse: discordError(status, code) });
    await world.put({ id: "r1", state: "DENIED" });
    await world.clock.advance(3000);
    assert.deepEqual(world.shown(), ["DENIED"]);
    assert.deepEqual(world.discord.script.calls, [PATCH + id, PATCH + id]);
  });
}

for (
  const [status, code] of [
    [403, 50001],
    [403, 50013],
    [404, 10003],
    [403, 50007],
    [400, 50278],
    [400, 160005],
  ] as const
) {
  Deno.test(`an edit that fails with ${status} and ${code} waits for the channel`, async () => {
    await using world = new World();
    const id = await announced(world);
    world.discord.script.next(PATCH, { refuse: discordError(status, code) });
    await world.put({ id: "r1", state: "DENIED" });
    await world.clock.advance(59_999);
    assert.deepEqual(world.discord.script.calls, [PATCH + id]);
    await world.clock.advance(1);
    assert.deepEqual(world.shown(), ["DENIED"]);
  });
}

Deno.test("an edit that waits for its channel takes the newest state when it goes", async () => {
  await using world = new World();
  const id = await announced(world);
  world.discord.script.next(PATCH, { refuse: discordError(403, 50013) });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  assert.deepEqual(world.discord.script.calls, [PATCH + id, PATCH + id]);
});

Deno.test("an edit into a closed channel is given up with one warning when its data is gone", async () => {
  await using world = new World();
  const process = await world.start();
  await world.put({ id: "r1" });
  world.discord.script.always(PATCH, { refuse: discordError(403, 50001) });
  await world.put({ id: "r1", state: "DENIED" });
  world.auth.remove("r1");
  await world.clock.advance(2 * 3_600_000);
  assert.equal(process.pipeline.reconciler.workload.deliveries, 1);
  world.auth.data.delete("r1");
  await world.clock.advance(3_600_000);
  assert.deepEqual(loadOf(process.pipeline), { requests: 0, deliveries: 0 });
  const given = "delivery given up: its plugin data is gone";
  assert.equal(world.logger.find(given).length, 1);
});

Deno.test("a thread that is archived again and again is waited for", async () => {
  await using world = new World();
  const id = await announced(world);
  world.discord.script.next(PATCH, archived, archived, archived);
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.discord.script.calls, [
    PATCH + id,
    UNARCHIVE,
    PATCH + id,
    UNARCHIVE,
  ]);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("a fault of Discord while a thread is unarchived is not the channel's", async () => {
  await using world = new World();
  await announced(world);
  world.discord.script.next(PATCH, archived);
  world.discord.script.next(UNARCHIVE, { refuse: discordError(502) });
  await world.put({ id: "r1", state: "DENIED" });
  assert.equal(world.discord.script.calls.length, 2);
  await world.clock.advance(3000);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("an edit whose content is refused is the minimal message, without embeds", async () => {
  await using world = new World();
  await announced(world);
  world.discord.script.next(PATCH, { refuse: discordError(400, 240000) });
  await world.put({ id: "r1", state: "DENIED", resolveReason: "offends" });
  const [message] = world.discord.messages(CHANNEL);
  assert.deepEqual(world.shown(), ["DENIED"]);
  assert.doesNotMatch(message?.content ?? "", /offends|alice/);
  assert.deepEqual(message?.embeds, []);
});

Deno.test("a user who takes no direct messages does not hold up the channels", async () => {
  await using world = new World();
  const open = "POST /users/@me/channels";
  world.discord.script.always(open, { refuse: discordError(400, 50007) });
  await world.start({ route: () => ["user:600000000000000001", CHANNEL] });
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(), ["PENDING"]);
  const [line] = world.logger.at("warning");
  assert.match(String(line?.fields["hint"]), /takes no direct messages/);
});

Deno.test("a token that is refused on an edit pauses the edits of all channels", async () => {
  await using world = new World();
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.put({ id: "r1" });
  world.discord.script.forget();
  world.discord.script.next(PATCH, { refuse: discordError(401, 0) });
  world.discord.script.next("GET /users/@me", {
    refuse: discordError(401, 0),
  });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(CHANNEL), ["DENIED"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["DENIED"]);
});
