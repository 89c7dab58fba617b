import assert from "node:assert/strict";
import { TeleportError } from "../../../src/ports/teleport_error.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { accessRequest, posted } from "../../fakes/samples.ts";
import { CHANNEL, loadOf, OWED, RESYNC_MS, World } from "./world.ts";

const POST = `POST /channels/${CHANNEL}/messages`;
const UPDATE = "UpdatePluginData r1";
const unavailable = { refuse: teleportError("UNAVAILABLE") };
const invalid = { refuse: teleportError("INVALID_ARGUMENT") };

Deno.test("a claim that fails is tried again, with one warning", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next(UPDATE, unavailable, unavailable, unavailable);
  await world.put({ id: "r1" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
  const warnings = world.logger.at("warning");
  assert.deepEqual(warnings.map(({ fields }) => fields["code"]), [
    "UNAVAILABLE",
  ]);
});

for (
  const [detail, hint] of [
    [
      'access denied to perform action "update" on "access_plugin_data"',
      /^add below spec.allow.rules of the plugin's role: - /,
    ],
    // What 18.0.0 says to a user who is locked while the plugin runs.
    ["access denied", /^look with `tctl get locks`.*`tctl rm lock\/ID`/],
  ] as const
) {
  Deno.test(`a claim that is refused: ${detail}`, async () => {
    await using world = new World();
    await world.start();
    const error = new TeleportError(
      "UpdatePluginData",
      "PERMISSION_DENIED",
      detail,
    );
    world.auth.script.next(UPDATE, { refuse: error });
    await world.put({ id: "r1" });
    const line = await world.logger.waitFor(
      "may not store what was announced, will retry",
    );
    assert.match(`${line.fields["hint"]}`, hint);
  });
}

Deno.test("a sweep that is refused says what to do", async () => {
  await using world = new World();
  await world.start();
  const refuse = new TeleportError(
    "ListPluginData",
    "PERMISSION_DENIED",
    "access denied",
  );
  world.auth.script.next("ListPluginData", { refuse });
  await world.clock.advance(2 * RESYNC_MS);
  const line = await world.logger.waitFor("cannot list requests, will retry");
  assert.match(`${line.fields["hint"]}`, /tctl get locks/);
});

Deno.test("a claim whose answer is lost is this process's own", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next(UPDATE, { lose: teleportError("UNAVAILABLE") });
  await world.put({ id: "r1" });
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.equal(world.discord.script.calls.length, 1);
});

Deno.test("a claim that several wanted and nobody got is tried again", async () => {
  await using world = new World();
  await world.start();
  const refuse = teleportError("FAILED_PRECONDITION");
  world.auth.script.next(UPDATE, { refuse }, { refuse });
  await world.put({ id: "r1" });
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("a claim that is not valid is told, and tried again at the next sweep", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next(UPDATE, invalid);
  await world.put({ id: "r1" });
  await world.clock.advance(RESYNC_MS - 1);
  assert.deepEqual(world.shown(), []);
  assert.equal(world.logger.at("error").length, 1);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("nothing is posted while plugin data cannot be read again", async () => {
  await using world = new World();
  await world.start();
  world.claim("r1", { [CHANNEL]: OWED });
  await world.put({ id: "r1" });
  await world.clock.advance(5000);
  // The round reads first, the slot of the post second.
  world.auth.script.next("GetPluginData r1", {}, unavailable, unavailable);
  await world.clock.advance(6000);
  assert.deepEqual(world.discord.script.made("POST"), []);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
});

Deno.test("what is not owed any more when the slot comes is not posted", async () => {
  await using world = new World();
  await world.start();
  world.claim("r1", { [CHANNEL]: OWED });
  await world.put({ id: "r1" });
  world.discord.script.next(POST, { slotMs: 5000 });
  await world.clock.advance(12_000);
  world.claim("r1", { [CHANNEL]: posted(CHANNEL, "PENDING-0-0-0.") });
  await world.clock.advance(10_000);
  assert.deepEqual(world.discord.script.calls, []);
});

Deno.test("a post whose plugin data is gone by then is told of", async () => {
  await using world = new World();
  const { pipeline } = await world.start();
  world.discord.script.next(POST, { takesMs: 1000 });
  await world.put({ id: "r1" });
  world.auth.requests.clear();
  world.auth.data.clear();
  await world.clock.advance(1000);
  const [line] = world.logger.at("warning");
  assert.match(line?.message ?? "", /^message can no longer be followed/);
  assert.deepEqual(loadOf(pipeline), { requests: 0, deliveries: 0 });
});

Deno.test("a post that another process has recorded as another message leaves that record", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { takesMs: 1000 });
  await world.put({ id: "r1" });
  world.claim("r1", { [CHANNEL]: posted(CHANNEL, "PENDING-0-0-0.") });
  await world.clock.advance(2000);
  assert.equal(
    world.delivery("r1"),
    `${CHANNEL}/${CHANNEL}00 1 PENDING-0-0-0.`,
  );
  assert.equal(
    world.logger.find("another process posted the same request").length,
    1,
  );
});

Deno.test("a post that another process has recorded meanwhile is edited, as it may have been", async () => {
  await using world = new World();
  await world.start();
  world.discord.script.next(POST, { takesMs: 1000 });
  await world.put({ id: "r1" });
  const { id: messageId = "" } = world.discord.messages(CHANNEL)[0] ?? {};
  const message = { channelId: CHANNEL, messageId };
  const delivery = { ...posted(CHANNEL, "PENDING-1-0-0."), message };
  world.claim("r1", { [CHANNEL]: delivery });
  await world.clock.advance(2000);
  assert.equal(world.discord.script.made("PATCH").length, 1);
  await world.clock.advance(10_000);
  assert.match(world.delivery("r1") ?? "", / 1 PENDING-0-0-0\.$/);
});

Deno.test("a record that is not valid is told of once, and its message is found again", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next(UPDATE, {}, invalid);
  await world.put({ id: "r1" });
  await world.clock.advance(60_000);
  const [line, second] = world.logger.at("error");
  assert.equal(line?.message, "delivery failed, trying again ever more rarely");
  assert.equal(second, undefined);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.match(world.delivery("r1") ?? "", / 1 PENDING/);
});

Deno.test("a record that conflicts is computed again from what is stored then", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next(UPDATE, {}, {
    refuse: teleportError("FAILED_PRECONDITION"),
  });
  await world.put({ id: "r1" });
  await world.clock.advance(1000);
  assert.match(world.delivery("r1") ?? "", /PENDING-0-0-0\.$/);
});

Deno.test("a late look-up that cannot be recorded costs nothing else", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next("GetRole dev", { takesMs: 1000 });
  world.auth.script.next(UPDATE, {}, {}, unavailable);
  await world.put({ id: "r1" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["PENDING"]);
  assert.deepEqual(world.logger.at("warning"), []);
});

Deno.test("a list that contradicts what is stored is held against a read by ID", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "DENIED", resolveReason: "new" });
  const old = { id: "r1", state: "DENIED", resolveReason: "old" } as const;
  world.auth.listed = [accessRequest(old)];
  world.auth.script.forget();
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.auth.script.made("GetAccessRequest"), [
    "GetAccessRequest r1",
  ]);
  assert.equal(world.auth.stored("r1")["resolve_reason"], "new");
  world.auth.requests.set("r1", accessRequest(old));
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.auth.stored("r1")["resolve_reason"], "old");
});

Deno.test("a state that this build does not know is skipped, which is logged once", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1", state: "UNKNOWN" });
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.auth.writes, []);
  const [line, second] = world.logger.find("request is not announced");
  assert.equal(line?.fields["reason"], "state is unknown");
  assert.equal(second, undefined);
});
