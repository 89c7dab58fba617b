import { status } from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  connect as connectTls,
  createServer as createTlsServer,
} from "node:tls";
import { TeleportError } from "../../../src/ports/teleport_error.ts";
import type { AuthChannelOptions } from "../../../src/teleport/client/auth_channel.ts";
import { OwnClient } from "./own_client.ts";
import {
  type Credentials,
  parseIdentity,
} from "../../../src/teleport/credentials/identity.ts";
import { Event, Operation } from "../../../src/teleport/gen/auth_service.ts";
import { FakeAuthService } from "../../fakes/auth_service.ts";
import { ClusterPki, formatIdentity } from "../../fakes/pki.ts";
import { Watching } from "./watching.ts";

// Making keys takes longer than most tests here, so all share one cluster.
const pki = await ClusterPki.create();
const identity = await pki.issueIdentity();

Deno.test("ping() tells about the cluster", async () => {
  const options = { webAddress: "web.example.com:443", webReviews: true };
  await using auth = await FakeAuthService.start({ pki, ...options });
  await using client = connect(auth);
  assert.equal(client.channel.isConnected, false);
  assert.deepEqual(await client.ping(), {
    clusterName: "example.com",
    serverVersion: "18.0.0",
    webAddress: "web.example.com:443",
    takesReviews: true,
  });
  assert.equal(client.channel.isConnected, true);
  assert.deepEqual(auth.calls, [{ method: "Ping", user: "discord-plugin" }]);
});

Deno.test("calls that take more than one frame arrive whole, side by side", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  // A frame and a record hold 16 KiB, and 64 KiB may be sent before the server takes some.
  const sizes = [16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 500_000];
  const stored = sizes.map(async (size) => {
    const id = auth.createRequest();
    const user = crypto.randomUUID().repeat(size / 36 + 1).slice(0, size);
    await client.updatePluginData(id, { user }, {});
    const data = await client.getPluginData(id);
    return data?.entries.user === user;
  });
  assert.deepEqual(await Promise.all(stored), sizes.map(() => true));
});

Deno.test("watchEvents() hands over events as they come", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const watch = new Watching(client);
  assert.deepEqual(await watch.next(), {
    kind: "init",
    kinds: ["access_request", "access_monitoring_rule"],
  });
  const id = auth.createRequest({ reason: "deploy" });
  auth.review(id, "rita", "APPROVED", "fine");
  auth.delete(id);
  const states: string[] = [];
  for (let i = 0; i < 2; i++) {
    const event = await watch.next();
    assert.equal(event.kind, "put");
    states.push(`${event.request.state} ${event.request.reviews.length}`);
  }
  assert.deepEqual(states, ["PENDING 0", "APPROVED 1"]);
  assert.deepEqual(await watch.next(), { kind: "delete", requestId: id });
  auth.sendEvent(Event.create({ type: Operation.PUT }));
  assert.equal((await watch.next()).kind, "unknown");
});

Deno.test("watchEvents() says which kinds the server agreed to", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  auth.misbehaviour.initKinds = ["access_monitoring_rule"];
  const event = await new Watching(client).next();
  assert.deepEqual(event, { kind: "init", kinds: ["access_monitoring_rule"] });
});

Deno.test("watchEvents() rejects however the stream ends", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const ends: [() => unknown, string, RegExp][] = [
    [() => auth.endWatches("reset"), "UNAVAILABLE", /RST_STREAM/],
    [
      () => auth.endWatches("no trailers"),
      "UNAVAILABLE",
      /without gRPC status/,
    ],
    [
      () => auth.endWatches({ code: status.OK, message: "" }),
      "UNAVAILABLE",
      /the server ended the stream/,
    ],
    [
      () => auth.endWatches({ code: status.UNKNOWN, message: "fanout reset" }),
      "UNKNOWN",
      /fanout reset/,
    ],
    [
      () => auth.endWatches({ code: 99, message: "from the future" }),
      "UNKNOWN",
      /from the future/,
    ],
    [() => auth.dropConnections(), "UNAVAILABLE", /Connection dropped/],
  ];
  for (const [end, code, text] of ends) {
    const watch = new Watching(client);
    await watch.next();
    await end();
    const error = await failure(watch.ended);
    assert.equal(error.code, code);
    assert.equal(error.method, "WatchEvents");
    assert.match(error.message, text);
  }
});

for (const pages of [200, 404, 502]) {
  Deno.test(`a page with ${pages} of something between is no answer of Teleport`, async () => {
    await using auth = await FakeAuthService.start({ pki });
    auth.misbehaviour.pages = pages;
    await using client = connect(auth);
    const errors = [
      await failure(client.ping()),
      await failure(client.listPluginData()),
      await failure(new Watching(client).ended),
    ];
    for (const error of errors) {
      assert.equal(error.code, "UNAVAILABLE");
      assert.match(error.message, /what answered is no gRPC service/);
    }
  });
}

Deno.test("a status text of 100 KB ends its call at once", async () => {
  await using auth = await FakeAuthService.start({ pki });
  auth.fail("Ping", { code: status.INTERNAL, message: "x".repeat(100_000) });
  await using client = connect(auth);
  const error = await failure(client.ping());
  assert.match(error.code, /^(INTERNAL|UNAVAILABLE)$/);
});

Deno.test("watchEvents() passes on a refusal", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const message = "none of the requested kinds can be watched";
  auth.fail("WatchEvents", { code: status.INVALID_ARGUMENT, message });
  const error = await failure(client.watchEvents(() => {}));
  assert.equal(error.code, "INVALID_ARGUMENT");
  assert.equal(error.message, `Cannot call WatchEvents: ${message}`);
});

Deno.test("watchEvents() waits for INIT until its signal says otherwise", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  auth.misbehaviour.noInit = true;
  const stop = new AbortController();
  const watch = client.within(stop.signal)
    .watchEvents(() => assert.fail("no event"));
  await auth.until(() => auth.countCalls("WatchEvents") === 1);
  const reason = new Error("stopping");
  stop.abort(reason);
  assert.equal(await watch.catch((error) => error), reason);
});

Deno.test("watchEvents() rejects with what its receiver throws", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const thrown = new Error("cannot take it");
  const watch = client.watchEvents(() => {
    throw thrown;
  });
  assert.equal(await watch.catch((error) => error), thrown);
});

Deno.test("a watch outlives GOAWAY, and later calls use a new connection", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const watch = new Watching(client);
  await watch.next();
  auth.goAway();
  // A call that was on its way when GOAWAY came is refused.
  while (auth.connections < 2) await client.ping().catch(() => {});
  auth.createRequest();
  assert.equal((await watch.next()).kind, "put");
});

Deno.test("a connection that has to go away as it comes up is replaced", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  let fault: TeleportError | undefined;
  while (fault === undefined) {
    const goneAway = auth.until(() => auth.connections > 0)
      .then(() => auth.goAway());
    fault = await client.ping().then(() => undefined, (error) => error);
    await goneAway;
    await auth.restart();
  }
  assert.equal(fault.code, "UNAVAILABLE");
  let isUp = false;
  while (!isUp) isUp = await client.ping().then(() => true, () => false);
});

/** Makes so many requests, one a millisecond; returns their IDs, newest first. */
function createRequests(auth: FakeAuthService, count: number): string[] {
  const start = Date.now();
  const ids = Array.from({ length: count }, (_, i) => `r${i}`);
  for (const [i, id] of ids.entries()) {
    auth.createRequest({ id, created: new Date(start + i) });
  }
  return ids.toReversed();
}

Deno.test("listAccessRequests() goes through all pages, newest first", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const newestFirst = createRequests(auth, 1201);
  const ids: string[] = [];
  for await (const requests of client.listAccessRequests()) {
    // What is decoded at once stays small.
    assert(requests.length <= 50);
    ids.push(...requests.map(({ id }) => id));
  }
  assert.equal(auth.countCalls("ListAccessRequests"), 3);
  assert.deepEqual(ids, newestFirst);
});

Deno.test("listAccessRequests() reads the next page while one is taken in, if told to", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const newestFirst = createRequests(auth, 1201);
  const ids: string[] = [];
  for await (const requests of client.listAccessRequests("ahead")) {
    ids.push(...requests.map(({ id }) => id));
    const page = Math.ceil(ids.length / 500);
    await auth.until(() =>
      page === 3 || auth.countCalls("ListAccessRequests") > page
    );
  }
  assert.equal(auth.countCalls("ListAccessRequests"), 3);
  assert.deepEqual(ids, newestFirst);
});

Deno.test("listAccessRequests() gives out a page before it says that the next one failed", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  for (let i = 0; i < 501; i++) auth.createRequest({ id: `r${i}` });
  let count = 0;
  await assert.rejects(async () => {
    for await (const requests of client.listAccessRequests("ahead")) {
      count += requests.length;
      auth.fail("ListAccessRequests", { code: status.PERMISSION_DENIED });
    }
  }, { code: "PERMISSION_DENIED" });
  assert.equal(count, 500);
});

Deno.test("listAccessRequests() and getAccessRequest() manage with an old server", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  auth.misbehaviour.noListAccessRequests = true;
  const now = Date.now();
  const old = auth.createRequest({ created: new Date(now - 1000) });
  const young = auth.createRequest({ created: new Date(now) });
  const older = auth.createRequest({ created: new Date(now - 2000) });
  const ids = async () =>
    (await Array.fromAsync(client.listAccessRequests()))
      .flat().map(({ id }) => id);
  assert.deepEqual(await ids(), [young, old, older]);
  assert.equal((await client.getAccessRequest(old))?.id, old);
  assert.equal(await client.getAccessRequest("none"), undefined);
  // The method is not tried again on this connection, but it is on the next.
  assert.equal(auth.countCalls("ListAccessRequests"), 1);
  auth.misbehaviour.noListAccessRequests = false;
  const lost = new Watching(client);
  await auth.restart();
  await failure(lost.ended);
  assert.deepEqual(await ids(), [young, old, older]);
  assert.equal(auth.countCalls("ListAccessRequests"), 2);
});

Deno.test("listMonitoringRules() goes through all pages", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const names = Array.from({ length: 1001 }, (_, i) => `rule-${1000 + i}`);
  for (const name of names) auth.rules.put({ name });
  auth.rules.put({ name: "not-ours", plugin: "slack" });
  const rules = await client.listMonitoringRules();
  assert.deepEqual(rules?.map(({ name }) => name), names);
  assert.equal(auth.countCalls("ListAccessMonitoringRulesWithFilter"), 2);
});

Deno.test("listMonitoringRules() manages with servers of any age", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  auth.rules.put({ name: "a" });
  auth.rules.put({ name: "b", plugin: "slack" });
  const list = async () =>
    (await client.listMonitoringRules())?.map(({ name }) => name);
  const initKinds = async () => {
    const event = await new Watching(client).next();
    return event.kind === "init" ? event.kinds : [];
  };
  assert.deepEqual(await list(), ["a"]);
  auth.rules.support = "15";
  assert.deepEqual(await list(), ["a", "b"]);
  assert.deepEqual(await initKinds(), ["access_request"]);
  auth.rules.support = "14";
  assert.equal(await list(), undefined);
  auth.rules.support = "denied";
  assert.deepEqual(await initKinds(), ["access_request"]);
  const error = await failure(list());
  assert.equal(error.code, "PERMISSION_DENIED");
});

Deno.test("one rule that is not understood does not cost the others", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const shift = { weekday: "Monday", start: "09:00", end: "17:00" };
  const schedule = { timezone: "Asia/Seoul", shifts: [shift] };
  auth.rules.put({ name: "a", schedules: { office: schedule } });
  // The first byte announces 100 more.
  auth.rules.put({ name: "b", scheduleBytes: new Uint8Array([10, 100, 1]) });
  auth.rules.put({ name: "c", scheduleBytes: new Uint8Array() });
  const rules = await client.listMonitoringRules() ?? [];
  const [a, b, c] = rules;
  assert.deepEqual(a?.schedules, new Map([["office", schedule]]));
  assert.equal(a?.unreadable, undefined);
  assert.match(b?.unreadable ?? "", /schedules/);
  assert.match(c?.unreadable ?? "", /schedules/);
});

Deno.test("getAccessRequest() goes past the cache", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  auth.holdLists();
  const id = auth.createRequest({ user: "bob" });
  assert.deepEqual(await Array.fromAsync(client.listAccessRequests()), []);
  assert.equal((await client.getAccessRequest(id))?.user, "bob");
  assert.equal(await client.getAccessRequest("none"), undefined);
});

Deno.test("plugin data is read and swapped", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const accessExpires = new Date("2030-01-01T00:00:00Z");
  const id = auth.createRequest({ accessExpires });
  assert.equal(await client.getPluginData(id), undefined);
  const keys = { user: "alice", __proto__x: "1", "1": "int-like" };
  await client.updatePluginData(id, keys, { user: "" });
  const expected = {
    entries: keys,
    expires: new Date("2030-01-01T01:00:00Z"),
  };
  assert.deepEqual(await client.getPluginData(id), expected);
  const all = await client.listPluginData();
  assert.deepEqual([...all.keys()], [id]);
  assert.deepEqual(all.get(id), expected);
  const error = await failure(
    client.updatePluginData(id, { user: "eve" }, { user: "" }),
  );
  assert.equal(error.code, "FAILED_PRECONDITION");
  assert.match(error.message, /expectations not met for field "user"/);
  await client.updatePluginData(id, { user: "" }, { user: "alice" });
  assert.deepEqual(auth.pluginData(id), { __proto__x: "1", "1": "int-like" });
});

Deno.test("plugin data of a request that is gone", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const id = auth.createRequest();
  await client.updatePluginData(id, { a: "1" }, {});
  auth.delete(id);
  await client.updatePluginData(id, { a: "2" }, { a: "1" });
  assert.deepEqual(auth.pluginData(id), { a: "2" });
  const error = await failure(
    client.updatePluginData("gone", { a: "1" }, { a: "" }),
  );
  assert.equal(error.code, "NOT_FOUND");
});

Deno.test("an answer may be far larger than gRPC's default limit", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const text = "x".repeat(900_000);
  for (let i = 0; i < 10; i++) {
    const id = auth.createRequest();
    await client.updatePluginData(id, { text }, {});
  }
  const stored = await client.listPluginData();
  assert.equal([...stored.keys()].length, 10);
});

Deno.test("getRoleLogins() gives logins as the role has them", async () => {
  const roles = { dev: ["root", "{{internal.logins}}"], none: [] };
  await using auth = await FakeAuthService.start({ pki, roles });
  await using client = connect(auth);
  assert.deepEqual(await client.getRoleLogins("dev"), roles.dev);
  assert.deepEqual(await client.getRoleLogins("none"), []);
  const error = await failure(client.getRoleLogins("gone"));
  assert.equal(error.code, "NOT_FOUND");
});

Deno.test("getUser() gives the traits of a user, also those of an old server", async () => {
  const users = { alice: { logins: ["al", "ice"], team: [] } };
  await using auth = await FakeAuthService.start({ pki, users });
  await using client = connect(auth);
  for (const noUsersService of [false, true]) {
    auth.misbehaviour.noUsersService = noUsersService;
    const { traits } = await client.getUser("alice") ?? {};
    assert.deepEqual(traits, new Map(Object.entries(users.alice)));
    assert.equal(await client.getUser("nobody"), undefined);
  }
  assert.equal(auth.countCalls("GetUser"), 6);
  auth.fail("GetUser", { code: status.PERMISSION_DENIED });
  const error = await failure(client.getUser("alice"));
  assert.equal(error.code, "PERMISSION_DENIED");
  assert.equal(error.method, "GetUser");
});

Deno.test("getUserLoginState() gives the traits of the last login", async () => {
  const loginStates = { alice: { team: ["red"] } };
  await using auth = await FakeAuthService.start({ pki, loginStates });
  await using client = connect(auth);
  const { traits } = await client.getUserLoginState("alice") ?? {};
  assert.deepEqual(traits, new Map([["team", ["red"]]]));
  assert.equal(await client.getUserLoginState("bob"), undefined);
});

Deno.test("listUsers() gives every user with traits, also those of an old server", async () => {
  const names = Array.from({ length: 1201 }, (_, i) => `user-${1000 + i}`);
  const users = Object.fromEntries(names.map((name) => [name, { id: [name] }]));
  await using auth = await FakeAuthService.start({ pki, users });
  await using client = connect(auth);
  for (const noUsersService of [false, true]) {
    auth.misbehaviour.noUsersService = noUsersService;
    const listed = await client.listUsers();
    assert.deepEqual(listed.map(({ name }) => name), names);
    assert.deepEqual(listed[7]?.traits.get("id"), ["user-1007"]);
  }
  assert.equal(auth.countCalls("ListUsers"), 4);
  auth.fail("ListUsers", { code: status.PERMISSION_DENIED });
  const error = await failure(client.listUsers());
  assert.equal(error.code, "PERMISSION_DENIED");
});

Deno.test("submitReview() names the author and who submits", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  const requestId = auth.createRequest({ approvalsNeeded: 2 });
  const submit = (author: string, verdict: "approve" | "deny") =>
    client.submitReview({ requestId, author, verdict, reason: "so" });
  const userName = "discord-plugin";
  const refused = await failure(submit("bob", "approve"));
  assert.equal(refused.code, "PERMISSION_DENIED");
  assert.match(refused.detail, /cannot submit reviews on behalf of "bob"/);
  auth.misbehaviour.submitForUsers = true;
  await submit("bob", "approve");
  await submit("carol", "deny");
  const { spec } = auth.state.request(requestId) ?? {};
  assert.deepEqual(
    spec?.reviews.map((r) => [r.author, r.submittedBy, r.proposedState]),
    [["bob", userName, 2], ["carol", userName, 3]],
  );
  assert.equal(spec?.resolveReason, "so");
  const again = await failure(submit("bob", "deny"));
  assert.equal(again.code, "ALREADY_EXISTS");
});

Deno.test("a client certificate is needed, and one of this cluster", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const [host = "", port = ""] = auth.address.split(":");
  const anonymous = connectTls({
    host,
    port: Number(port),
    ca: pki.hostCa.certificate,
    servername: "teleport.cluster.local",
    ALPNProtocols: ["h2"],
  });
  await assert.rejects(once(anonymous, "close"), /alert|closed|reset|hang up/i);

  const foreign = await (await ClusterPki.create()).userCa.issueUser("eve");
  const refused = parseIdentity(formatIdentity(foreign, [pki.hostCa]), "id");
  await using client = connect(auth, { credentials: () => refused });
  const error = await failure(client.ping());
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(auth.calls.length, 0);
});

Deno.test("an expired certificate is refused, and the error says so", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const notAfter = new Date(Date.now() - 1000);
  const notBefore = new Date(Date.now() - 60_000);
  const text = await pki.issueIdentity("bot", { notBefore, notAfter });
  const expired = parseIdentity(text, "id");
  await using client = connect(auth, { credentials: () => expired });
  const error = await failure(client.ping());
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /; certificate expired on \d{4}-/);
  assert.equal(auth.calls.length, 0);
});

Deno.test("a server of another cluster is not trusted", async () => {
  await using auth = await FakeAuthService.start();
  await using client = connect(auth);
  const error = await failure(client.ping());
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /certificate|issuer|verify/);
  assert.equal(auth.calls.length, 0);
});

Deno.test("new credentials serve the next connection", async () => {
  await using auth = await FakeAuthService.start({ pki });
  let current = parseIdentity(identity, "id");
  await using client = connect(auth, { credentials: () => current });
  await client.ping();
  current = parseIdentity(await pki.issueIdentity("renewed"), "id");
  await client.ping();
  const watch = new Watching(client);
  await watch.next();
  await auth.dropConnections();
  await failure(watch.ended);
  await client.ping();
  const calls = auth.calls.map(({ method, user }) => `${method} ${user}`);
  assert.deepEqual(calls, [
    "Ping discord-plugin",
    "Ping discord-plugin",
    "WatchEvents discord-plugin",
    "Ping renewed",
  ]);
});

Deno.test("a server that stays silent runs into the deadline", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth, { timeouts: { callMs: 50, bulkMs: 60 } });
  auth.misbehaviour.silent = true;
  const calls = [
    client.ping(),
    client.getPluginData("id"),
    client.listPluginData(),
    Array.fromAsync(client.listAccessRequests()),
  ];
  // All at once: one that fails while another is waited for would be nobody's.
  for (const { code } of await Promise.all(calls.map(failure))) {
    assert.equal(code, "DEADLINE_EXCEEDED");
  }
});

Deno.test("a listener that never starts TLS is given up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  await using client = connectTo(`127.0.0.1:${listener.addr.port}`, {
    timeouts: { handshakeMs: 50 },
  });
  const error = await failure(client.ping());
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /did not answer within 0.05 s/);
  (await accepted).close();
});

Deno.test("a server that is silent after the TLS handshake is given up", async () => {
  const { key, certificate } = await pki.hostCa.issueServer();
  const server = createTlsServer({
    key,
    cert: certificate,
    ALPNProtocols: ["h2"],
  });
  server.on("secureConnection", (socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  {
    await using client = connectTo(`127.0.0.1:${address.port}`, {
      timeouts: { handshakeMs: 100 },
    });
    const error = await failure(client.ping());
    assert.equal(error.code, "UNAVAILABLE");
    assert.match(error.message, /did not answer within 0.1 s/);
  }
  await new Promise((resolve) => server.close(resolve));
});

Deno.test("a call rejects with the reason of its signal", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  auth.misbehaviour.silent = true;
  const stop = new AbortController();
  const stoppable = client.within(stop.signal);
  const call = stoppable.ping();
  await auth.until(() => auth.calls.length === 1);
  const reason = new Error("stopping");
  stop.abort(reason);
  assert.equal(await call.catch((error) => error), reason);
  assert.equal(await stoppable.ping().catch((e) => e), reason);
  const watch = stoppable.watchEvents(() => {});
  assert.equal(await watch.catch((error) => error), reason);
  assert.equal(auth.calls.length, 1);
});

Deno.test("close() ends calls and watches", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const client = connect(auth);
  auth.misbehaviour.silent = true;
  const call = client.ping();
  const watch = client.watchEvents(() => {});
  await auth.until(() => auth.calls.length === 2);
  const outcomes = Promise.all([failure(call), failure(watch)]);
  await client.channel.close();
  for (const error of await outcomes) assert.equal(error.code, "CANCELLED");
  assert.equal((await failure(client.ping())).code, "UNAVAILABLE");
  const late = await failure(client.watchEvents(() => {}));
  assert.equal(late.code, "UNAVAILABLE");
});

Deno.test("close() ends an attempt to connect", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = connectTo(`127.0.0.1:${silent.addr.port}`, {});
  const outcome = failure(client.ping());
  using _ = await silent.accept();
  await client.channel.close();
  assert.equal((await outcome).code, "CANCELLED");
});

Deno.test("no error shows the key", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth, { timeouts: { callMs: 50, bulkMs: 50 } });
  const errors: unknown[] = [];
  const callAll = async () => {
    const calls: Promise<unknown>[] = [
      client.ping(),
      client.within(AbortSignal.timeout(50)).watchEvents(() => {}),
      client.getAccessRequest("id"),
      client.listPluginData(),
      client.updatePluginData("id", { a: "1" }, {}),
      client.getRoleLogins("role"),
      client.getUser("user"),
      client.getUserLoginState("user"),
      client.listUsers(),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      if (outcome.status === "rejected") errors.push(outcome.reason);
    }
  };
  await callAll();
  auth.misbehaviour.silent = true;
  await callAll();
  await auth.stop();
  await callAll();
  assert.ok(errors.length >= 14, `${errors.length} errors`);
  const shown = errors.map((error) => Deno.inspect(error, { depth: 10 }))
    .join();
  const key = parseIdentity(identity, "id").privateKey.reveal();
  for (const line of key.split("\n").slice(1, -2)) {
    assert.ok(!shown.includes(line));
  }
});

function connect(
  auth: FakeAuthService,
  options: Partial<AuthChannelOptions> = {},
): OwnClient {
  return connectTo(auth.address, options);
}

function connectTo(
  address: string,
  options: Partial<AuthChannelOptions>,
): OwnClient {
  const credentials: Credentials = parseIdentity(identity, "id");
  const base = { address, credentials: () => credentials };
  return new OwnClient({ ...base, ...options });
}

async function failure(call: Promise<unknown>): Promise<TeleportError> {
  const error = await call.then(() => undefined, (error) => error);
  assert.ok(error instanceof TeleportError, `${error}`);
  return error;
}

Deno.test("plugin data above 64 MiB is refused, and read by a call for large answers", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using client = connect(auth);
  for (let i = 0; i < 130; i++) {
    auth.state.updatePluginData({
      kind: "access_request",
      resource: auth.createRequest(),
      plugin: "discord",
      set: new Map([["request_reason", "r".repeat(2 ** 19)]]),
      expect: new Map(),
    });
  }
  assert.equal(
    (await failure(client.listPluginData())).code,
    "RESOURCE_EXHAUSTED",
  );
  assert.equal([...(await client.listPluginData("large")).keys()].length, 130);
  // The connection for it is closed.
  await auth.until(({ connections }) => connections === 1);
});
