import assert from "node:assert/strict";
import { DiscordUsers } from "../../src/people/discord_users.ts";
import { RequestLookups } from "../../src/people/request_lookups.ts";
import { TeleportLookups } from "../../src/people/teleport_lookups.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { MissingLookup } from "../../src/record/missing.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import { MemoryAuth, teleportError } from "../fakes/memory_auth.ts";
import { NOBODY } from "../daemon/pipeline/world.ts";
import { accessRequest } from "../fakes/samples.ts";

const denied = { refuse: teleportError("PERMISSION_DENIED") };

function setUp() {
  const clock = new FakeClock();
  const auth = new MemoryAuth(clock);
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const { signal } = stop;
  const teleportLookups = new TeleportLookups({ auth, clock, logger, signal });
  const people = () => NOBODY;
  const requestLookups = new RequestLookups({
    teleportLookups,
    discordUsers: new DiscordUsers({
      people,
      traits: (user) => teleportLookups.traits(user),
      clock,
      logger,
    }),
    people,
    clock,
    signal,
  });
  /** Looks up, waits for so long, and returns what there is then. */
  const lookUp = async (request: AccessRequest, ms = 300) => {
    const { names } = await clock.run(requestLookups.find(request, ms));
    const { loginsByRole, resourceNames } = names.soFar;
    return {
      logins: loginsByRole && Object.fromEntries(loginsByRole),
      names: Object.fromEntries(resourceNames),
      rest: names.rest,
    };
  };
  return { clock, auth, stop, requestLookups, lookUp };
}

const DEV = accessRequest({ roles: ["dev"] });
const NODE = resource("node", "n1");
const GROUP = resource("user_group", "g1");

function resource(kind: string, name: string) {
  return { cluster: "c", kind, name, subResource: "" };
}

Deno.test("logins of every role and names of every resource are looked up side by side", async () => {
  const { clock, auth, lookUp } = setUp();
  for (const method of ["GetRole", "ListResources"]) {
    auth.script.always(method, { takesMs: 100 });
  }
  const { logins, names } = await lookUp(
    accessRequest({ roles: ["dev", "ops"], resources: [NODE, GROUP] }),
  );
  assert.deepEqual(logins, { dev: ["root"], ops: ["root"] });
  assert.deepEqual(names, {
    "/c/node/n1": "node/web",
    "/c/user_group/g1": "user_group/web",
  });
  assert.equal(clock.monotonic(), 100);
  assert.deepEqual(auth.script.calls, [
    "GetRole dev",
    "GetRole ops",
    "ListResources node",
    "ListResources user_group",
  ]);
});

Deno.test("a request without roles, and for what has no name, needs no call", async () => {
  const { auth, lookUp } = setUp();
  const db = resource("db", "orders");
  const request = accessRequest({ roles: [], resources: [db] });
  assert.deepEqual((await lookUp(request)).logins, {});
  assert.deepEqual(auth.script.calls, []);
});

Deno.test("logins that depend on who asks are those of the requester", async () => {
  const { auth, lookUp } = setUp();
  auth.roles.set("dev", ["{{internal.logins}}", "root"]);
  auth.users.set("alice", { traits: new Map([["logins", ["al"]]]) });
  const request = accessRequest({ roles: ["dev", "ops"], user: "alice" });
  const { logins } = await lookUp(request);
  assert.deepEqual(logins, { dev: ["al", "root"], ops: ["root"] });
});

Deno.test("logins are shown as the role has them until the traits are there", async () => {
  const { clock, auth, lookUp } = setUp();
  auth.roles.set("dev", ["{{internal.logins}}"]);
  auth.users.set("alice", { traits: new Map([["logins", ["al"]]]) });
  auth.script.next("GetUserLoginState", { takesMs: 1000 });
  const { logins, rest } = await lookUp(DEV);
  assert.deepEqual(logins, { dev: ["{{internal.logins}}"] });
  await clock.run(rest);
  assert.deepEqual((await lookUp(DEV)).logins, { dev: ["al"] });
});

Deno.test("logins are shown as the role has them if nobody may read traits", async () => {
  const { auth, lookUp } = setUp();
  auth.roles.set("dev", ["{{internal.logins}}"]);
  auth.script.always("GetUser", denied);
  const { logins } = await lookUp(DEV);
  assert.deepEqual(logins, { dev: ["{{internal.logins}}"] });
});

Deno.test("only what is missing is looked up", async () => {
  const { clock, auth, requestLookups } = setUp();
  const request = accessRequest({ roles: ["dev"], resources: [NODE] });
  const calls: [MissingLookup, string][] = [
    ["logins", "GetRole dev"],
    ["login traits", "GetRole ops"],
    ["resource names", "ListResources node"],
  ];
  for (const [missing, call] of calls) {
    const roles = missing === "login traits" ? ["ops"] : ["dev"];
    await clock.run(
      requestLookups.find({ ...request, roles }, 300, new Set([missing])),
    );
    assert.equal(auth.script.calls.at(-1), call);
  }
  assert.equal(auth.script.calls.length, 3);
});

Deno.test("after the wait there is what has come so far, and later the rest", async () => {
  const { clock, auth, lookUp } = setUp();
  auth.script.next("GetRole dev", { takesMs: 1000 });
  const request = accessRequest({ roles: ["dev"], resources: [NODE] });
  const { logins, names, rest } = await lookUp(request);
  assert.equal(clock.monotonic(), 300);
  assert.equal(logins, undefined);
  assert.deepEqual(names, { "/c/node/n1": "node/web" });
  await clock.run(rest);
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

Deno.test("one role that cannot be read leaves the logins out", async () => {
  const { auth, lookUp } = setUp();
  auth.script.next("GetRole ops", { refuse: teleportError("NOT_FOUND") });
  const request = accessRequest({ roles: ["dev", "ops"] });
  assert.equal((await lookUp(request)).logins, undefined);
});

Deno.test("a kind of resource that may not be listed does not hide the others", async () => {
  const { auth, lookUp } = setUp();
  auth.script.always("ListResources user_group", denied);
  const request = accessRequest({ resources: [GROUP, NODE] });
  const { names } = await lookUp(request);
  assert.deepEqual(names, { "/c/node/n1": "node/web" });
});

Deno.test("stopping ends the wait", async () => {
  const { clock, auth, stop, requestLookups } = setUp();
  auth.script.next("GetRole dev", { takesMs: 1000 });
  const found = requestLookups.find(DEV, 300);
  stop.abort();
  await (await found).names.rest;
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
});
