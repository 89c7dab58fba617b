import assert from "node:assert/strict";
import { BotIdentity } from "../../src/discord/bot_identity.ts";
import { endedBy } from "../../src/lib/async/cancellation.ts";
import { Secret } from "../../src/lib/secret.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import {
  BOT_ID,
  discordError,
  MemoryDiscord,
  messengerOf,
} from "../fakes/memory_discord.ts";

const ME = "GET /users/@me";
const OTHER_BOT_ID = "900000000000000009";

function tokenOf(id: string): Secret {
  const first = btoa(id).replaceAll("=", "");
  return new Secret(`${first}.GabcdE.zyxwvutsrqponmlkjihgfedcba`);
}

function setUp(token = tokenOf(OTHER_BOT_ID)) {
  const clock = new FakeClock();
  const messenger = new MemoryDiscord(clock);
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const { signal } = stop;
  const identity = new BotIdentity({
    messenger: messengerOf(messenger, endedBy(signal)),
    token,
    clock,
    logger,
    signal,
  });
  return { clock, messenger, logger, identity, stop };
}

Deno.test("before Discord answers, the ID is the one in the token", () => {
  assert.equal(setUp().identity.id, OTHER_BOT_ID);
});

for (const text of ["", "nonsense", "!!!.x.y", `${btoa("admin")}.x.y`]) {
  Deno.test(`the token "${text}" holds no ID`, () => {
    assert.equal(setUp(new Secret(text)).identity.id, "");
  });
}

Deno.test("Discord knows better", async () => {
  const { identity, logger } = setUp();
  assert.equal(await identity.confirm(), true);
  assert.equal(identity.id, BOT_ID);
  const [line] = logger.find("Discord accepted the bot token");
  assert.deepEqual(line?.fields, { bot: "bot", bot_id: BOT_ID });
});

Deno.test("another token may be that of another bot", () => {
  const { identity } = setUp(tokenOf(BOT_ID));
  identity.useToken(tokenOf(OTHER_BOT_ID));
  assert.equal(identity.id, OTHER_BOT_ID);
  identity.useToken(new Secret("nonsense"));
  assert.equal(identity.id, OTHER_BOT_ID);
});

Deno.test("a refused token is said at once, and not tried again", async () => {
  const { messenger, identity } = setUp();
  messenger.script.always(ME, { refuse: discordError(401, 0, ME) });
  assert.equal(await identity.confirm(), false);
  assert.equal(messenger.script.calls.length, 1);
});

Deno.test("an unreachable Discord is asked until it answers, with one warning", async () => {
  const { clock, messenger, logger, identity } = setUp();
  messenger.script.next(
    ME,
    { refuse: discordError(0, undefined, ME) },
    { refuse: discordError(503, undefined, ME) },
    { refuse: discordError(403, 0, ME) },
  );
  let unreachable = 0;
  const confirmed = identity.confirm(() => unreachable++);
  assert.equal(await clock.run(confirmed), true);
  assert.equal(unreachable, 3);
  assert.equal(logger.find("cannot reach Discord, will retry").length, 1);
  // 1 to 3 s, then up to three times the wait before.
  assert.equal(clock.monotonic(), 2000 + 3500 + 5750);
});

Deno.test("stopping ends the wait", async () => {
  const { clock, messenger, identity, stop } = setUp();
  messenger.script.always(ME, { refuse: discordError(503, undefined, ME) });
  const confirmed = identity.confirm();
  await clock.advance(0);
  stop.abort(new Error("stop"));
  await assert.rejects(confirmed, { message: "stop" });
});

Deno.test("no log line holds the token", async () => {
  const token = tokenOf(OTHER_BOT_ID);
  const { clock, messenger, logger, identity } = setUp(token);
  messenger.script.next(ME, { refuse: discordError(503, undefined, ME) });
  await clock.run(identity.confirm());
  assert.ok(!logger.text.includes(token.reveal()));
});

Deno.test("a stop does not wait for Discord's answer", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const identity = new BotIdentity({
    // It never comes.
    messenger: { getCurrentUser: () => new Promise(() => {}) },
    token: tokenOf(OTHER_BOT_ID),
    clock,
    logger: new MemoryLogger(),
    signal: stop.signal,
  });
  const confirmed = identity.confirm();
  const reason = new DOMException("stopped", "AbortError");
  stop.abort(reason);
  await assert.rejects(confirmed, (error) => error === reason);
});
