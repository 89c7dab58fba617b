import assert from "node:assert/strict";
import {
  type ApiRoute,
  routeOf,
} from "../../../src/discord/rate_limit/api_route.ts";
import {
  type LimitNews,
  readLimits,
} from "../../../src/discord/rate_limit/limit_headers.ts";
import { RateLimiter } from "../../../src/discord/rate_limit/rate_limiter.ts";
import { FakeClock } from "../../fakes/clock.ts";
import type { FakeLimitOptions } from "../../fakes/discord_limits.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { edit, post, Simulation } from "./simulation.ts";

const NEVER = new AbortController().signal;
const FIVE_IN_FIVE = { limit: 5, perMs: 5_000 };

function setUp(limits: FakeLimitOptions = {}) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const limiter = new RateLimiter(clock, logger);
  const simulation = new Simulation(clock, limiter, limits);
  return { clock, logger, limiter, simulation };
}

/** Makes a call whose answer is given, and returns when it went out. */
async function callFor(
  { clock, limiter }: { clock: FakeClock; limiter: RateLimiter },
  route: ApiRoute,
  news: LimitNews | undefined,
): Promise<number> {
  using slot = await limiter.acquire(route, 0, NEVER);
  const atMs = clock.monotonic();
  slot.sent();
  if (news !== undefined) slot.settle(news);
  return atMs;
}

const FINE = readLimits(200, new Headers(), undefined);

function refusal(
  fields: Record<string, unknown>,
  headers: Record<string, string> = {},
): LimitNews {
  return readLimits(429, new Headers(headers), { message: "", ...fields });
}

Deno.test("forty posts into one channel arrive in nearly the least possible time", async () => {
  const { clock, simulation } = setUp({ posts: FIVE_IN_FIVE, global: 50 });
  const calls = Array.from(
    { length: 40 },
    (_, order) =>
      simulation.call({ route: post("7"), order, thereMs: 40, backMs: 40 }),
  );
  await clock.run(Promise.all(calls));
  const leastMs = 7 * 5_000 + 80;
  assert.ok(clock.monotonic() <= 1.1 * leastMs, `${clock.monotonic()} ms`);
  assert.ok(simulation.arrivals.every(({ status }) => status === 200));
});

Deno.test("sixty posts into twenty channels arrive in nearly the least possible time", async () => {
  const { clock, simulation } = setUp({ posts: FIVE_IN_FIVE, global: 50 });
  const calls = Array.from({ length: 60 }, (_, index) =>
    simulation.call({
      route: post(`${index % 20}`),
      order: index,
      thereMs: 40,
      backMs: 40,
    }));
  await clock.run(Promise.all(calls));
  const leastMs = 1_000 + 80;
  assert.ok(clock.monotonic() <= 1.1 * leastMs, `${clock.monotonic()} ms`);
  assert.ok(simulation.arrivals.every(({ status }) => status === 200));
});

Deno.test("without limits, only the first call goes alone", async () => {
  const { clock, simulation } = setUp();
  const calls = Array.from(
    { length: 40 },
    () => simulation.call({ route: post("7"), thereMs: 40, backMs: 40 }),
  );
  await clock.run(Promise.all(calls));
  assert.equal(clock.monotonic(), 160);
});

Deno.test("the first call into an unknown bucket goes alone, then as many as remain", async () => {
  const { clock, simulation } = setUp({ posts: FIVE_IN_FIVE });
  const calls = Array.from(
    { length: 6 },
    () => simulation.call({ route: post("7"), backMs: 100 }),
  );
  await clock.run(Promise.all(calls));
  assert.deepEqual(simulation.arrivals.map(({ atMs }) => atMs), [
    0,
    100,
    100,
    100,
    100,
    5_150,
  ]);
});

Deno.test("a refused token tells nothing of the limit of a bucket", async () => {
  const world = setUp({ posts: FIVE_IN_FIVE });
  const { clock, simulation } = world;
  const error = { message: "401: Unauthorized", code: 0 };
  await callFor(world, post("7"), readLimits(401, new Headers(), error));
  const calls = Array.from(
    { length: 20 },
    () => simulation.call({ route: post("7"), backMs: 100 }),
  );
  await clock.run(Promise.all(calls));
  assert.ok(simulation.arrivals.every(({ status }) => status === 200));
});

Deno.test("channels do not hold up one another", async () => {
  const { clock, simulation } = setUp({ posts: { limit: 1, perMs: 60_000 } });
  await simulation.call({ route: post("1") });
  const held = simulation.call({ route: post("1") });
  await simulation.call({ route: post("2") });
  assert.equal(clock.monotonic(), 0);
  await clock.run(held);
  assert.equal(clock.monotonic(), 60_050);
});

Deno.test("calls for one bucket are served newest and oldest in turn", async () => {
  const { clock, simulation } = setUp({ posts: { limit: 1, perMs: 1_000 } });
  await simulation.call({ route: post("7") });
  const calls = [2, 5, 1, 4, 3].map((order) =>
    simulation.call({ route: post("7"), order })
  );
  await clock.run(Promise.all(calls));
  const orders = simulation.arrivals.slice(1).map(({ order }) => order);
  assert.deepEqual(orders, [1, 5, 2, 4, 3]);
});

Deno.test("posts and edits share the global limit fairly", async () => {
  const { clock, simulation } = setUp({ global: 50 });
  const calls = Array.from({ length: 400 }, (_, index) => {
    const channelId = `${index % 40}`;
    return simulation.call({
      route: index < 360 ? edit(channelId) : post(channelId),
      thereMs: 10,
      backMs: 10,
    });
  });
  await clock.run(Promise.all(calls));
  // In the first second the edits were there first, one for each channel.
  const nextSecond = simulation.arrivals.slice(50, 100);
  const posts = nextSecond.filter(({ route }) => route.method === "POST");
  assert.ok(posts.length >= 20, `${posts.length} posts of 50`);
  assert.ok(simulation.arrivals.every(({ status }) => status === 200));
});

Deno.test("a channel with a backlog leaves room for the others", async () => {
  const { clock, simulation } = setUp({ global: 50 });
  await simulation.call({ route: post("1") });
  await simulation.call({ route: post("2") });
  await clock.advance(2_000);
  const calls = Array.from(
    { length: 210 },
    (_, index) => simulation.call({ route: post(index < 200 ? "1" : "2") }),
  );
  await clock.run(Promise.all(calls));
  const last = simulation.arrivals.findLastIndex(({ route }) =>
    route.major === "2"
  );
  assert.ok(last < 80, `call ${last} of 210`);
});

Deno.test("no second holds more than fifty calls, however long their ways", async () => {
  const { clock, simulation } = setUp({ global: 50 });
  const calls = Array.from({ length: 260 }, (_, index) =>
    simulation.call({
      route: post(`${index}`),
      thereMs: (index * 37) % 250,
      backMs: (index * 53) % 90,
    }));
  await clock.run(Promise.all(calls));
  assert.ok(simulation.arrivals.every(({ status }) => status === 200));
  assert.ok(clock.monotonic() < 8_000, `${clock.monotonic()} ms`);
});

Deno.test("no second holds more than fifty calls where the first took long to get there", async () => {
  const { clock, simulation } = setUp({ global: 50 });
  await clock.run(simulation.call({ route: post("first"), thereMs: 80 }));
  const calls = Array.from(
    { length: 60 },
    (_, index) =>
      simulation.call({ route: post(`${index}`), thereMs: 1, backMs: 1 }),
  );
  await clock.run(Promise.all(calls));
  assert.ok(simulation.arrivals.every(({ status }) => status === 200));
});

Deno.test("routes that Discord puts into one bucket share its room", async () => {
  const world = setUp();
  const headers = new Headers({
    "x-ratelimit-bucket": "same",
    "x-ratelimit-limit": "2",
    "x-ratelimit-remaining": "1",
    "x-ratelimit-reset-after": "3",
  });
  await callFor(world, post("7"), readLimits(200, headers, undefined));
  headers.set("x-ratelimit-remaining", "0");
  await callFor(world, edit("7"), readLimits(200, headers, undefined));
  const third = callFor(world, post("7"), FINE);
  assert.equal(await callFor(world, post("8"), FINE), 0);
  assert.equal(await world.clock.run(third), 3_050);
});

Deno.test("retry_after of a bucket holds up that bucket only", async () => {
  const world = setUp();
  await callFor(world, post("7"), refusal({ retry_after: 4 }));
  const held = callFor(world, post("7"), FINE);
  assert.equal(await callFor(world, post("8"), FINE), 0);
  assert.equal(await callFor(world, edit("7"), FINE), 0);
  assert.equal(await world.clock.run(held), 4_050);
});

Deno.test("30046 holds up the edits of that channel only, even in a shared bucket", async () => {
  const world = setUp();
  const headers = {
    "x-ratelimit-bucket": "same",
    "x-ratelimit-limit": "50",
    "x-ratelimit-remaining": "49",
    "x-ratelimit-reset-after": "3",
  };
  const fine = readLimits(200, new Headers(headers), undefined);
  await callFor(world, post("7"), fine);
  await callFor(
    world,
    edit("7"),
    refusal({ code: 30046, retry_after: 20 }, headers),
  );
  const held = callFor(world, edit("7"), FINE);
  assert.equal(await callFor(world, post("7"), fine), 0);
  assert.equal(await callFor(world, edit("8"), fine), 0);
  assert.equal(await world.clock.run(held), 20_050);
});

Deno.test("behind a hidden limit calls go one at a time", async () => {
  const { clock, limiter } = setUp();
  await callFor(
    { clock, limiter },
    edit("7"),
    refusal({ code: 30046, retry_after: 1 }),
  );
  const sent: number[] = [];
  const calls = Array.from({ length: 3 }, async () => {
    using slot = await limiter.acquire(edit("7"), 0, NEVER);
    sent.push(clock.monotonic());
    slot.sent();
    await clock.sleep(100, NEVER);
    slot.settle(FINE);
  });
  await clock.run(Promise.all(calls));
  assert.deepEqual(sent, [1_050, 1_150, 1_250]);
});

for (
  const [name, news, untilMs] of [
    [
      "a global 429 holds up every call",
      refusal({ retry_after: 2, global: true }),
      2_050,
    ],
    [
      "a ban of the address holds up every call for minutes",
      readLimits(429, new Headers(), undefined),
      300_050,
    ],
    [
      "a block by Cloudflare that comes as JSON holds up every call for minutes",
      readLimits(403, new Headers(), { message: "", code: 40333 }),
      300_050,
    ],
    [
      "a block that names neither a time nor a limit holds up every call for minutes",
      readLimits(429, new Headers(), { message: "blocked", code: 0 }),
      300_050,
    ],
    [
      "a ban of the address holds up every call for as long as it says",
      readLimits(403, new Headers({ "retry-after": "90" }), undefined),
      90_050,
    ],
  ] as const
) {
  Deno.test(name, async () => {
    const world = setUp();
    await callFor(world, post("7"), news);
    const held = [post("7"), edit("8"), routeOf("GET", "/users/@me")].map(
      (route) => callFor(world, route, FINE),
    );
    const sent = await world.clock.run(Promise.all(held));
    assert.deepEqual(sent, [untilMs, untilMs, untilMs]);
  });
}

Deno.test("a wait of hours is said once, with its end, and so is when it is over", async () => {
  const world = setUp();
  const { clock, limiter, logger } = world;
  const route = routeOf("GET", "/gateway/bot");
  const hours = refusal({ retry_after: 82_721 });
  await callFor(world, route, hours);
  const until = new Date(clock.now() + 82_721_000);
  assert.deepEqual(limiter.longWaits, [
    { route: route.name, channelId: undefined, until },
  ]);
  const long = "Discord keeps calls back for long";
  const [line] = logger.find(long);
  assert.equal(line?.level, "warning");
  assert.deepEqual(line?.fields, {
    route: route.name,
    channel_id: undefined,
    wait_ms: 82_721_000,
    until: until.toISOString(),
    hint: undefined,
  });
  // Calls of other routes go on, and say nothing about this one.
  await callFor(world, post("7"), FINE);
  assert.equal(limiter.longWaits.length, 1);
  await clock.run(callFor(world, route, hours));
  assert.equal(logger.find(long).length, 1);
  await clock.run(callFor(world, route, FINE));
  assert.deepEqual(limiter.longWaits, []);
  assert.equal(logger.find("Discord lets calls pass again").length, 1);
});

Deno.test("a limit that refuses again and again is asked ever more rarely, and holds up nobody else", async () => {
  const world = setUp();
  const { clock } = world;
  const sentMs: number[] = [];
  const insist = async () => {
    while (clock.monotonic() < 600_000) {
      sentMs.push(await callFor(world, post("7"), refusal({ retry_after: 0 })));
    }
  };
  await clock.run(Promise.all([insist(), insist(), insist()]));
  assert.ok(sentMs.length < 40, `${sentMs.length} calls`);
  assert.equal(await callFor(world, post("8"), FINE), clock.monotonic());
  // After one success a refusal means no more than it says.
  await clock.run(callFor(world, post("7"), FINE));
  await callFor(world, post("7"), refusal({ retry_after: 1 }));
  const atMs = clock.monotonic();
  assert.equal(
    await clock.run(callFor(world, post("7"), FINE)) - atMs,
    1_050,
  );
});

Deno.test("a window that others use up is asked at its reset, whatever refused before", async () => {
  const world = setUp();
  const { clock } = world;
  const usedUp = refusal({ retry_after: 5 }, {
    "x-ratelimit-limit": "5",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset-after": "5",
    "x-ratelimit-scope": "user",
  });
  const refused = refusal({ retry_after: 1 });
  await clock.run((async () => {
    // By the last of these the next call would wait for a minute.
    for (let i = 0; i < 10; i++) await callFor(world, edit("7"), refused);
    await callFor(world, edit("7"), usedUp);
    const atMs = clock.monotonic();
    assert.equal(await callFor(world, edit("7"), FINE) - atMs, 5_050);
  })());
});

Deno.test("a window that is always used up is asked ever more rarely", async () => {
  const world = setUp();
  const { clock } = world;
  const usedUp = refusal({ retry_after: 0.1 }, {
    "x-ratelimit-limit": "1",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset-after": "0.1",
  });
  let calls = 0;
  await clock.run((async () => {
    while (clock.monotonic() < 600_000) {
      await callFor(world, edit("7"), usedUp);
      calls++;
    }
  })());
  assert.ok(calls < 40, `${calls} calls`);
});

Deno.test("a slot tells that a refusal came up meanwhile", async () => {
  const { clock, limiter } = setUp();
  using early = await limiter.acquire(post("7"), 0, NEVER);
  assert.equal(early.isClosed(), false);
  await callFor({ clock, limiter }, post("8"), refusal({ retry_after: 1 }));
  assert.equal(early.isClosed(), false);
  await callFor(
    { clock, limiter },
    post("9"),
    refusal({ retry_after: 1, global: true }),
  );
  assert.equal(early.isClosed(), true);
  await clock.advance(2_000);
  assert.equal(early.isClosed(), false);
});

Deno.test("never more than 1 000 invalid answers in 10 minutes", async () => {
  const { clock, limiter } = setUp();
  const forbidden = readLimits(403, new Headers(), { message: "", code: 1 });
  const answered: number[] = [];
  const calls = Array.from({ length: 2_500 }, async (_, index) => {
    using slot = await limiter.acquire(post(`${index % 50}`), 0, NEVER);
    slot.sent();
    await clock.sleep(index % 300, NEVER);
    answered.push(clock.monotonic());
    slot.settle(forbidden);
  });
  await clock.run(Promise.all(calls));
  for (let index = 1_000; index < answered.length; index++) {
    const thousandBefore = answered[index - 1_000] ?? NaN;
    assert.ok((answered[index] ?? NaN) - thousandBefore >= 600_000);
  }
  assert.ok(clock.monotonic() < 1_300_000, "it goes on in between");
});

Deno.test("429 of shared limits are no invalid answers", async () => {
  const world = setUp();
  const shared = refusal({ retry_after: 0 }, { "x-ratelimit-scope": "shared" });
  const calls = Array.from(
    { length: 1_500 },
    (_, index) => callFor(world, post(`${index}`), shared),
  );
  await world.clock.run(Promise.all(calls));
  assert.ok(world.clock.monotonic() < 40_000);
});

Deno.test("an abort ends the wait with its reason and leaves nothing behind", async () => {
  const world = setUp();
  const { clock, limiter } = world;
  await callFor(world, post("7"), refusal({ retry_after: 60 }));
  const wait = new AbortController();
  const held = limiter.acquire(post("7"), 0, wait.signal);
  const outcome = assert.rejects(held, (reason) => reason === "stop");
  await clock.advance(10);
  assert.equal(clock.sleepers, 1);
  wait.abort("stop");
  await outcome;
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
  await assert.rejects(
    limiter.acquire(post("7"), 0, wait.signal),
    (reason) => reason === "stop",
  );
});

Deno.test("a slot that is given back costs nothing", async () => {
  const { clock, simulation } = setUp({ posts: FIVE_IN_FIVE });
  await simulation.call({ route: post("7") });
  const calls = Array.from(
    { length: 100 },
    () => simulation.call({ route: post("7"), isGivenBack: true }),
  );
  await Promise.all(calls);
  for (let n = 0; n < 4; n++) await simulation.call({ route: post("7") });
  assert.equal(clock.monotonic(), 0);
});

Deno.test("what was not used for long is forgotten", async () => {
  const world = setUp();
  for (let channel = 0; channel < 500; channel++) {
    await world.clock.run(callFor(world, post(`${channel}`), FINE));
  }
  assert.equal(world.limiter.size, 500);
  const refused = refusal({ retry_after: 3_600 });
  await world.clock.run(callFor(world, edit("1"), refused));
  await world.clock.advance(30 * 60_000);
  await callFor(world, post("new"), FINE);
  assert.equal(world.limiter.size, 2, "the new one and the one held up");
});

Deno.test("nothing is logged above debug, and no ID but the channel's", async () => {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const limiter = new RateLimiter(clock, logger);
  await callFor({ clock, limiter }, edit("7"), refusal({ retry_after: 2 }));
  assert.deepEqual(logger.lines, [{
    level: "debug",
    message: "calls held back",
    fields: {
      route: "PATCH /channels/:id/messages/:id",
      channel_id: "7",
      scope: "bucket",
      wait_ms: 2_000,
    },
  }]);
});
