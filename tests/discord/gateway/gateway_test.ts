/** The Gateway client against a stand-in, with a clock that is turned by hand. */

import assert from "node:assert/strict";
import {
  Gateway,
  type GatewayOptions,
} from "../../../src/discord/gateway/gateway.ts";
import { Secret } from "../../../src/lib/secret.ts";
import type { Click } from "../../../src/ports/clicks.ts";
import { DiscordApiError } from "../../../src/ports/discord_error.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { FakeGateway, type FakeGatewayOptions } from "../../fakes/gateway.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

const BOT = "1100000000000000001";
const TOKEN = "stand-in.token.of-the-bot";
const HEARTBEAT_MS = 40_000;
const STEP_MS = 500;

/** Nobody listens there. */
const NOWHERE = "ws://127.0.0.1:1";

/** A Gateway client, the Gateway it talks to, and what it logs. */
class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly logger = new MemoryLogger();
  readonly clicks: Click[] = [];
  readonly bots = new Map([[TOKEN, BOT]]);
  readonly server: FakeGateway;
  readonly client: Gateway;
  token = new Secret(TOKEN);
  tokenRefusals = 0;
  /** What `GET /gateway/bot` fails with. */
  apiError: DiscordApiError | undefined;
  apiCalls = 0;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    server: Partial<FakeGatewayOptions> = {},
    client: Partial<GatewayOptions> = {},
  ) {
    this.server = new FakeGateway({
      bots: () => this.bots,
      heartbeatMs: HEARTBEAT_MS,
      ...server,
    });
    this.client = new Gateway({
      getGateway: () => {
        this.apiCalls++;
        if (this.apiError) return Promise.reject(this.apiError);
        return Promise.resolve(this.server.info);
      },
      token: () => this.token,
      onTokenRefused: () => this.tokenRefusals++,
      apiUrl: "http://127.0.0.1",
      clock: this.clock,
      logger: this.logger,
      onClick: (click) => this.clicks.push(click),
      ...client,
    });
    this.#running = this.client.run(this.#stop.signal);
  }

  /** Waits for a line of the log, and turns the clock as long as it takes. */
  async line(message: string, count = 1): Promise<void> {
    await this.turn(() => this.logger.find(message).length >= count);
  }

  /** Turns the clock until a condition holds. */
  async turn(isMet: () => boolean): Promise<void> {
    const endMs = performance.now() + 30_000;
    while (!isMet()) {
      if (performance.now() > endMs) {
        throw new Error(`waited in vain: ${isMet}\n${this.logger.text}`);
      }
      await this.pass(STEP_MS);
    }
  }

  /** Lets time pass, but slowly enough for the two sides to talk to each other. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      await this.clock.advance(STEP_MS);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  connected(count = 1): Promise<void> {
    return this.line("listening for clicks", count);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.server[Symbol.asyncDispose]();
  }
}

function click(fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    id: "1200000000000000001",
    application_id: BOT,
    type: 3,
    token: "aW50ZXJhY3Rpb24",
    guild_id: "1300000000000000001",
    channel_id: "1400000000000000001",
    message: {
      id: "1500000000000000001",
      channel_id: "1400000000000000001",
      author: { id: BOT },
    },
    member: { user: { id: "1600000000000000001" } },
    data: { custom_id: "approve:1", component_type: 2 },
    ...fields,
  };
}

Deno.test("it identifies without intents, and tells of clicks", async () => {
  await using world = new World();
  await world.connected();
  assert.deepEqual(world.server.paths, ["/?v=10&encoding=json"]);
  const [identify] = world.server.frames(2);
  assert.deepEqual(identify?.d, {
    token: TOKEN,
    intents: 0,
    properties: { os: Deno.build.os, browser: "teleport-discord", device: "" },
  });
  assert.equal(world.client.status.state, "connected");
  world.server.dispatch("GUILD_CREATE", { any: "thing" });
  world.server.dispatch("INTERACTION_CREATE", click());
  await world.turn(() => world.clicks.length === 1);
  assert.equal(world.clicks[0]?.customId, "approve:1");
  await world.stop();
  await world.server.waitFor(({ closes }) => closes.includes(1000));
  assert.equal(world.client.status.state, "off");
  assert.doesNotMatch(world.logger.text, /stand-in\.token|aW50ZXJh/);
});

Deno.test("the first heartbeat comes after a part of the interval, then one each", async () => {
  await using world = new World();
  world.clock.chance = 0.25;
  await world.connected();
  const beats = () => world.server.frames(1).length;
  await world.clock.advance(HEARTBEAT_MS * 0.25 - 1000);
  assert.equal(beats(), 0);
  await world.turn(() => beats() === 1);
  assert.deepEqual(world.server.frames(1)[0]?.d, 1);
  const firstMs = world.clock.monotonic();
  await world.turn(() => beats() === 2);
  const gapMs = world.clock.monotonic() - firstMs;
  // On a busy machine the two sides need some steps of the clock to hear each other.
  assert.ok(Math.abs(gapMs - HEARTBEAT_MS) < 10_000, `${gapMs}`);
});

Deno.test("a heartbeat that is asked for is sent at once", async () => {
  await using world = new World();
  await world.connected();
  world.server.send({ op: 1 });
  await world.server.waitFor((server) => server.frames(1).length === 1);
});

Deno.test("a heartbeat without an answer ends the connection, and the session is resumed", async () => {
  await using world = new World();
  await world.connected();
  world.server.acknowledges = false;
  await world.turn(() => world.server.closes.length === 1);
  world.server.acknowledges = true;
  assert.deepEqual(world.server.closes, [4000]);
  await world.connected(2);
  assert.equal(world.server.frames(2).length, 1);
  assert.deepEqual(world.server.frames(6)[0]?.d, {
    token: TOKEN,
    session_id: "session-1",
    seq: 1,
  });
  assert.equal(world.server.paths[1], "/resume?v=10&encoding=json");
  assert.deepEqual(
    { ...world.client.status },
    { state: "connected", reason: "", starts: 1, resumes: 1 },
  );
});

Deno.test("what was missed while disconnected is told after a resume", async () => {
  await using world = new World();
  await world.connected();
  world.server.drop(4000);
  await world.server.waitFor(({ closes }) => closes.length === 1);
  world.server.dispatch("INTERACTION_CREATE", click());
  await world.turn(() => world.clicks.length === 1);
  assert.equal(world.server.startsLeft, 999);
});

Deno.test("an invalid session is resumed, or started anew after 1 to 5 s, as it says", async () => {
  await using world = new World();
  await world.connected();
  world.server.send({ op: 9, d: true });
  await world.connected(2);
  assert.equal(world.server.frames(6).length, 1);
  await world.pass(61_000);
  const beforeMs = world.clock.monotonic();
  world.server.send({ op: 9, d: false });
  await world.turn(() => world.server.frames(2).length === 2);
  const waitedMs = world.clock.monotonic() - beforeMs;
  assert.ok(waitedMs >= 3000, `${waitedMs}`);
});

Deno.test("Discord may ask to reconnect", async () => {
  await using world = new World();
  await world.connected();
  world.server.send({ op: 7 });
  await world.connected(2);
  assert.equal(world.server.frames(6).length, 1);
  assert.equal(world.server.frames(2).length, 1);
});

Deno.test("an end that seems meant is followed by a resume", async () => {
  await using world = new World();
  await world.connected();
  // As load brought it: Rapptz/discord.py#229.
  world.server.drop(1000);
  await world.connected(2);
  assert.equal(world.server.frames(6).length, 1);
});

for (
  const [code, op] of [
    [4000, 6],
    [4001, 6],
    [4002, 6],
    [4008, 6],
    [1001, 6],
    [4003, 2],
    [4005, 2],
    [4007, 2],
    [4009, 2],
  ] as const
) {
  Deno.test(`close code ${code} is followed by op ${op}`, async () => {
    await using world = new World();
    await world.connected();
    const before = world.server.frames(op).length;
    world.server.drop(code);
    await world.connected(2);
    assert.equal(world.server.frames(op).length, before + 1);
  });
}

for (const code of [4010, 4011, 4012, 4013, 4014]) {
  Deno.test(`close code ${code} switches reviewing off until there is another token`, async () => {
    await using world = new World();
    world.server.refusal = code;
    await world.line("reviewing in Discord is off, messages go on");
    const [line] = world.logger.at("error");
    assert.match(`${line?.fields.reason}`, new RegExp(`${code}`));
    assert.ok(line?.fields.hint);
    await world.clock.advance(3_600_000);
    assert.equal(world.server.frames(2).length, 1);
    assert.equal(world.client.status.state, "off");
    // The bot of another token may be one that it takes.
    world.server.refusal = undefined;
    world.bots.set("new.token.of-it", BOT);
    world.token = new Secret("new.token.of-it");
    world.client.renew();
    const reloadedMs = world.clock.monotonic();
    await world.connected();
    assert.ok(world.clock.monotonic() - reloadedMs <= 10_000);
  });
}

Deno.test("a token that the Gateway refuses is not tried again, another one is", async () => {
  await using world = new World();
  world.bots.clear();
  await world.line("reviewing in Discord is off, messages go on");
  await world.clock.advance(3_600_000);
  assert.equal(world.server.frames(2).length, 1);
  assert.equal(world.tokenRefusals, 0);
  world.apiError = new DiscordApiError("GET /gateway/bot", "no", {
    status: 401,
    code: 0,
  });
  await world.turn(() => world.tokenRefusals > 0);
  world.apiError = undefined;
  world.bots.set("new.token.of-it", BOT);
  world.token = new Secret("new.token.of-it");
  await world.connected();
});

Deno.test("after a refused token, a reload with another one wakes the Gateway at once", async () => {
  await using world = new World();
  world.bots.clear();
  await world.line("reviewing in Discord is off, messages go on");
  await world.clock.advance(3_600_000);
  world.bots.set("new.token.of-it", BOT);
  world.token = new Secret("new.token.of-it");
  const calls = world.apiCalls;
  world.client.renew();
  const reloadedMs = world.clock.monotonic();
  await world.connected();
  assert.ok(world.clock.monotonic() - reloadedMs <= 10_000);
  // With the old token it had only asked where the Gateway is.
  assert.equal(world.apiCalls, calls + 1);
});

Deno.test("an API that refuses the token is asked again as soon as there is another", async () => {
  await using world = new World();
  await world.connected();
  world.apiError = new DiscordApiError("GET /gateway/bot", "no", {
    status: 401,
    code: 0,
  });
  world.server.drop(4009);
  await world.turn(() => world.tokenRefusals > 8);
  world.apiError = undefined;
  world.bots.set("new.token.of-it", BOT);
  world.token = new Secret("new.token.of-it");
  world.client.renew();
  const reloadedMs = world.clock.monotonic();
  await world.connected(2);
  assert.ok(world.clock.monotonic() - reloadedMs <= 10_000);
});

Deno.test("a token that comes while the one before is refused is tried", async () => {
  const tokens = [TOKEN];
  await using world = new World({}, {
    token: () => new Secret(tokens.shift() ?? "new.token.of-it"),
  });
  world.bots.clear();
  world.bots.set("new.token.of-it", BOT);
  await world.line("reviewing in Discord is off, messages go on");
  await world.connected();
});

Deno.test("after a reload the clicks of the bot whose token it brought are told", async () => {
  await using world = new World();
  await world.connected();
  world.client.renew();
  const other = "1100000000000000002";
  world.bots.set("other.token.of-another", other);
  world.token = new Secret("other.token.of-another");
  world.client.renew();
  await world.connected(2);
  assert.equal(world.server.frames(2).length, 2);
  assert.deepEqual(world.server.closes, [1000]);
  const message = {
    id: "1500000000000000001",
    channel_id: "1400000000000000001",
    author: { id: other },
  };
  world.server.dispatch(
    "INTERACTION_CREATE",
    click({ application_id: other, message }),
  );
  await world.turn(() => world.clicks.length === 1);
  assert.equal(world.clicks[0]?.applicationId, other);
});

Deno.test("where the address of a session is silent, a new one is there within 30 s", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using world = new World();
  world.clock.chance = 0.999;
  world.server.resumeUrl = `ws://127.0.0.1:${silent.addr.port}`;
  await world.connected();
  for (const lastedMs of [70_000, 0]) {
    await world.pass(lastedMs);
    const count = world.logger.find("listening for clicks").length;
    world.server.drop(4000);
    await world.server.waitFor(({ live }) => live === 0);
    const lostMs = world.clock.monotonic();
    await world.connected(count + 1);
    const tookMs = world.clock.monotonic() - lostMs;
    assert.ok(tookMs <= 30_000, `${tookMs}`);
  }
});

Deno.test("where the address of a session refuses, a new one is there within 30 s", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  await using world = new World();
  world.clock.chance = 0.999;
  world.server.resumeUrl = `ws://127.0.0.1:${port}`;
  await world.connected();
  world.server.drop(4000);
  await world.server.waitFor(({ live }) => live === 0);
  const lostMs = world.clock.monotonic();
  await world.connected(2);
  const tookMs = world.clock.monotonic() - lostMs;
  assert.ok(tookMs <= 30_000, `${tookMs}`);
  // But a short break costs no session.
  assert.ok(tookMs > 8000, `${tookMs}`);
});

Deno.test("a session that nobody can go on with is given up", async () => {
  await using world = new World();
  await world.connected();
  world.server.resumable = false;
  world.server.drop(4000);
  await world.connected(2);
  assert.equal(world.server.frames(2).length, 2);
  // Where the address of the session is dead, the one that the API names is tried.
  await world.pass(61_000);
  world.server.greets = false;
  world.server.drop(4000);
  const calls = world.apiCalls;
  await world.turn(() => world.apiCalls > calls);
  world.server.greets = true;
  await world.connected(3);
});

Deno.test("without a Hello, or without a session, the connection is given up", async () => {
  await using world = new World();
  world.server.greets = false;
  await world.line("not connected to the Gateway, will retry");
  assert.match(world.client.status.reason, /no Hello within 60 s/);
});

Deno.test("no session is started while none is left", async () => {
  await using world = new World({ starts: 0 });
  await world.line("few sessions of the Gateway are left for today, waiting");
  assert.match(world.client.status.reason, /few sessions .* are left/);
  await world.clock.advance(14_000_000);
  assert.equal(world.server.frames(2).length, 0);
  world.server.startsLeft = 1000;
  await world.connected();
});

Deno.test("sessions that break at once are started ever more rarely", async () => {
  await using world = new World();
  const startsMs: number[] = [];
  for (let i = 1; i <= 8; i++) {
    await world.connected(i);
    startsMs.push(world.clock.monotonic());
    world.server.drop(4009);
  }
  const gaps = startsMs.slice(1).map((ms, i) => ms - (startsMs[i] ?? 0));
  const allMs = gaps.reduce((sum, gap) => sum + gap, 0);
  assert.ok(allMs >= 4500 * gaps.length, `${gaps}`);
  assert.ok((gaps.at(-1) ?? 0) > 10_000, `${gaps}`);
});

Deno.test("a Gateway that nobody can connect to is tried ever more rarely", async () => {
  let asked = 0;
  await using world = new World({}, {
    getGateway: () => {
      asked++;
      const limit = { total: 1000, remaining: 1000, reset_after: 0 };
      const session_start_limit = { ...limit, max_concurrency: 1 };
      return Promise.resolve({ url: NOWHERE, shards: 1, session_start_limit });
    },
  });
  await world.pass(10 * 60_000);
  // Elsewhere it was thousands a second: serenity-rs/serenity#1433.
  assert.ok(asked >= 3 && asked <= 20, `${asked}`);
});

Deno.test("a wait of hours is told, with its end", async () => {
  await using world = new World();
  await world.connected();
  await world.pass(61_000);
  world.apiError = new DiscordApiError("GET /gateway/bot", "429", {
    status: 429,
    code: 0,
    retryAfterMs: 82_721_000,
  });
  world.server.drop(4009);
  await world.turn(() => world.client.status.reason.includes("429"));
  const calls = world.apiCalls;
  const { reason } = world.client.status;
  const until = /waiting until (\S+)/.exec(reason)?.[1] ?? "";
  const leftMs = Date.parse(until) - world.clock.now();
  assert.ok(Math.abs(leftMs - 82_721_000) < 2000, reason);
  const line = world.logger.find("not connected to the Gateway, will retry")
    .at(-1);
  assert.deepEqual(
    [line?.fields.wait_ms, line?.fields.until],
    [82_721_000, until],
  );
  await world.clock.advance(82_700_000);
  assert.equal(world.apiCalls, calls);
  world.apiError = undefined;
  await world.connected(2);
});

Deno.test("an API that fails is asked again", async () => {
  await using world = new World();
  await world.connected();
  world.apiError = new DiscordApiError("GET /gateway/bot", "no answer", {
    status: 0,
  });
  world.server.drop(4009);
  await world.line("not connected to the Gateway, will retry", 2);
  world.apiError = undefined;
  await world.connected(2);
});

Deno.test("a Gateway without TLS gets no token, unless the API has none either", async () => {
  await using world = new World({}, { apiUrl: "https://discord.com/api/" });
  await world.line("not connected to the Gateway, will retry");
  assert.match(world.client.status.reason, /not one of TLS/);
  assert.equal(world.server.paths.length, 0);
});

Deno.test("what is not understood is skipped, and said without its content", async () => {
  await using world = new World();
  await world.connected();
  for (const frame of ["secret-text", '"secret-text"', "{}", '{"op":"x"}']) {
    world.server.send(frame);
  }
  world.server.send({ op: 99, d: "secret-text" });
  world.server.send({ op: 10, d: { heartbeat_interval: -1 } });
  world.server.dispatch("INTERACTION_CREATE", click({ id: "secret-text" }));
  world.server.dispatch(
    "INTERACTION_CREATE",
    click({ application_id: "1100000000000000009" }),
  );
  world.server.dispatch(
    "INTERACTION_CREATE",
    click({
      message: {
        id: "1500000000000000001",
        channel_id: "1400000000000000001",
        author: { id: "1100000000000000009" },
      },
    }),
  );
  world.server.dispatch("INTERACTION_CREATE", click());
  await world.turn(() => world.clicks.length === 1);
  assert.doesNotMatch(world.logger.text, /secret-text/);
  assert.equal(
    world.logger.find("the Gateway said what is not understood").length,
    5,
  );
  assert.deepEqual(
    world.logger.find(({ message }) => message.startsWith("a click is"))
      .map(({ fields }) => fields.fault ?? fields.application_id ?? "message"),
    ["id", "1100000000000000009", "message"],
  );
});
