import assert from "node:assert/strict";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { discordError, type Message } from "../../fakes/memory_discord.ts";
import {
  accessRequest,
  hoursLater,
  NO_NOTICES,
  posted,
  review,
} from "../../fakes/samples.ts";
import {
  CHANNEL,
  loadOf,
  NOBODY,
  OTHER_CHANNEL,
  type Process,
  RESYNC_MS,
  World,
} from "./world.ts";

const ALICE = "800000000000000011";
const DIRECT = "700000000000000011";
const POST = `POST /channels/${DIRECT}/messages`;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Requesters are told 15 minutes before; access of the requests here lasts 8 hours. */
const PEOPLE: PeopleConfig = {
  ...NOBODY,
  users: new Map([["alice", ALICE]]),
  notices: { ...NO_NOTICES, beforeEndMs: 15 * MINUTE_MS },
};

const NOTICE_MS = 8 * HOUR_MS - 15 * MINUTE_MS;

function told(world: World): Message[] {
  return world.discord.messages(DIRECT);
}

function start(world: World, self = "self"): Promise<Process> {
  return world.start({
    self,
    people: () => PEOPLE,
    route: () => [CHANNEL, OTHER_CHANNEL],
  });
}

/** Starts, and has a request announced and approved. */
async function approved(world: World): Promise<Process> {
  const process = await start(world);
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  return process;
}

/** Returns the last line of each announcement. */
function statuses(world: World): (string | undefined)[] {
  return [CHANNEL, OTHER_CHANNEL].flatMap((channel) =>
    world.discord.messages(channel).map(({ content }) =>
      content.split("\n").at(-1)
    )
  );
}

const OVER = "*Status*: ✅ APPROVED, access has ended";
const OPEN = "*Status*: ✅ APPROVED";

Deno.test("the requester is told before access ends, once, with the command to ask again", async () => {
  await using world = new World();
  const { pipeline } = await approved(world);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
  await world.clock.advance(NOTICE_MS - 1);
  assert.deepEqual(told(world), []);
  await world.clock.advance(1);
  assert.deepEqual(told(world).map(({ content }) => content), [
    `Your access ends soon:
*ID*: r1
*Cluster*: example.com
*Access*: 8h, ends <t:1795409480:R>
*Ask again*: \`tsh request create --roles=dev\``,
  ]);
  assert.equal(world.auth.stored("r1")["x-told-end"], "2026-11-23T04:51:20Z");
  await world.clock.advance(10 * MINUTE_MS);
  assert.equal(told(world).length, 1);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("once access is over, each announcement says so, and older builds edit nothing back", async () => {
  await using world = new World();
  const { pipeline } = await approved(world);
  const before = { ...world.auth.stored("r1") };
  await world.clock.advance(8 * HOUR_MS);
  assert.deepEqual(statuses(world), [OPEN, OPEN]);
  world.auth.remove("r1");
  await world.clock.advance(1000);
  assert.deepEqual(statuses(world), [OVER, OVER]);
  const after = world.auth.stored("r1");
  for (const channel of [CHANNEL, OTHER_CHANNEL]) {
    assert.equal(after[`x-ended:${channel}`], "1");
    assert.equal(after[`x-to:${channel}`], before[`x-to:${channel}`]);
  }
  assert.equal(after["resolution"], "APPROVED");
  assert.equal(after["messages"], before["messages"]);
  world.discord.script.forget();
  await world.clock.advance(2 * RESYNC_MS);
  assert.deepEqual(world.discord.script.calls, []);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

for (
  const [what, change] of [
    ["denied", { state: "DENIED" }],
    ["promoted", { state: "PROMOTED" }],
    ["left pending", {}],
    ["for long-term access", { state: "APPROVED", kind: "LONG_TERM" }],
  ] as const
) {
  Deno.test(`nothing is said of the end of a request that was ${what}`, async () => {
    await using world = new World();
    await start(world);
    await world.put({ id: "r1", ...change, state: "PENDING" });
    await world.put({ id: "r1", ...change });
    await world.clock.advance(8 * HOUR_MS);
    world.auth.remove("r1");
    await world.clock.advance(MINUTE_MS);
    assert.deepEqual(told(world), []);
    for (const status of statuses(world)) {
      assert.doesNotMatch(status ?? "", /ended/);
    }
  });
}

Deno.test("nobody is told of a request that was removed or denied unheard", async () => {
  for (const state of [undefined, "DENIED"] as const) {
    await using world = new World();
    await approved(world);
    // The event got lost, and no sweep comes in between.
    world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
    if (state === undefined) world.auth.requests.delete("r1");
    else {
      const request = world.auth.requests.get("r1") ?? assert.fail();
      world.auth.requests.set("r1", { ...request, state });
    }
    await world.clock.advance(NOTICE_MS);
    assert.deepEqual(told(world), []);
  }
});

Deno.test("access that was granted for less time is not announced to end", async (t) => {
  await t.step("by the state alone", async () => {
    await using world = new World();
    await start(world);
    await world.put({ id: "r1", accessExpires: hoursLater(0.2) });
    await world.put({ id: "r1", state: "APPROVED" });
    await world.clock.advance(0.1 * HOUR_MS);
    assert.deepEqual(told(world), []);
    assert.equal(world.auth.stored("r1")["x-told-end"], "2026-11-22T21:03:20Z");
  });
  await t.step("by reviews, seen after a start", async () => {
    await using world = new World();
    const process = await start(world);
    await world.put({ id: "r1" });
    await process.stop();
    await world.clock.advance(NOTICE_MS + 5 * MINUTE_MS);
    const request = world.auth.requests.get("r1") ?? assert.fail();
    const reviews = [review({ created: new Date(world.clock.now()) })];
    world.auth.requests.set("r1", { ...request, reviews, state: "APPROVED" });
    await start(world, "second");
    await world.clock.advance(MINUTE_MS);
    assert.deepEqual(told(world), []);
  });
});

Deno.test("a start sets the time of requests that were approved before", async () => {
  await using world = new World();
  const process = await approved(world);
  await process.stop();
  await world.clock.advance(HOUR_MS);
  // No sweep comes in between.
  await start(world, "second");
  world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
  await world.clock.advance(NOTICE_MS - HOUR_MS + 11_000);
  assert.equal(told(world).length, 1);
});

Deno.test("what fell due while the plugin was down is made good, as long as access lasts", async () => {
  await using world = new World();
  const process = await approved(world);
  await process.stop();
  await world.clock.advance(NOTICE_MS + 5 * MINUTE_MS);
  await start(world, "second");
  await world.clock.advance(11_000);
  assert.equal(told(world).length, 1);
  assert.ok(world.auth.script.made("GetAccessRequest r1").length > 0);
});

Deno.test("an end that came while the plugin was down is shown at the next start", async () => {
  await using world = new World();
  const process = await approved(world);
  await process.stop();
  await world.clock.advance(8 * HOUR_MS + MINUTE_MS);
  world.auth.requests.delete("r1");
  await start(world, "second");
  await world.clock.advance(11_000);
  assert.deepEqual(statuses(world), [OVER, OVER]);
  assert.deepEqual(told(world), []);
});

Deno.test("a request that lists leave out, and that its ID still finds, is over", async () => {
  await using world = new World();
  await approved(world);
  await world.clock.advance(8 * HOUR_MS);
  // So does Teleport 18, for minutes.
  world.auth.listed = [];
  await world.clock.advance(2 * RESYNC_MS);
  assert.deepEqual(statuses(world), [OVER, OVER]);
});

Deno.test("a list that leaves an approved request out ends nothing before its time", async () => {
  await using world = new World();
  await approved(world);
  world.auth.listed = [];
  await world.clock.advance(7 * HOUR_MS);
  assert.deepEqual(statuses(world), [OPEN, OPEN]);
});

Deno.test("the clock alone ends nothing", async () => {
  await using world = new World();
  await approved(world);
  await world.clock.advance(9 * HOUR_MS);
  assert.deepEqual(statuses(world), [OPEN, OPEN]);
});

Deno.test("a request that is removed takes no access back; its end is shown when it comes", async () => {
  await using world = new World();
  await approved(world);
  world.auth.remove("r1");
  await world.clock.advance(7 * HOUR_MS);
  assert.deepEqual(statuses(world), [OPEN, OPEN]);
  assert.deepEqual(told(world), []);
  await world.clock.advance(HOUR_MS + 11_000);
  assert.deepEqual(statuses(world), [OVER, OVER]);
});

Deno.test("a start after the removal waits for the end as well", async () => {
  await using world = new World();
  const process = await approved(world);
  await process.stop();
  world.auth.remove("r1");
  await start(world, "second");
  world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
  await world.clock.advance(8 * HOUR_MS + 15_000);
  assert.deepEqual(statuses(world), [OVER, OVER]);
});

Deno.test("two instances tell once, and edit once", async () => {
  await using world = new World();
  await approved(world);
  await start(world, "second");
  await world.clock.advance(8 * HOUR_MS);
  assert.equal(told(world).length, 1);
  world.discord.script.forget();
  world.auth.remove("r1");
  await world.clock.advance(MINUTE_MS);
  assert.deepEqual(statuses(world), [OVER, OVER]);
  assert.equal(world.discord.script.made("PATCH").length, 2);
});

Deno.test("a notice whose answer was lost is found again", async () => {
  await using world = new World();
  const process = await approved(world);
  world.discord.script.next(POST, { takesMs: MINUTE_MS });
  await world.clock.advance(NOTICE_MS);
  await process.kill();
  assert.equal(told(world).length, 1);
  // By then Discord has forgotten the nonce.
  await world.clock.advance(6 * MINUTE_MS);
  await start(world, "second");
  await world.clock.advance(11_000);
  assert.equal(told(world).length, 1);
  assert.equal(world.auth.stored("r1")["x-told-end"], "2026-11-23T04:51:20Z");
});

Deno.test("an edit that was not recorded is made again", async () => {
  await using world = new World();
  const process = await approved(world);
  await world.clock.advance(8 * HOUR_MS);
  world.discord.script.next(`PATCH /channels/${CHANNEL}`, {
    takesMs: MINUTE_MS,
  });
  world.auth.remove("r1");
  await world.clock.advance(1000);
  await process.kill();
  assert.equal(world.auth.stored("r1")[`x-ended:${CHANNEL}`], undefined);
  await start(world, "second");
  await world.clock.advance(11_000);
  assert.equal(world.auth.stored("r1")[`x-ended:${CHANNEL}`], "1");
  assert.deepEqual(statuses(world), [OVER, OVER]);
});

Deno.test("a requester who cannot be reached is tried until access is over", async () => {
  await using world = new World();
  const { pipeline } = await approved(world);
  world.discord.script.always(POST, { refuse: discordError(403, 50007) });
  await world.clock.advance(NOTICE_MS);
  assert.ok(world.discord.script.made(POST).length > 0);
  world.discord.script.forget();
  await world.clock.advance(15 * MINUTE_MS);
  world.auth.remove("r1");
  world.discord.script.forget();
  await world.clock.advance(2 * HOUR_MS);
  assert.deepEqual(world.discord.script.made(POST), []);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("a reload turns it on for requests that were approved before, and off again", async () => {
  await using world = new World();
  let people: PeopleConfig = { ...PEOPLE, notices: NO_NOTICES };
  const { pipeline } = await world.start({ people: () => people });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.put({ id: "r2", state: "APPROVED" });
  people = PEOPLE;
  pipeline.reloaded();
  await world.clock.advance(NOTICE_MS);
  assert.equal(told(world).length, 2);
  people = { ...PEOPLE, notices: NO_NOTICES };
  pipeline.reloaded();
  await world.clock.advance(HOUR_MS);
  world.auth.remove("r1");
  await world.clock.advance(MINUTE_MS);
  assert.deepEqual(statuses(world), [OPEN, OPEN]);
});

Deno.test("a message that says that access is over keeps saying so in later edits", async () => {
  await using world = new World();
  world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
  world.claim("r1", { [CHANNEL]: posted(CHANNEL, "?") }, {
    resolution: "APPROVED",
    ended: new Set([CHANNEL]),
  });
  await world.start({ self: "second" });
  await world.clock.advance(11_000);
  assert.deepEqual(statuses(world), [OVER]);
});

Deno.test("what the official plugin announced ends as well", async () => {
  await using world = new World();
  await start(world);
  world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
  world.claim("r1", { [CHANNEL]: posted(CHANNEL, "?") }, {
    own: false,
    leaseHolder: "",
    created: undefined,
    accessExpires: undefined,
  });
  world.auth.put(accessRequest({ id: "r1", state: "APPROVED" }));
  await world.clock.advance(NOTICE_MS);
  assert.equal(told(world).length, 1);
  await world.clock.advance(15 * MINUTE_MS);
  world.auth.remove("r1");
  await world.clock.advance(MINUTE_MS);
  assert.deepEqual(statuses(world), [OVER]);
});
