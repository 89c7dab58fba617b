import assert from "node:assert/strict";
import type { AccessRequest } from "../../src/domain/access_request.ts";
import { Enricher } from "../../src/service/enrichment.ts";
import { accessRequest } from "../domain/samples.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import { MemoryAuth, teleportError } from "./memory_auth.ts";

const denied = { refuse: teleportError("PERMISSION_DENIED") };

function setUp() {
  const clock = new FakeClock();
  const auth = new MemoryAuth(clock);
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const { signal } = stop;
  const enricher = new Enricher({ auth, clock, logger, signal });
  /** Looks up, waits for so long, and returns what there is then. */
  const lookUp = async (request: AccessRequest, ms = 300) => {
    const lookup = enricher.lookUp(request);
    await clock.run(enricher.wait(lookup, ms));
    const { loginsByRole, resourceNames } = lookup.soFar;
    return {
      logins: loginsByRole && Object.fromEntries(loginsByRole),
      names: Object.fromEntries(resourceNames),
      rest: lookup.rest,
    };
  };
  return { clock, auth, logger, stop, enricher, lookUp };
}

const DEV = accessRequest({ roles: ["dev"] });
const NODE = resource("node", "n1");
const GROUP = resource("user_group", "g1");

function resource(kind: string, name: string) {
  return { cluster: "c", kind, name, subResource: "" };
}

Deno.test("logins of every role and names of every resource are looked up", async () => {
  const { auth, lookUp } = setUp();
  const { logins, names } = await lookUp(
    accessRequest({ roles: ["dev", "ops"], resources: [NODE] }),
  );
  assert.deepEqual(logins, { dev: ["root"], ops: ["root"] });
  assert.deepEqual(names, { "/c/node/n1": "node/web" });
  assert.deepEqual(auth.script.calls, [
    "GetRole dev",
    "GetRole ops",
    "ListResources node",
  ]);
});

Deno.test("a request without roles and resources needs no call", async () => {
  const { auth, lookUp } = setUp();
  const { logins, rest } = await lookUp(accessRequest({ roles: [] }));
  assert.deepEqual(logins, {});
  assert.equal(rest, undefined);
  assert.deepEqual(auth.script.calls, []);
});

Deno.test("a role is remembered for a minute", async () => {
  const { clock, auth, lookUp } = setUp();
  await lookUp(DEV);
  await clock.advance(60_000);
  assert.deepEqual((await lookUp(DEV)).logins, { dev: ["root"] });
  assert.equal(auth.script.calls.length, 1);
  await clock.advance(1);
  await lookUp(DEV);
  assert.equal(auth.script.calls.length, 2);
});

Deno.test("a name of a resource is not remembered", async () => {
  const { auth, lookUp } = setUp();
  const request = accessRequest({ roles: [], resources: [NODE] });
  await lookUp(request);
  await lookUp(request);
  assert.equal(auth.script.calls.length, 2);
});

Deno.test("after the wait there is what has come so far, and later the rest", async () => {
  const { clock, auth, lookUp } = setUp();
  auth.script.next("GetRole dev", { takesMs: 1000 });
  const request = accessRequest({ roles: ["dev"], resources: [NODE] });
  const { logins, names, rest } = await lookUp(request);
  assert.equal(clock.monotonic(), 300);
  assert.equal(logins, undefined);
  assert.deepEqual(names, { "/c/node/n1": "node/web" });
  await clock.run(rest ?? Promise.reject(new Error("nothing more comes")));
  assert.equal(clock.monotonic(), 1000);
  assert.deepEqual((await lookUp(DEV)).logins, { dev: ["root"] });
  assert.equal(auth.script.made("GetRole").length, 1);
});

Deno.test("the wait ends as soon as everything is there", async () => {
  const { clock, auth, lookUp } = setUp();
  auth.script.next("GetRole dev", { takesMs: 50 });
  assert.deepEqual((await lookUp(DEV)).logins, { dev: ["root"] });
  assert.equal(clock.monotonic(), 50);
  assert.equal(clock.sleepers, 0);
});

Deno.test("after 3 s a look-up is given up", async () => {
  const { clock, auth, lookUp } = setUp();
  auth.script.next("GetRole dev", { takesMs: 60_000 });
  const { logins } = await lookUp(DEV, 10_000);
  assert.equal(clock.monotonic(), 3000);
  assert.equal(logins, undefined);
  await clock.advance(0);
  assert.equal(clock.sleepers, 0, "the call was left waiting");
});

Deno.test("one role that cannot be read leaves the logins out", async () => {
  const { auth, logger, lookUp } = setUp();
  auth.script.next("GetRole ops", { refuse: teleportError("NOT_FOUND") });
  const request = accessRequest({ roles: ["dev", "ops"] });
  assert.equal((await lookUp(request)).logins, undefined);
  assert.deepEqual(logger.lines.map(({ level }) => level), ["debug"]);
});

Deno.test("each kind of resource is looked up by itself", async () => {
  const { auth, lookUp } = setUp();
  auth.script.always("ListResources user_group", denied);
  const request = accessRequest({ resources: [GROUP, NODE] });
  const { names } = await lookUp(request);
  assert.deepEqual(names, { "/c/node/n1": "node/web" });
});

Deno.test("a missing rule is named once", async () => {
  const { auth, logger, lookUp } = setUp();
  auth.script.always("GetRole", denied);
  auth.script.always("ListResources", denied);
  const request = accessRequest({ resources: [GROUP, NODE] });
  await lookUp(request);
  await lookUp(request);
  const hints = logger.find((line) => line.level === "warning")
    .map(({ fields }) => String(fields["hint"])).sort().reverse();
  assert.equal(hints.length, 2);
  assert.match(hints[0] ?? "", /resources: \[role\], verbs: \[read\]/);
  assert.match(hints[1] ?? "", /verbs \[list, read\] for each kind/);
});

Deno.test("stopping ends every look-up without a word", async () => {
  const { clock, auth, logger, stop, enricher } = setUp();
  auth.script.next("GetRole dev", { takesMs: 1000 });
  const lookup = enricher.lookUp(DEV);
  stop.abort();
  await lookup.rest;
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
  assert.deepEqual(logger.lines, []);
});
