import assert from "node:assert/strict";
import { type PluginData, withDelivery } from "../../src/record/plugin_data.ts";
import { encodePluginData } from "../../src/record/plugin_data_codec.ts";
import { RequestRecord } from "../../src/record/request_record.ts";
import { OWED } from "../daemon/pipeline/world.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryAuth, teleportError } from "../fakes/memory_auth.ts";
import {
  accessRequest,
  pluginData,
  posted,
  storedEntries,
} from "../fakes/samples.ts";

const CLAIM = pluginData({ deliveries: new Map([["801", OWED]]) });
const GET = "GetPluginData r1";
const UPDATE = "UpdatePluginData r1";

function setUp(stored: PluginData | undefined = CLAIM) {
  const clock = new FakeClock();
  const auth = new MemoryAuth(clock);
  const { signal } = new AbortController();
  auth.requests.set("r1", accessRequest({ id: "r1" }));
  const store = (data: PluginData) =>
    auth.store("r1", storedEntries(encodePluginData(data)));
  store(stored);
  const record = new RequestRecord("r1", {
    auth,
    clock,
    self: "self",
    cancellation: { deadline: signal },
  });
  return { clock, auth, record, store };
}

function settled(data: PluginData): PluginData {
  return { ...data, resolution: "APPROVED" };
}

function postedTo(channelId: string): (data: PluginData) => PluginData {
  return (data) => withDelivery(data, channelId, posted(channelId, "?"));
}

Deno.test("creating requires that no key of either plugin is there", async () => {
  const { auth, record } = setUp();
  auth.data.clear();
  assert.equal(await record.create(CLAIM), true);
  const [write] = auth.writes;
  assert.deepEqual(write?.expect, {
    user: "",
    roles: "",
    request_reason: "",
    resources: "",
    reviews_count: "",
    resolution: "",
    resolve_reason: "",
    messages: "",
    "x-version": "",
    "x-owner": "",
  });
  // A key without a value would be a deletion, of a key that is known to be absent.
  assert.ok(!Object.values(write?.set ?? {}).includes(""));
  assert.deepEqual(record.snapshot?.data, CLAIM);
  assert.equal(record.takenOver, false);
});

Deno.test("creating is refused where something is stored, and nothing is assumed then", async () => {
  const { auth, record } = setUp();
  assert.equal(await record.create(CLAIM), false);
  assert.equal(record.snapshot, undefined);
  assert.equal(auth.stored("r1")["x-owner"], "self");
});

Deno.test("an earlier read that found nothing counts no more then", async () => {
  const { auth, record, store } = setUp();
  auth.data.clear();
  assert.equal((await record.read()).data, undefined);
  store({ ...CLAIM, leaseHolder: "other" });
  await record.create(CLAIM);
  assert.equal((await record.read(5000)).data?.leaseHolder, "other");
});

Deno.test("creating for a request that is gone fails", async () => {
  const { auth, record } = setUp();
  auth.data.clear();
  auth.requests.clear();
  await assert.rejects(record.create(CLAIM), { code: "NOT_FOUND" });
});

Deno.test("a write expects the strings that were read, of what it sets and of the guards", async () => {
  const { auth, record } = setUp();
  await record.update(postedTo("801"));
  assert.deepEqual(auth.writes, [{
    id: "r1",
    set: { "x-to:801": "801/80100 1 ?", messages: "801/80100" },
    expect: {
      "x-to:801": "owed 1",
      messages: "",
      "x-owner": "self",
      resolution: "",
      reviews_count: "",
    },
  }]);
});

Deno.test("a string is expected as it was stored, however oddly it is written", async () => {
  const { auth, record } = setUp();
  const odd = { messages: " 801/1 ,801/1", reviews_count: "007" };
  auth.store("r1", { ...auth.stored("r1"), ...odd });
  await record.update(settled);
  assert.equal(auth.writes[0]?.expect["messages"], " 801/1 ,801/1");
  assert.equal(auth.writes[0]?.expect["reviews_count"], "007");
});

Deno.test("a change that changes nothing is not written", async () => {
  const { auth, record } = setUp();
  assert.deepEqual(await record.update((data) => ({ ...data })), CLAIM);
  assert.deepEqual(auth.writes, []);
});

Deno.test("what is asked for during a write goes out together after it", async () => {
  const { clock, auth, record } = setUp();
  auth.script.next(UPDATE, { takesMs: 100 });
  const writes = ["801", "802", "803", "804"].map((channelId) =>
    record.update(postedTo(channelId))
  );
  await clock.run(Promise.all(writes));
  assert.deepEqual(auth.writes.map(({ set }) => Object.keys(set)), [
    ["messages", "x-to:801"],
    ["messages", "x-to:802", "x-to:803", "x-to:804"],
  ]);
});

Deno.test("after a conflict the change is computed again from what is stored then", async () => {
  const { clock, auth, record, store } = setUp();
  await record.read();
  store({ ...CLAIM, reviewsCount: 1, leaseHolder: "other" });
  const done = record.update((data) => ({
    ...data,
    reviewsCount: data.reviewsCount + 1,
  }));
  assert.equal((await clock.run(done))?.reviewsCount, 2);
  assert.deepEqual(auth.writes.map((write) => write.expect["x-owner"]), [
    "self",
    "other",
  ]);
  assert.equal(record.takenOver, true);
});

Deno.test("conflicts in a row wait longer, up to a second", async () => {
  const { clock, auth, record } = setUp();
  const refuse = teleportError("FAILED_PRECONDITION");
  auth.script.next(UPDATE, ...Array(20).fill({ refuse }));
  const done = record.update(settled);
  const waits: number[] = [];
  for (let i = 0; i < 20; i++) {
    await clock.advance(0);
    const dueMs = clock.nextDueMs ?? NaN;
    waits.push(dueMs - clock.monotonic());
    await clock.advance(dueMs - clock.monotonic());
  }
  await done;
  // Half of the way from 5 ms to three times the wait before.
  assert.deepEqual(waits.slice(0, 3), [10, 17.5, 28.75]);
  assert.ok(waits.every((ms) => ms >= 5 && ms <= 1000));
  assert.equal(waits.at(-1), 1000);
});

Deno.test("data that vanished is not written again", async () => {
  const { auth, record } = setUp();
  await record.read();
  auth.data.clear();
  auth.requests.clear();
  assert.equal(await record.update(settled), undefined);
  assert.equal(record.snapshot?.data, undefined);
  assert.equal(await record.update(settled), undefined);
  assert.equal(auth.writes.length, 1);
});

Deno.test("after a write without an answer the next one reads first", async () => {
  const { auth, record } = setUp();
  auth.script.next(UPDATE, { lose: teleportError("UNAVAILABLE") });
  await assert.rejects(record.update(settled), { code: "UNAVAILABLE" });
  assert.equal(record.snapshot, undefined);
  auth.script.forget();
  // The lost write had come to pass, so there is nothing left to write.
  await record.update(settled);
  assert.deepEqual(auth.script.calls, [GET]);
});

Deno.test("a lease is taken only from what the process before has written last", async () => {
  const { clock, record, store } = setUp();
  const before: PluginData = {
    ...CLAIM,
    leaseHolder: "other",
    told: "PENDING-1-0-0",
  };
  store(before);
  await record.read();
  store({ ...before, told: "APPROVED-2-0-0" });
  const take = (data: PluginData) => ({ ...data, leaseHolder: "self" });
  const taken = await clock.run(record.update(take));
  assert.equal(taken?.told, "APPROVED-2-0-0");
});

Deno.test("a lease is not taken past what the process before has added since", async () => {
  const { clock, record, store } = setUp();
  const before: PluginData = {
    ...postedTo("801")(CLAIM),
    leaseHolder: "other",
  };
  const take = (data: PluginData) => ({ ...data, leaseHolder: "self" });
  store(before);
  await record.read();
  const added: PluginData = {
    ...before,
    ended: new Set(["801"]),
    told: "APPROVED-1-0-0",
  };
  store(added);
  const taken = await clock.run(record.update(take));
  assert.deepEqual(taken, take(added));
});

Deno.test("a lease that was taken without an answer counts from the read that shows it", async () => {
  const { clock, auth, record, store } = setUp();
  store({ ...postedTo("801")(CLAIM), leaseHolder: "other" });
  const take = (data: PluginData) => ({ ...data, leaseHolder: "self" });
  auth.script.next(UPDATE, { lose: teleportError("UNAVAILABLE") });
  await assert.rejects(record.update(take), { code: "UNAVAILABLE" });
  await clock.advance(1000);
  assert.equal(record.leaseTakenAtMs, -Infinity);
  await record.read();
  assert.equal(record.leaseTakenAtMs, clock.monotonic());
  assert.equal(record.tookOverAtMs("801"), clock.monotonic());
  await clock.advance(1000);
  await record.read();
  assert.equal(record.leaseTakenAtMs, clock.monotonic() - 1000);
});

Deno.test("a lease that was not taken is not taken by a read", async () => {
  const { auth, record, store } = setUp();
  store({ ...CLAIM, leaseHolder: "other" });
  const take = (data: PluginData) => ({ ...data, leaseHolder: "self" });
  auth.script.next(UPDATE, { refuse: teleportError("UNAVAILABLE") });
  await assert.rejects(record.update(take), { code: "UNAVAILABLE" });
  await record.read();
  assert.equal(record.leaseTakenAtMs, -Infinity);
});

Deno.test("whoever asked for a part of a failed write is told", async () => {
  const { clock, auth, record } = setUp();
  auth.script.next(UPDATE, { takesMs: 10 });
  auth.script.next(UPDATE, { refuse: teleportError("UNAVAILABLE") });
  const writes = ["801", "802", "803"].map((channelId) =>
    record.update(postedTo(channelId))
  );
  const outcomes = await clock.run(Promise.allSettled(writes));
  assert.deepEqual(outcomes.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "rejected",
  ]);
});

Deno.test("a read is repeated only if what is known is too old", async () => {
  const { clock, auth, record } = setUp();
  await record.read();
  await clock.advance(4999);
  await record.read(5000);
  assert.equal(auth.script.calls.length, 1);
  await clock.advance(1);
  await record.read(5000);
  assert.equal(auth.script.calls.length, 2);
});

Deno.test("a write that ends during a read knows better", async () => {
  const { clock, auth, record } = setUp();
  await record.read();
  auth.script.next(GET, { takesMs: 100 });
  const read = record.read();
  await record.update(settled);
  const { data } = await clock.run(read);
  assert.equal(data?.resolution, "APPROVED");
});

Deno.test("what was decided is written only over what it was decided from", async () => {
  const { auth, clock, record, store } = setUp();
  const { data = CLAIM } = await record.read();
  const next = settled(data);
  assert.equal(await record.replace(data, next), next);
  store({ ...CLAIM, leaseHolder: "other" });
  const other = { ...next, resolveReason: "why" };
  const replaced = await clock.run(record.replace(next, other));
  assert.equal(replaced, "changed meanwhile");
  assert.equal(auth.stored("r1")["x-owner"], "other");
});

Deno.test("nor over what was recorded meanwhile", async () => {
  const { record } = setUp();
  const { data = CLAIM } = await record.read();
  const [, replaced] = await Promise.all([
    record.update(postedTo("801")),
    record.replace(data, settled(data)),
  ]);
  assert.equal(replaced, "changed meanwhile");
  assert.equal(record.snapshot?.data?.resolution, "");
});
