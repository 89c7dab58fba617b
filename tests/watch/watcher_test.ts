import assert from "node:assert/strict";
import {
  StallDetector,
  withStallDetection,
} from "../../src/lib/async/stall_detector.ts";
import {
  ConnectionReplacedError,
  NotConnectedError,
  type StatusName,
} from "../../src/ports/teleport_error.ts";
import { CHANNEL, RESYNC_MS, World } from "../daemon/pipeline/world.ts";
import { teleportError } from "../fakes/memory_auth.ts";
import { accessRequest, hoursLater, posted } from "../fakes/samples.ts";

const WATCH = "WatchEvents";
const MAY_NOT = "may not watch access requests, will retry";
const CANNOT = "cannot watch access requests, will retry";

const EVERY_STATUS: readonly StatusName[] = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

for (const code of EVERY_STATUS) {
  Deno.test(`a stream that ends with ${code} is opened again`, async () => {
    await using world = new World();
    const process = await world.start();
    world.auth.endWatches(teleportError(code, WATCH));
    await world.clock.advance(2000);
    assert.equal(world.auth.watches, 1);
    assert.equal(process.ready, 2);
    await world.put({ id: "r1" });
    assert.deepEqual(world.shown(), ["PENDING"]);
  });
}

Deno.test("a watch whose connection is replaced moves to the new one at once, in silence", async () => {
  await using world = new World();
  const process = await world.start();
  world.auth.endWatches(new ConnectionReplacedError(WATCH));
  await world.clock.advance(0);
  assert.equal(world.auth.watches, 1);
  assert.equal(process.ready, 2);
  assert.ok(!world.logger.text.includes("will retry"));
});

Deno.test("a watch that waited for a connection in vain waits for it again at once", async () => {
  await using world = new World();
  const process = await world.start();
  world.auth.endWatches(new NotConnectedError(WATCH, "connection refused"));
  await world.clock.advance(0);
  assert.equal(world.auth.watches, 1);
  assert.equal(process.ready, 2);
  assert.ok(world.logger.text.includes(CANNOT));
});

Deno.test("a start is ready once what came before it has been listed", async () => {
  await using world = new World();
  world.auth.script.next("ListAccessRequests", { takesMs: 1000 });
  const process = await world.start();
  await world.clock.advance(999);
  assert.equal(process.ready, 0);
  await world.clock.advance(1);
  assert.equal(process.ready, 1);
});

Deno.test("rules and plugin data are read before requests are listed", async () => {
  await using world = new World();
  await world.start();
  assert.deepEqual(world.auth.script.calls, [
    WATCH,
    "ListAccessMonitoringRules",
    "ListPluginData",
    "ListAccessRequests",
  ]);
});

Deno.test("without an INIT event within 15 s the watch is opened again", async () => {
  await using world = new World();
  world.auth.saysInit = false;
  const process = await world.start();
  await world.clock.advance(14_999);
  assert.equal(world.auth.script.made(WATCH).length, 1);
  world.auth.saysInit = true;
  await world.clock.advance(2000);
  assert.equal(process.ready, 1);
  assert.equal(world.auth.watches, 1);
  assert.match(String(world.logger.find(CANNOT)[0]?.fields["err"]), /15 s/);
});

Deno.test("a watch that does not confirm the kind lacks a rule, which is named once", async () => {
  await using world = new World();
  world.auth.kinds = [];
  const process = await world.start();
  await world.clock.advance(60_000);
  const [line, second] = world.logger.at("error");
  assert.equal(line?.message, MAY_NOT);
  assert.match(String(line?.fields["hint"]), /access_request/);
  assert.equal(second, undefined);
  assert.equal(process.ready, 0);
  world.auth.kinds = ["access_request"];
  await world.clock.advance(300_000);
  assert.equal(process.ready, 1);
});

Deno.test("where a rule is missing, tries get as rare as one in 5 min", async () => {
  await using world = new World();
  const triedMs: number[] = [];
  world.auth.script.always(WATCH, {
    refuse: teleportError("PERMISSION_DENIED", WATCH),
    meanwhile: () => void triedMs.push(world.clock.monotonic()),
  });
  await world.start();
  await world.clock.advance(3_600_000);
  const waits = triedMs.slice(1).map((ms, i) => ms - (triedMs[i] ?? 0));
  assert.deepEqual(waits.slice(0, 2), [2000, 3500]);
  assert.equal(waits.at(-1), 300_000);
});

Deno.test("after the rule was there once, the tries begin anew", async () => {
  await using world = new World();
  const refuse = teleportError("PERMISSION_DENIED", WATCH);
  world.auth.script.next(WATCH, { refuse }, { refuse }, { refuse });
  await world.start();
  await world.clock.advance(60_000);
  world.auth.endWatches(refuse);
  await world.clock.advance(0);
  assert.equal((world.clock.nextDueMs ?? 0) - world.clock.monotonic(), 2000);
});

Deno.test("an unreachable Auth Service is tried every 2 s, with one warning for each cause", async () => {
  await using world = new World();
  const heal = world.auth.script.always(WATCH, {
    refuse: teleportError("UNAVAILABLE", WATCH),
  });
  await world.start();
  await world.clock.advance(60_000);
  const tries = world.auth.script.made(WATCH).length;
  assert.ok(tries >= 30 && tries <= 40, String(tries));
  heal();
  world.auth.script.next(WATCH, { refuse: teleportError("INTERNAL", WATCH) });
  await world.clock.advance(4000);
  const levels = world.logger.find(CANNOT).map(({ level }) => level);
  assert.equal(levels.filter((level) => level === "warning").length, 2);
  const [line] = world.logger.find("watching access requests");
  assert.equal(line?.fields["recovered"], true);
});

Deno.test("the wait starts over after an INIT event", async () => {
  await using world = new World();
  world.auth.script.next(
    WATCH,
    ...Array(10).fill({
      refuse: teleportError("UNAVAILABLE", WATCH),
    }),
  );
  await world.start();
  await world.clock.advance(20_000);
  world.auth.endWatches(teleportError("UNAVAILABLE", WATCH));
  await world.clock.advance(0);
  assert.equal((world.clock.nextDueMs ?? 0) - world.clock.monotonic(), 200);
});

Deno.test("a list that fails after INIT opens the watch again at the start", async () => {
  await using world = new World();
  world.auth.script.next("ListAccessRequests", {
    refuse: teleportError("UNAVAILABLE", "ListAccessRequests"),
  });
  const process = await world.start();
  assert.equal(world.auth.watches, 0);
  await world.clock.advance(2000);
  assert.equal(process.ready, 1);
});

Deno.test("a list that fails later is repeated, and the stream goes on", async () => {
  await using world = new World();
  await world.start();
  world.auth.script.next("ListPluginData", {
    refuse: teleportError("UNAVAILABLE", "GetPluginData"),
  });
  await world.clock.advance(RESYNC_MS + 2000);
  assert.equal(world.auth.script.made(WATCH).length, 1);
  assert.equal(world.auth.script.made("ListPluginData").length, 3);
});

Deno.test("a sweep finds what events did not tell", async () => {
  await using world = new World();
  await world.start();
  world.auth.requests.set("r1", accessRequest({ id: "r1" }));
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["PENDING"]);
  world.auth.requests.set("r1", accessRequest({ id: "r1", state: "DENIED" }));
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

for (const [random, sweepMs] of [[0, 270_000], [0.5, 300_000], [1, 330_000]]) {
  Deno.test(`the next sweep may come after ${sweepMs} ms`, async () => {
    await using world = new World();
    world.clock.chance = random ?? NaN;
    await world.start();
    assert.equal(world.clock.nextDueMs, sweepMs);
  });
}

Deno.test("a list that is a little old changes nothing back", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  world.auth.listed = [...world.auth.requests.values()];
  await world.put({ id: "r1", state: "APPROVED" });
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(), ["APPROVED"]);
  assert.equal(world.auth.stored("r1")["resolution"], "APPROVED");
});

Deno.test("a list that is older than an event does not announce a resolved request", async () => {
  await using world = new World();
  world.auth.requests.set("r1", accessRequest({ id: "r1" }));
  world.auth.script.next("ListAccessRequests", { takesMs: 1000 });
  await world.start();
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(1000);
  assert.deepEqual(world.discord.script.calls, []);
  assert.deepEqual(world.auth.writes, []);
});

Deno.test("a list that is still behind an event before it does not announce a resolved request", async () => {
  await using world = new World();
  let recipients: string[] = [];
  const { pipeline } = await world.start({ route: () => recipients });
  await world.put({ id: "r1" });
  world.auth.listed = [...world.auth.requests.values()];
  await world.put({ id: "r1", state: "APPROVED" });
  recipients = [CHANNEL];
  pipeline.reloaded();
  await world.clock.advance(RESYNC_MS / 2);
  assert.deepEqual(world.shown(), []);
});

Deno.test("an event during a list beats it", async () => {
  await using world = new World();
  const delivery = posted(CHANNEL, "PENDING-0-0-0.");
  const { id } = world.discord.add(CHANNEL);
  const message = { channelId: CHANNEL, messageId: id };
  world.claim("r1", { [CHANNEL]: { ...delivery, message } });
  world.auth.requests.set("r1", accessRequest({ id: "r1" }));
  world.auth.script.next("ListAccessRequests", { takesMs: 1000 });
  await world.start();
  world.auth.remove("r1");
  await world.clock.advance(11_000);
  assert.deepEqual(world.shown(), ["EXPIRED"]);
});

Deno.test("a stored request that no list shows is read by its ID", async () => {
  await using world = new World();
  const { id } = world.discord.add(CHANNEL);
  const message = { channelId: CHANNEL, messageId: id };
  const delivery = { ...posted(CHANNEL, "PENDING-0-0-0."), message };
  world.claim("r1", { [CHANNEL]: delivery }, { leaseHolder: "self" });
  world.auth.requests.set("r1", accessRequest({ id: "r1", state: "DENIED" }));
  world.auth.listed = [];
  await world.start();
  assert.deepEqual(world.auth.script.made("GetAccessRequest"), [
    "GetAccessRequest r1",
  ]);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("one whose end is stored and shown is not read again", async () => {
  await using world = new World();
  const delivery = posted(CHANNEL, "DENIED-0-0-0.");
  world.claim("r1", { [CHANNEL]: delivery }, { resolution: "DENIED" });
  const { pipeline } = await world.start();
  assert.deepEqual(world.auth.script.made("Get"), []);
  assert.equal(pipeline.reconciler.workload.requests, 0);
});

Deno.test("too much plugin data for one answer is read request by request, 16 at a time", async () => {
  await using world = new World();
  const tooMuch = {
    refuse: teleportError("RESOURCE_EXHAUSTED", "GetPluginData"),
  };
  world.auth.script.always("ListPluginData", tooMuch);
  for (let i = 0; i < 40; i++) {
    const id = `r${i}`;
    world.auth.requests.set(id, accessRequest({ id }));
    world.claim(id, { [CHANNEL]: posted(CHANNEL, "PENDING-0-0-0.") });
  }
  world.auth.script.always("GetPluginData", { takesMs: 100 });
  const process = await world.start();
  for (const reads of [16, 32, 40]) {
    assert.equal(world.auth.script.made("GetPluginData").length, reads);
    await world.clock.advance(100);
  }
  assert.equal(process.ready, 1);
  assert.deepEqual(world.discord.script.calls, []);
  await world.clock.advance(RESYNC_MS);
  const warnings = world.logger.at("warning");
  assert.equal(warnings.length, 1);
});

const tooLarge = {
  refuse: teleportError("RESOURCE_EXHAUSTED", "GetPluginData"),
};

/** A request that was announced and then deleted while nobody watched, beside one that is there. */
function deleteMeanwhile(world: World): void {
  for (const id of ["r1", "r2"]) {
    world.claim(id, { [CHANNEL]: posted(CHANNEL, "PENDING-0-0-0.") });
  }
  world.auth.requests.set("r2", accessRequest({ id: "r2" }));
  world.auth.script.always("ListPluginData", tooLarge);
}

Deno.test("a deleted request is found although all plugin data is too large for a usual answer", async () => {
  await using world = new World();
  deleteMeanwhile(world);
  const { pipeline } = await world.start();
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.auth.script.made("ListLargePluginData").length, 1);
  assert.equal(world.auth.stored("r1")["resolution"], "EXPIRED");
  assert.equal(pipeline.watcher.missesDeletions, false);
  // The watch tells of deletions; one that is opened anew may have missed some.
  world.auth.endWatches(new Error("down"));
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.auth.script.made("ListLargePluginData").length, 2);
});

Deno.test("what no answer can hold keeps nothing else back, is said once, and is tried again", async () => {
  await using world = new World();
  deleteMeanwhile(world);
  const refuse = world.auth.script.always("ListLargePluginData", tooLarge);
  const { pipeline } = await world.start();
  await world.put({ id: "r3" });
  assert.equal(world.auth.stored("r3")["x-owner"], "self");
  await world.clock.advance(RESYNC_MS);
  assert.equal(world.auth.script.made("ListLargePluginData").length, 2);
  assert.equal(
    world.logger.find("cannot find requests that were deleted meanwhile")
      .length,
    1,
  );
  assert.equal(pipeline.watcher.missesDeletions, true);
  refuse();
  await world.clock.advance(RESYNC_MS);
  assert.equal(pipeline.watcher.missesDeletions, false);
  assert.equal(world.auth.stored("r1")["resolution"], "EXPIRED");
});

Deno.test("an event that this build does not know is skipped", async () => {
  await using world = new World();
  await world.start();
  world.auth.send({ kind: "unknown", detail: "operation 7" });
  await world.put({ id: "r1", requestExpires: hoursLater(2) });
  assert.deepEqual(world.shown(), ["PENDING"]);
  const [line] = world.logger.at("warning");
  assert.equal(line?.fields["detail"], "operation 7");
});

Deno.test("stopping closes the stream and ends every wait", async () => {
  await using world = new World();
  const process = await world.start();
  await process.stop();
  assert.equal(world.auth.watches, 0);
  assert.equal(world.clock.sleepers, 0);
});

Deno.test("a watch that does not end although it was told to shows as a stall", async () => {
  await using world = new World();
  const stalls = new StallDetector(world.clock);
  const stuck = Promise.withResolvers<never>();
  world.auth.watchEvents = () => stuck.promise;
  await world.start({ stalls });
  // Without INIT it is told to end after 15 s.
  await world.clock.advance(75_000);
  assert.equal(stalls.stalledIn, undefined);
  await world.clock.advance(1);
  assert.equal(stalls.stalledIn, "WatchEvents");
  stuck.reject(new Error("let go"));
  await world.clock.advance(0);
  assert.equal(stalls.stalledIn, undefined);
});

Deno.test("a process that does its work, or cannot connect, is not stalled", async () => {
  await using world = new World();
  const stalls = new StallDetector(world.clock);
  const clock = withStallDetection(world.clock, stalls);
  await world.start({ stalls, clock });
  await world.clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
  world.auth.listAccessRequests = async function* () {
    yield await Promise.reject(new Error("down"));
  };
  world.auth.endWatches(new Error("down"));
  await world.clock.advance(3_600_000);
  assert.equal(stalls.stalledIn, undefined);
});
