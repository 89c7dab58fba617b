import assert from "node:assert/strict";
import type {
  Escalation,
  PeopleConfig,
} from "../../../src/people/people_config.ts";
import type { Clock } from "../../../src/lib/async/clock.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
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

const MANAGERS = "800000000000000003";
const FIRST_ROLE = "role:600000000000000001";
const SECOND_ROLE = "role:600000000000000002";
const THIRD_ROLE = "role:600000000000000003";
const UNAVAILABLE = { refuse: teleportError("UNAVAILABLE") };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CALL = `POST /channels/${CHANNEL}/messages`;
const ADDED = `POST /channels/${MANAGERS}/messages`;

/** After an hour the managers are told, and the reviewers are called again. */
const AFTER_HOUR: Escalation = {
  afterMs: HOUR_MS,
  roles: undefined,
  recipients: [MANAGERS, CHANNEL],
  mentions: [SECOND_ROLE],
};

const AFTER_TWO: Escalation = {
  afterMs: 2 * HOUR_MS,
  roles: undefined,
  recipients: [MANAGERS, OTHER_CHANNEL],
  mentions: [THIRD_ROLE],
};

function peopleOf(...escalations: Escalation[]): PeopleConfig {
  return {
    ...NOBODY,
    mentions: new Map([["*", [FIRST_ROLE]]]),
    notices: { ...NO_NOTICES, escalations },
  };
}

const PEOPLE = peopleOf(AFTER_HOUR);

function start(
  world: World,
  people = PEOPLE,
  self = "self",
): Promise<Process> {
  return world.start({ self, people: () => people });
}

/** Makes a request that can wait for hours. */
function put(world: World, id = "r1"): Promise<void> {
  return world.put({
    id,
    requestExpires: hoursLater(7),
    created: new Date(world.clock.now()),
  });
}

function replies(world: World, channel = CHANNEL): Message[] {
  return world.discord.messages(channel).filter((message) =>
    message.replyTo !== undefined
  );
}

Deno.test("a request that cannot be read by its ID is followed, and not escalated", async () => {
  await using world = new World();
  await start(world);
  await put(world);
  const { requests, script } = world.auth;
  script.always("GetAccessRequest", {
    meanwhile: () => {
      const request = requests.get("r1") ?? assert.fail();
      requests.delete("r1");
      queueMicrotask(() => requests.set("r1", request));
    },
  });
  await world.clock.advance(HOUR_MS);
  await world.put({ id: "r1", reviews: [review()] });
  assert.match(world.discord.messages(CHANNEL)[0]?.content ?? "", /✅ 1 ❌ 0/);
  assert.deepEqual(world.shown(MANAGERS), []);
});

Deno.test("others get the whole announcement after the time, and it follows the request", async () => {
  await using world = new World();
  const { pipeline } = await start(world);
  await put(world);
  await world.clock.advance(HOUR_MS - 1);
  assert.deepEqual(world.shown(MANAGERS), []);
  assert.deepEqual(replies(world), []);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
  const [announcement] = world.discord.messages(MANAGERS);
  assert.deepEqual(announcement?.alerts, [SECOND_ROLE]);
  assert.match(
    announcement?.content ?? "",
    /^You have a new Role Request:\n[^]*\*Attention\*: <@&600000000000000002>\n/,
  );
  const stored = world.auth.stored("r1");
  assert.equal(stored["x-escalated"], "3600");
  assert.equal(stored[`x-mentions:${MANAGERS}`], SECOND_ROLE);
  assert.equal(
    stored["messages"]?.split(",").map((ref) => ref.split("/")[0]).join(),
    `${CHANNEL},${MANAGERS}`,
  );
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(world.shown(MANAGERS), ["APPROVED"]);
  assert.match(
    world.discord.messages(MANAGERS)[0]?.content ?? "",
    /<@&600000000000000002>/,
  );
  await world.clock.advance(3 * HOUR_MS);
  assert.equal(world.discord.messages(MANAGERS).length, 1);
});

Deno.test("what falls due while a round decides that nothing is due is not forgotten", async (t) => {
  for (let leadMs = 1; leadMs <= 12; leadMs++) {
    await t.step(`a round that begins ${leadMs} ms before`, async () => {
      await using world = new World();
      const { clock } = world;
      let passedMs = 0;
      let isSlow = false;
      // While it is slow, a millisecond passes with each look at it.
      const slow: Clock = {
        now: () => clock.now() + (isSlow ? ++passedMs : 0),
        monotonic: () => clock.monotonic(),
        sleep: (ms, signal) => clock.sleep(ms, signal),
        random: clock.random,
      };
      await world.start({ clock: slow, people: () => PEOPLE });
      // No sweep is to make good what was forgotten.
      await clock.advance(RESYNC_MS / 3);
      await put(world);
      await clock.advance(HOUR_MS - 1000);
      await clock.advance(1000 - leadMs);
      isSlow = true;
      await world.put({ id: "r1", requestExpires: hoursLater(7) });
      isSlow = false;
      await clock.advance(MINUTE_MS);
      assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
    });
  }
});

Deno.test("who has the announcement already is called by one reply", async () => {
  await using world = new World();
  await start(world);
  await put(world);
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(HOUR_MS);
  const [announcement] = world.discord.messages(CHANNEL);
  const [call, another] = replies(world);
  assert.equal(another, undefined);
  assert.equal(call?.replyTo, announcement?.id);
  assert.deepEqual(call?.alerts, [SECOND_ROLE]);
  assert.equal(
    call?.content,
    `This access request still waits for a decision:
*ID*: r1
*Escalated*: <t:1795384280:R>
*Requested*: <t:1795380680:R>
Request expires <t:1795405880:R>
*Reviews*: ✅ 1 ❌ 0
*Attention*: <@&600000000000000002>`,
  );
  assert.equal(world.auth.stored("r1")[`x-called:${CHANNEL}`], "3600");
  await world.clock.advance(2 * HOUR_MS);
  assert.equal(replies(world).length, 1);
});

Deno.test("each escalation comes at its time, to whoever it names", async () => {
  await using world = new World();
  await start(world, peopleOf(AFTER_TWO, AFTER_HOUR));
  await put(world);
  await world.clock.advance(HOUR_MS);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  await world.clock.advance(HOUR_MS);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  // The managers have the announcement by now.
  const [call] = replies(world, MANAGERS);
  assert.deepEqual(call?.alerts, [THIRD_ROLE]);
  assert.equal(replies(world, MANAGERS).length, 1);
  assert.equal(replies(world).length, 1);
  const stored = world.auth.stored("r1");
  assert.equal(stored["x-escalated"], "7200");
  assert.equal(stored[`x-called:${MANAGERS}`], "7200");
});

Deno.test("what fell due while the plugin was down is made good at once", async () => {
  await using world = new World();
  const people = peopleOf(AFTER_HOUR, AFTER_TWO);
  const process = await start(world, people);
  await put(world);
  await process.stop();
  await world.clock.advance(3 * HOUR_MS);
  await start(world, people, "second");
  await world.clock.advance(11_000);
  assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.deepEqual(world.discord.messages(MANAGERS)[0]?.alerts, [
    SECOND_ROLE,
    THIRD_ROLE,
  ]);
  assert.equal(replies(world).length, 1);
  assert.equal(replies(world, MANAGERS).length, 0);
});

Deno.test("only requests of its roles are escalated", async () => {
  await using world = new World();
  await start(world, peopleOf({ ...AFTER_HOUR, roles: ["prod-root", "ops"] }));
  await put(world);
  await world.put({
    id: "r2",
    roles: ["dev", "ops"],
    requestExpires: hoursLater(7),
  });
  await world.clock.advance(HOUR_MS);
  assert.deepEqual(
    world.discord.messages(MANAGERS).map(({ content }) =>
      content.split("\n")[1]
    ),
    ["*ID*: r2"],
  );
  assert.equal(world.auth.stored("r1")["x-escalated"], undefined);
});

for (
  const [what, change] of [
    ["approved", { state: "APPROVED" }],
    ["denied", { state: "DENIED" }],
    ["promoted", { state: "PROMOTED" }],
  ] as const
) {
  Deno.test(`a request that was ${what} unheard is not escalated`, async () => {
    await using world = new World();
    await start(world);
    await put(world);
    const request = world.auth.requests.get("r1") ?? assert.fail();
    // The event got lost, and no sweep comes in between.
    world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
    world.auth.requests.set("r1", { ...request, ...change });
    await world.clock.advance(2 * HOUR_MS);
    assert.deepEqual(world.discord.messages(MANAGERS), []);
    assert.deepEqual(replies(world), []);
    assert.equal(world.auth.stored("r1")["x-escalated"], undefined);
  });
}

Deno.test("what could not be stored is not escalated once the request was approved", async () => {
  await using world = new World();
  await start(world);
  await put(world);
  world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
  const restored = world.auth.script.always("UpdatePluginData r1", UNAVAILABLE);
  await world.clock.advance(HOUR_MS + MINUTE_MS);
  const request = world.auth.requests.get("r1") ?? assert.fail();
  world.auth.requests.set("r1", { ...request, state: "APPROVED" });
  restored();
  await world.clock.advance(MINUTE_MS);
  assert.equal(world.auth.stored("r1")["x-escalated"], undefined);
  assert.deepEqual(world.discord.messages(MANAGERS), []);
});

Deno.test("what could not be stored is escalated as soon as it can", async () => {
  await using world = new World();
  await start(world);
  await put(world);
  world.auth.script.always("ListAccessRequests", { takesMs: 1e9 });
  // Each try gets a little further.
  world.auth.script.next("GetAccessRequest r1", {}, UNAVAILABLE, {});
  world.auth.script.next("UpdatePluginData r1", UNAVAILABLE, UNAVAILABLE);
  await world.clock.advance(HOUR_MS + MINUTE_MS);
  assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
});

Deno.test("a list that is behind escalates nothing", async () => {
  await using world = new World();
  const process = await start(world);
  await put(world);
  await process.stop();
  await world.clock.advance(2 * HOUR_MS);
  const pending = world.auth.requests.get("r1") ?? assert.fail();
  world.auth.listed = [pending];
  world.auth.requests.set("r1", { ...pending, state: "DENIED" });
  await start(world, PEOPLE, "second");
  await world.clock.advance(MINUTE_MS);
  assert.deepEqual(world.discord.messages(MANAGERS), []);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("an event that waited while the process was held still escalates nothing", async () => {
  await using world = new World();
  let people = NOBODY;
  await world.start({ people: () => people });
  await put(world);
  await world.clock.advance(HOUR_MS);
  const pending = world.auth.requests.get("r1") ?? assert.fail();
  world.auth.requests.set("r1", { ...pending, state: "APPROVED" });
  people = PEOPLE;
  world.auth.send({ kind: "put", request: pending });
  await world.clock.advance(1000);
  assert.equal(world.auth.stored("r1")["x-escalated"], undefined);
  assert.deepEqual(world.shown(), ["APPROVED"]);
});

Deno.test("a request that has expired is not escalated", async () => {
  await using world = new World();
  await start(world);
  await world.put({ id: "r1", requestExpires: hoursLater(1) });
  await world.clock.advance(2 * HOUR_MS);
  assert.deepEqual(world.discord.messages(MANAGERS), []);
});

Deno.test("who is owed an announcement when the request is resolved gets none", async () => {
  await using world = new World();
  await start(world);
  await put(world);
  world.discord.script.always(ADDED, { refuse: discordError(403, 50001) });
  await world.clock.advance(HOUR_MS);
  assert.match(world.delivery("r1", MANAGERS) ?? "", /^owed 1 /);
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(MINUTE_MS);
  assert.equal(world.delivery("r1", MANAGERS), "dropped");
});

Deno.test("two instances escalate once; the holder of the lease at once, another 10 s later", async () => {
  await using world = new World();
  const first = await start(world);
  await start(world, PEOPLE, "second");
  await put(world);
  await put(world, "r2");
  await world.clock.advance(HOUR_MS);
  assert.equal(world.discord.messages(MANAGERS).length, 2);
  assert.equal(replies(world).length, 2);
  await world.clock.advance(HOUR_MS);
  await put(world, "r3");
  await world.clock.advance(MINUTE_MS);
  await first.kill();
  await world.clock.advance(HOUR_MS - MINUTE_MS);
  assert.equal(world.discord.messages(MANAGERS).length, 2);
  await world.clock.advance(10_100);
  assert.equal(world.discord.messages(MANAGERS).length, 3);
  assert.equal(replies(world).length, 3);
});

Deno.test("an escalation whose answers were lost is found again", async () => {
  await using world = new World();
  const process = await start(world);
  await put(world);
  world.discord.script.next(ADDED, { takesMs: MINUTE_MS });
  world.discord.script.next(CALL, { takesMs: MINUTE_MS });
  await world.clock.advance(HOUR_MS);
  await process.kill();
  assert.equal(world.discord.messages(MANAGERS).length, 1);
  assert.equal(replies(world).length, 1);
  // By then Discord has forgotten the nonces.
  await world.clock.advance(10 * MINUTE_MS);
  await start(world, PEOPLE, "second");
  await world.clock.advance(11_000);
  assert.equal(world.discord.messages(MANAGERS).length, 1);
  assert.equal(replies(world).length, 1);
  assert.equal(world.auth.stored("r1")[`x-called:${CHANNEL}`], "3600");
  assert.match(world.delivery("r1", MANAGERS) ?? "", /PENDING/);
});

Deno.test("a second call is not taken for the first", async () => {
  await using world = new World();
  const people = peopleOf(AFTER_HOUR, {
    ...AFTER_TWO,
    recipients: [CHANNEL],
  });
  const process = await start(world, people);
  await put(world);
  world.discord.script.next(CALL, { takesMs: MINUTE_MS });
  await world.clock.advance(HOUR_MS);
  // The first is there, and not recorded; then nobody is there until the second is due.
  await process.kill();
  await world.clock.advance(HOUR_MS);
  await start(world, people, "second");
  await world.clock.advance(11_000);
  assert.equal(replies(world).length, 2);
  assert.equal(world.auth.stored("r1")[`x-called:${CHANNEL}`], "7200");
});

Deno.test("a call whose announcement was deleted is given up", async () => {
  await using world = new World();
  const { pipeline } = await start(world);
  await put(world);
  world.discord.script.next(CALL, { refuse: discordError(400, 50035) });
  await world.clock.advance(HOUR_MS);
  assert.deepEqual(replies(world), []);
  assert.equal(world.logger.find("escalation was refused").length, 1);
  await world.clock.advance(HOUR_MS);
  assert.deepEqual(replies(world), []);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("whom nobody is to be mentioned to mentions nobody", async () => {
  await using world = new World();
  await start(world, peopleOf({ ...AFTER_HOUR, mentions: [] }));
  await put(world);
  await world.clock.advance(HOUR_MS);
  const [announcement] = world.discord.messages(MANAGERS);
  assert.deepEqual(announcement?.alerts, []);
  assert.doesNotMatch(announcement?.content ?? "", /Attention/);
  assert.equal(world.auth.stored("r1")[`x-mentions:${MANAGERS}`], "-");
  assert.deepEqual(replies(world)[0]?.alerts, []);
});

Deno.test("a reload adds an escalation to open requests, and takes one away", async () => {
  await using world = new World();
  let people = peopleOf();
  const { pipeline } = await world.start({ people: () => people });
  await put(world);
  await world.clock.advance(2 * HOUR_MS);
  people = PEOPLE;
  pipeline.reloaded();
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
  assert.equal(replies(world).length, 1);
  await put(world, "r2");
  people = peopleOf();
  pipeline.reloaded();
  await world.clock.advance(2 * HOUR_MS);
  assert.equal(world.discord.messages(MANAGERS).length, 1);
});

Deno.test("what the official plugin announced is escalated as well", async () => {
  await using world = new World();
  await start(world);
  world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
  world.claim("r1", { [CHANNEL]: posted(CHANNEL, "?") }, {
    own: false,
    leaseHolder: "",
    created: undefined,
    requestExpires: undefined,
    accessExpires: undefined,
  });
  world.auth.put(accessRequest({ id: "r1", requestExpires: hoursLater(7) }));
  await world.clock.advance(HOUR_MS + RESYNC_MS);
  assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
  assert.equal(replies(world).length, 1);
});

Deno.test("what the official plugin announced is adopted once it can be read, though its message was edited before", async () => {
  await using world = new World();
  world.discord.add(CHANNEL, { id: `${CHANNEL}00` });
  world.claim("r1", { [CHANNEL]: posted(CHANNEL, "?") }, {
    own: false,
    leaseHolder: "",
    created: undefined,
    requestExpires: undefined,
    accessExpires: undefined,
  });
  // The role does not show it yet.
  await world.start({
    people: () => PEOPLE,
    route: () => [CHANNEL, OTHER_CHANNEL],
  });
  await world.clock.advance(MINUTE_MS);
  assert.equal(world.auth.stored("r1")["x-version"], "1");
  const request = accessRequest({ id: "r1", requestExpires: hoursLater(7) });
  world.auth.requests.set("r1", request);
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  await world.clock.advance(HOUR_MS);
  assert.deepEqual(world.shown(MANAGERS), ["PENDING"]);
});

Deno.test("reminders mention whom the escalation mentions there", async () => {
  await using world = new World();
  const people = {
    ...PEOPLE,
    notices: { ...PEOPLE.notices, remindAfterMs: [2 * HOUR_MS] },
  };
  await start(world, people);
  await put(world);
  await world.clock.advance(3 * HOUR_MS);
  const [reminder] = replies(world, MANAGERS);
  assert.deepEqual(reminder?.alerts, [SECOND_ROLE]);
});
