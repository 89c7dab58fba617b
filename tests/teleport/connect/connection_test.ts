import assert from "node:assert/strict";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { StallDetector } from "../../../src/lib/async/stall_detector.ts";
import { ConnectError } from "../../../src/teleport/connect/connect_error.ts";
import { Connection } from "../../../src/teleport/connect/connection.ts";
import { RouteFault } from "../../../src/teleport/connect/route_fault.ts";
import { parseIdentity } from "../../../src/teleport/credentials/identity.ts";
import { FakeAuthService } from "../../fakes/auth_service.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { Relay } from "../../fakes/middle_boxes.ts";
import { ClusterPki } from "../../fakes/pki.ts";
import { Watching } from "../client/watching.ts";
import { Linked } from "./linked.ts";

const pki = await ClusterPki.create();
const credentials = await issue("discord-plugin");
const never = new AbortController().signal;

async function issue(user: string, validMs = 3_600_000) {
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(Date.now() + validMs);
  const text = await pki.issueIdentity(user, { notBefore, notAfter });
  return parseIdentity(text, "id");
}

Deno.test("calls wait for the first connection", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await auth.stop();
  await using linked = new Linked(auth.address, credentials);
  const call = linked.client.listPluginData();
  await linked.logger.waitFor("cannot connect to the Auth Service, will retry");
  await auth.restart();
  assert.deepEqual([...(await call).keys()], []);
  assert.deepEqual(linked.routes, ["direct"]);
});

Deno.test("a failure is told once, not at each attempt", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await auth.stop();
  await using linked = new Linked(auth.address, credentials);
  await linked.logger.waitFor("cannot connect to the Auth Service, will retry");
  await auth.restart();
  await linked.connection.connected(never);
  assert.equal(linked.logger.find(({ level }) => level !== "info").length, 1);
});

Deno.test("a lost connection is found again, and the watch ends", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using linked = new Linked(auth.address, credentials);
  const watch = new Watching(linked.client);
  await watch.next();
  await auth.dropConnections();
  await assert.rejects(watch.ended, { code: "UNAVAILABLE" });
  assert.equal((await new Watching(linked.client).next()).kind, "init");
  await linked.untilConnected(2);
  const { fields } = await linked.logger.waitFor(
    "lost the connection to the Auth Service",
  );
  assert.doesNotMatch(`${fields["err"]}`, /handshake/);
});

Deno.test("new credentials take over: no call is lost, the watch ends after the new connection is up", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using linked = new Linked(auth.address, credentials);
  const { client } = linked;
  const watch = new Watching(client);
  await watch.next();
  let isOver = false;
  const calls = Array.from({ length: 4 }, async () => {
    while (!isOver) await client.getPluginData("id");
  });
  linked.renew(await issue("renewed"));
  await assert.rejects(watch.ended, /the connection is replaced/);
  assert.equal(linked.routes.length, 2);
  assert.equal((await new Watching(client).next()).kind, "init");
  isOver = true;
  await Promise.all(calls);
  const watches = auth.calls.filter(({ method }) => method === "WatchEvents");
  assert.deepEqual(watches.map(({ user }) => user), [
    "discord-plugin",
    "renewed",
  ]);
  await auth.until(({ connections }) => connections === 1);
  assert.deepEqual(linked.logger.lines, []);
});

Deno.test("new credentials that are refused leave the old connection alone", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using linked = new Linked(auth.address, credentials);
  const watch = new Watching(linked.client);
  await watch.next();
  const foreign = await (await ClusterPki.create()).issueIdentity("eve");
  linked.renew(parseIdentity(foreign, "id"));
  await linked.logger.waitFor(
    "cannot connect with the new credentials, keeping the old connection",
  );
  auth.createRequest();
  assert.equal((await watch.next()).kind, "put");
  linked.renew(await issue("renewed"));
  await linked.untilConnected(2);
});

Deno.test("expired credentials: what to do is told, the connection stays, and it recovers", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const expiring = await issue("discord-plugin", 1500);
  await using linked = new Linked(auth.address, expiring);
  const watch = new Watching(linked.client);
  await watch.next();
  while (Date.now() <= expiring.notAfter.getTime() + 1000) {
    await linked.client.getPluginData("id");
  }
  await auth.dropConnections();
  await assert.rejects(watch.ended);
  const line = await linked.logger.waitFor(
    "cannot connect to the Auth Service, will retry",
  );
  assert.equal(line.level, "error");
  assert.match(`${line.fields["err"]}`, /certificate expired on/);
  linked.renew(await issue("renewed"));
  assert.equal((await new Watching(linked.client).next()).kind, "init");
});

Deno.test("GOAWAY moves all calls to a new connection", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using linked = new Linked(auth.address, credentials);
  const watch = new Watching(linked.client);
  await watch.next();
  auth.goAway();
  await assert.rejects(watch.ended, /the connection is lost/);
  assert.equal((await new Watching(linked.client).next()).kind, "init");
  await auth.until(({ connections }) => connections === 1);
});

Deno.test("a connection that falls silent is found out, and replaced", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using relay = await Relay.start(auth.address);
  const keepalive = { pingMs: 100, answerMs: 400 };
  await using linked = new Linked(relay.address, credentials, { keepalive });
  const watch = new Watching(linked.client);
  await watch.next();
  relay.freeze();
  const id = auth.createRequest();
  await assert.rejects(watch.ended, { code: "UNAVAILABLE" });
  await linked.untilConnected(2);
  const found = await linked.client.getAccessRequest(id);
  assert.equal(found?.id, id);
  assert.equal((await new Watching(linked.client).next()).kind, "init");
  await linked.logger.waitFor("lost the connection to the Auth Service");
});

Deno.test("closing the link ends what runs on it", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const linked = new Linked(auth.address, credentials);
  const watch = new Watching(linked.client);
  await watch.next();
  const ended = assert.rejects(watch.ended);
  await linked[Symbol.asyncDispose]();
  await ended;
});

Deno.test("closing the link ends an attempt to connect", async () => {
  const linked = new Linked("127.0.0.1:1", credentials);
  await linked.logger.waitFor("cannot connect to the Auth Service, will retry");
  await linked[Symbol.asyncDispose]();
});

Deno.test("attempts to connect, however many, leave nothing with the credentials", async () => {
  let listened = 0;
  let listening = 0;
  const { signal } = new AbortController();
  const replaced = Object.assign(signal, {
    addEventListener() {
      listened++;
      listening++;
    },
    removeEventListener() {
      listening--;
    },
  });
  const enough = Promise.withResolvers<void>();
  let attempts = 0;
  await using _ = new Connection({
    dialer: {
      connect() {
        if (++attempts === 20) enough.resolve();
        return Promise.reject(new Error("nobody there"));
      },
    },
    keeper: { credentials, replaced },
    clock: {
      ...systemClock,
      sleep: (_, signal) => systemClock.sleep(0, signal),
    },
    logger: new MemoryLogger(),
    onConnected: () => {},
  });
  await enough.promise;
  assert.deepEqual({ listened, listening }, { listened: 20, listening: 1 });
});

for (
  const [kind, expected] of [
    ["user refused", "error, 1000 to 30000 ms"],
    ["certificate refused", "error, 1000 to 30000 ms"],
    ["closed", "warning, 100 to 1000 ms"],
    ["server error", "warning, 100 to 1000 ms"],
  ] as const
) {
  Deno.test(`after the fault "${kind}": ${expected}`, async () => {
    const logger = new MemoryLogger();
    const waits: number[] = [];
    const enough = Promise.withResolvers<void>();
    const place = { address: "a:1", route: undefined };
    const fault = new RouteFault(kind, "no", place);
    await using _ = new Connection({
      dialer: {
        connect: () => Promise.reject(new ConnectError("no", "hint", [fault])),
      },
      keeper: { credentials, replaced: new AbortController().signal },
      clock: {
        ...systemClock,
        sleep(ms, signal) {
          if (waits.push(ms) === 30) enough.resolve();
          return systemClock.sleep(0, signal);
        },
        // Each wait is three times the one before it, up to the longest.
        random: () => 1,
      },
      logger,
      onConnected: () => {},
    });
    await enough.promise;
    const [line, ...more] = logger.lines;
    assert.deepEqual(more, []);
    const [first = 0] = waits;
    const least = first / 3;
    assert.equal(`${line?.level}, ${least} to ${waits.at(-1)} ms`, expected);
  });
}

Deno.test("a port where nobody listens is asked every 0.2 to 0.4 s for a minute", async () => {
  const place = { address: "a:1", route: undefined };
  const refusal = new ConnectError("no", "hint", [
    new RouteFault("refused", "no", place),
  ]);
  const waits: number[] = [];
  const enough = Promise.withResolvers<void>();
  let elapsedMs = 0;
  let randoms = 0;
  await using _ = new Connection({
    dialer: { connect: () => Promise.reject(refusal) },
    keeper: { credentials, replaced: new AbortController().signal },
    clock: {
      ...systemClock,
      monotonic: () => elapsedMs,
      sleep(ms, signal) {
        elapsedMs += ms;
        waits.push(ms);
        if (elapsedMs > 70_000) enough.resolve();
        return systemClock.sleep(0, signal);
      },
      random: () => randoms++ % 2,
    },
    logger: new MemoryLogger(),
    onConnected: () => {},
  });
  await enough.promise;
  assert.deepEqual(waits.slice(0, 200), Array(100).fill([200, 400]).flat());
  assert.deepEqual(waits.slice(200, 202), [100, 300]);
});

Deno.test("an attempt to connect that never ends shows that the program is stuck", async () => {
  const clock = new FakeClock();
  const stalls = new StallDetector(clock);
  const connected = Promise.withResolvers<never>();
  const connection = new Connection({
    dialer: { connect: () => connected.promise },
    keeper: { credentials, replaced: new AbortController().signal },
    clock,
    logger: new MemoryLogger(),
    onConnected: () => {},
    stalls,
  });
  await clock.advance(300_000);
  assert.equal(stalls.stalledIn, undefined);
  await clock.advance(1);
  assert.equal(stalls.stalledIn, "connect");
  connected.reject(new Error("let go"));
  await connection[Symbol.asyncDispose]();
});
