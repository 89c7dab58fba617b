import assert from "node:assert/strict";
import { ListProbe } from "../../src/watch/list_probe.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import { MemoryAuth, teleportError } from "../fakes/memory_auth.ts";
import { accessRequest } from "../fakes/samples.ts";

const WARNING =
  "cannot list access requests: those made while the plugin is down will be missed";

function setUp() {
  const clock = new FakeClock();
  const auth = new MemoryAuth(clock);
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const { signal } = stop;
  const probe = new ListProbe({ auth, clock, logger, signal });
  return { clock, auth, logger, probe, stop };
}

Deno.test("a request that can be read shows once and for all that the rule is there", async () => {
  const { clock, auth, logger, probe } = setUp();
  auth.requests.set("r1", accessRequest());
  for (const id of ["r1", "r2", "r3"]) {
    probe.put(id);
    await clock.advance(20_000);
  }
  assert.deepEqual(auth.script.calls, ["GetAccessRequest r1"]);
  assert.deepEqual(logger.lines, []);
});

Deno.test("one that cannot be read and is not deleted within 10 s shows that it is missing", async () => {
  const { clock, logger, probe } = setUp();
  probe.put("r1");
  await clock.advance(9999);
  assert.deepEqual(logger.lines, []);
  await clock.advance(1);
  const [line] = logger.find(WARNING);
  assert.equal(line?.level, "error");
  assert.match(
    String(line?.fields["hint"]),
    /- {resources: \[access_request\], verbs: \[list, read\]}$/,
  );
});

Deno.test("it is said once", async () => {
  const { clock, logger, probe } = setUp();
  for (const id of ["r1", "r2"]) {
    probe.put(id);
    await clock.advance(20_000);
  }
  assert.equal(logger.lines.length, 1);
});

Deno.test("a request that is deleted meanwhile proves nothing, and the next one is read", async () => {
  const { clock, auth, logger, probe } = setUp();
  probe.put("r1");
  await clock.advance(5000);
  probe.deleted("r1");
  await clock.advance(20_000);
  assert.deepEqual(logger.lines, []);
  probe.put("r2");
  await clock.advance(10_000);
  assert.deepEqual(auth.script.calls, [
    "GetAccessRequest r1",
    "GetAccessRequest r2",
  ]);
  assert.equal(logger.find(WARNING).length, 1);
});

Deno.test("the end of another request changes nothing", async () => {
  const { clock, logger, probe } = setUp();
  probe.put("r1");
  await clock.advance(5000);
  probe.deleted("r2");
  await clock.advance(5000);
  assert.equal(logger.find(WARNING).length, 1);
});

Deno.test("a read that fails proves nothing, and the next request is read", async () => {
  const { clock, auth, logger, probe } = setUp();
  auth.script.next("GetAccessRequest", {
    refuse: teleportError("UNAVAILABLE"),
  });
  probe.put("r1");
  await clock.advance(20_000);
  auth.requests.set("r2", accessRequest());
  probe.put("r2");
  await clock.advance(20_000);
  assert.equal(auth.script.calls.length, 2);
  assert.deepEqual(logger.lines, []);
});

Deno.test("stopping ends the wait without a word", async () => {
  const { clock, logger, probe, stop } = setUp();
  probe.put("r1");
  await clock.advance(5000);
  stop.abort();
  await clock.advance(20_000);
  assert.equal(clock.sleepers, 0);
  assert.deepEqual(logger.lines, []);
});
