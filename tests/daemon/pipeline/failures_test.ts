import assert from "node:assert/strict";
import { DiscordApiError } from "../../../src/ports/discord_error.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { hoursLater } from "../../fakes/samples.ts";
import { CHANNEL, OTHER_CHANNEL, RESYNC_MS, World } from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const OTHER_POST = `POST /channels/${OTHER_CHANNEL}/messages`;
const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const SEARCH = `GET /channels/${CHANNEL}/messages`;
const ME = "GET /users/@me";
const UNREACHABLE =
  "recipient cannot be reached, trying again from time to time";

/** Starts a process that announces r1, and forgets the calls until then. */
async function announced(world: World): Promise<string> {
  await world.start();
  await world.put({ id: "r1" });
  world.discord.script.forget();
  return world.discord.messages(CHANNEL)[0]?.id ?? "";
}

Deno.test("a refused token pauses every call until there is a new one", async () => {
  await using world = new World();
  const refuse = discordError(401, 0);
  let isNew = false;
  const heal = world.discord.script.always("", { refuse });
  await world.start({
    route: () => [CHANNEL, OTHER_CHANNEL],
    reloadToken: () =>
      Promise.resolve(isNew ? heal() : undefined).then(() => {}),
  });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  await world.clock.advance(60_000);
  const { calls } = world.discord.script;
  // Both channels were called before the first answer; from then on only the token is tried.
  assert.deepEqual(calls.filter((call) => call !== ME), [POST, OTHER_POST]);
  isNew = true;
  await world.clock.advance(300_000);
  assert.deepEqual(world.shown(CHANNEL), ["PENDING", "PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
});

Deno.test("a channel that fails does not hold up the others, and is told of once", async () => {
  await using world = new World();
  world.discord.script.always(POST, { refuse: discordError(403, 50001) });
  await world.start({ route: () => [CHANNEL, OTHER_CHANNEL] });
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  assert.equal(world.shown(OTHER_CHANNEL).length, 2);
  const [line, second] = world.logger.find(UNREACHABLE);
  assert.match(String(line?.fields["hint"]), /^invite the bot/);
  assert.equal(line?.fields["code"], 50001);
  assert.equal(second, undefined);
});

Deno.test("a block by Cloudflare that comes as JSON is not the channel's fault", async () => {
  await using world = new World();
  const refuse = new DiscordApiError("POST /channels/:id/messages", "blocked", {
    status: 403,
    code: 40333,
    retryAfterMs: 300_000,
  });
  world.discord.script.next(POST, { refuse }, { refuse });
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(2 * 300_000 - 1);
  assert.deepEqual(world.discord.script.calls, [POST, POST]);
  assert.deepEqual(world.logger.find(UNREACHABLE), []);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("a channel that fails is tried by one call alone, ever more rarely", async () => {
  await using world = new World();
  const triedMs: number[] = [];
  world.discord.script.always(POST, {
    refuse: discordError(403, 50013),
    meanwhile: () => void triedMs.push(world.clock.monotonic()),
  });
  await world.start();
  for (const id of ["r1", "r2", "r3"]) await world.put({ id });
  await world.clock.advance(6 * 3_600_000);
  const waits = triedMs.slice(1).map((ms, i) =>
    (ms - (triedMs[i] ?? 0)) / 60_000
  );
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
});

Deno.test("only a success opens the channel for the others again", async () => {
  await using world = new World();
  const heal = world.discord.script.always(POST, {
    refuse: discordError(404, 10003),
  });
  await world.start();
  for (const id of ["r1", "r2", "r3"]) await world.put({ id });
  heal();
  // The call that is tried alone ends in some other way, which proves nothing.
  world.discord.script.next(POST, { refuse: discordError(500), takesMs: 5000 });
  world.discord.script.next(POST, { takesMs: 5000 });
  await world.clock.advance(60_000);
  assert.equal(world.discord.script.calls.length, 2);
  await world.clock.advance(5000);
  assert.equal(world.discord.script.calls.length, 3);
  assert.deepEqual(world.shown().length, 1);
  await world.clock.advance(5000);
  assert.deepEqual(world.shown(), ["PENDING", "PENDING", "PENDING"]);
});

Deno.test("refused content is sent once more as the minimal message", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { refuse: discordError(400, 200000) });
  await world.put({ id: "r1", reason: "an offending word" });
  const { content, embeds } = world.discord.messages(CHANNEL)[0] ?? {};
  assert.match(content ?? "", /\*ID\*: r1\n/);
  assert.doesNotMatch(content ?? "", /offending|alice/);
  assert.deepEqual(embeds, []);
});

Deno.test("where only a part is refused, that part alone is missing", async () => {
  await using world = new World();
  await world.start({ canReview: true });
  const error = new DiscordApiError("POST /channels/:id/messages", "refused", {
    status: 400,
    code: 50035,
    faults: ["components[0].components[0].label"],
  });
  world.discord.script.next(POST, { refuse: error });
  await world.put({ id: "r1", reason: "because" });
  const [message, second] = world.discord.messages(CHANNEL);
  assert.match(message?.content ?? "", /because/);
  assert.deepEqual(message?.buttons.map(({ label }) => label), ["Deny"]);
  assert.equal(second, undefined);
  assert.equal(
    world.logger.find(
      "parts of the message were refused, sending it without them",
    )
      .length,
    1,
  );
});

Deno.test("a minimal message that is refused too is tried again ever more rarely", async () => {
  await using world = new World();
  await world.start();
  const heal = world.discord.script.always(POST, {
    refuse: discordError(400, 200000),
  });
  await world.put({ id: "r1" });
  await world.clock.advance(29_999);
  // The full message, the minimal message, and this one after 10 s.
  assert.deepEqual(world.discord.script.calls, [POST, POST, POST]);
  assert.equal(world.delivery("r1"), "owed 1");
  const [line] = world.logger.find(
    "delivery failed, trying again ever more rarely",
  );
  assert.deepEqual([line?.level, line?.fields["code"]], ["warning", 200000]);
  heal();
  await world.clock.advance(1);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("a post whose earlier message was deleted is made as another one", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { lose: discordError(502) });
  await world.put({ id: "r1" });
  const [message] = world.discord.messages(CHANNEL);
  if (message !== undefined) message.deleted = true;
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.match(world.delivery("r1") ?? "", / 2 PENDING/);
  const nonces = world.discord.messages(CHANNEL).map(({ nonce }) => nonce);
  assert.equal(new Set(nonces).size, 2);
});

Deno.test("two such answers in a row are a fault of Discord, and waited for", async () => {
  await using world = new World();
  await world.start();
  const refuse = discordError(404, 10008);
  world.discord.script.next(POST, { refuse }, { refuse });
  await world.put({ id: "r1" });
  assert.deepEqual(world.discord.script.calls, [POST, POST]);
  assert.equal(world.delivery("r1"), "owed 2");
  await world.clock.advance(10_000);
  assert.match(world.delivery("r1") ?? "", / 2 PENDING/);
});

Deno.test("an archived thread is taken out of the archive, then edited", async () => {
  await using world = new World();
  const id = await announced(world);
  world.discord.script.next(PATCH, { refuse: discordError(400, 50083) });
  await world.put({ id: "r1", state: "DENIED" });
  assert.deepEqual(world.discord.script.calls, [
    PATCH + id,
    `PATCH /channels/${CHANNEL}`,
    PATCH + id,
  ]);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("a thread that may not be taken out of the archive is a channel that fails", async () => {
  await using world = new World();
  await announced(world);
  world.discord.script.next(PATCH, { refuse: discordError(400, 50083) });
  world.discord.script.next(`PATCH /channels/${CHANNEL}`, {
    refuse: discordError(403, 50013),
  });
  await world.put({ id: "r1", state: "DENIED" });
  assert.equal(world.logger.find(UNREACHABLE).length, 1);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("a message of another bot is left alone from then on", async () => {
  await using world = new World();
  const id = await announced(world);
  world.discord.script.next(PATCH, { refuse: discordError(403, 50005) });
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.delivery("r1"), `${CHANNEL}/${id} 1 gone`);
  assert.deepEqual(world.discord.script.calls, [PATCH + id]);
});

Deno.test("an outage that says how long it lasts is waited out", async () => {
  await using world = new World();
  const triedMs: number[] = [];
  world.discord.script.next(POST, {
    refuse: new DiscordApiError("POST /channels/:id/messages", "503", {
      status: 503,
      retryAfterMs: 30_000,
    }),
  });
  world.discord.script.always(POST, {
    meanwhile: () => void triedMs.push(world.clock.monotonic()),
  });
  await world.start();
  await world.put({ id: "r1" });
  const [line] = world.logger.find("call failed, will retry");
  assert.equal(line?.fields["wait_ms"], 30_000);
  await world.clock.advance(60_000);
  assert.deepEqual(triedMs, [30_000]);
});

Deno.test("a post in doubt for less than 60 s trusts its nonce, and is edited once", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { lose: discordError(0) });
  await world.put({ id: "r1" });
  await world.clock.advance(10_000);
  const [message] = world.discord.messages(CHANNEL);
  assert.deepEqual(world.discord.script.calls, [
    POST,
    POST,
    PATCH + message?.id,
  ]);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.match(world.delivery("r1") ?? "", / 1 PENDING-0-0-0\.$/);
});

Deno.test("a post in doubt for 60 s is searched for first", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(
    POST,
    { lose: discordError(0) },
    { refuse: discordError(503), slotMs: 59_000 },
  );
  await world.put({ id: "r1" });
  await world.clock.advance(120_000);
  const [message] = world.discord.messages(CHANNEL);
  const { calls } = world.discord.script;
  assert.deepEqual(calls, [POST, SEARCH, PATCH + message?.id]);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("of several attempts in doubt the first one counts", async () => {
  await using world = new World();
  await world.start();
  const heal = world.discord.script.always(POST, { refuse: discordError(502) });
  await world.put({ id: "r1" });
  await world.clock.advance(55_000);
  assert.equal(world.discord.script.made(SEARCH).length, 0);
  await world.clock.advance(45_000);
  assert.equal(world.discord.script.made(SEARCH).length, 1);
  heal();
});

Deno.test("a definite refusal leaves no doubt, however long it lasts", async () => {
  await using world = new World();
  await world.start();
  const heal = world.discord.script.always(POST, {
    refuse: discordError(403, 40003),
  });
  await world.put({ id: "r1" });
  await world.clock.advance(300_000);
  heal();
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.equal(world.discord.script.calls.every((call) => call === POST), true);
});

Deno.test("an edit that fails is repeated until it is shown, and the newest state counts", async () => {
  await using world = new World();
  await announced(world);
  const heal = world.discord.script.always(PATCH, {
    refuse: discordError(502),
  });
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(600_000);
  await world.put({ id: "r1", state: "DENIED" });
  heal();
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  const warned = world.logger.find("call failed, will retry");
  assert.equal(warned.filter(({ level }) => level === "warning").length, 1);
  assert.equal(world.logger.find("delivery recovered").length, 1);
});

Deno.test("a post that waits past the access expiry is not made any more", async () => {
  await using world = new World();
  await world.start();
  const heal = world.discord.script.always(POST, {
    refuse: discordError(403, 50001),
  });
  await world.put({ id: "r1", accessExpires: hoursLater(1) });
  await world.clock.advance(3_600_000);
  heal();
  await world.clock.advance(6 * 3_600_000);
  assert.deepEqual(world.shown(), []);
});

Deno.test("a message ID is recorded as soon as the Auth Service lets it", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { takesMs: 100 });
  await world.put({ id: "r1" });
  const heal = world.auth.script.always("UpdatePluginData", {
    refuse: teleportError("UNAVAILABLE"),
  });
  await world.clock.advance(600_000);
  assert.equal(world.delivery("r1"), "owed 1");
  heal();
  await world.clock.advance(2000);
  assert.match(world.delivery("r1") ?? "", /PENDING-0-0-0\.$/);
  assert.equal(world.discord.script.made(POST).length, 1);
});
