import assert from "node:assert/strict";
import { TeleportLookups } from "../../src/people/teleport_lookups.ts";
import { formatResourceId } from "../../src/ports/access_request.ts";
import type { StatusName } from "../../src/ports/teleport_error.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import { MemoryAuth, teleportError } from "../fakes/memory_auth.ts";

const NODE = resource("node", "n1");
const OTHER_NODE = resource("node", "n2");
const GROUP = resource("user_group", "g1");
const WEB = { friendlyName: "web", labels: new Map([["env", "prod"]]) };

function resource(kind: string, name: string) {
  return { cluster: "c", kind, name, subResource: "" };
}

function setUp() {
  const clock = new FakeClock();
  const auth = new MemoryAuth(clock);
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const { signal } = stop;
  const teleportLookups = new TeleportLookups({ auth, clock, logger, signal });
  const { calls } = auth.script;
  return { clock, auth, logger, stop, teleportLookups, calls };
}

Deno.test("logins, traits and resources are remembered for a minute", async () => {
  const { clock, teleportLookups, calls } = setUp();
  const ask = () =>
    Promise.all([
      teleportLookups.logins("dev"),
      teleportLookups.traits("alice"),
      teleportLookups.resources([NODE]),
    ]);
  const expected = [
    ["root"],
    new Map(),
    new Map([[formatResourceId(NODE), WEB]]),
  ];
  assert.deepEqual(await ask(), expected);
  const made = calls.length;
  await clock.advance(60_000);
  assert.deepEqual(await ask(), expected);
  assert.equal(calls.length, made);
  await clock.advance(1);
  await ask();
  assert.equal(calls.length, 2 * made);
});

Deno.test("whoever asks while a call is under way shares it", async () => {
  const { clock, auth, teleportLookups, calls } = setUp();
  auth.script.next("GetRole dev", { takesMs: 100 });
  const both = Promise.all([
    teleportLookups.logins("dev"),
    teleportLookups.logins("dev"),
  ]);
  assert.deepEqual(await clock.run(both), [["root"], ["root"]]);
  assert.deepEqual(calls, ["GetRole dev"]);
});

Deno.test("only resources that are not known yet are asked for, a call for each kind", async () => {
  const { auth, teleportLookups, calls } = setUp();
  await teleportLookups.resources([NODE]);
  const found = await teleportLookups.resources([NODE, GROUP, OTHER_NODE]);
  assert.deepEqual(
    new Set(found.keys()),
    new Set([NODE, GROUP, OTHER_NODE].map(formatResourceId)),
  );
  assert.deepEqual(calls, [
    "ListResources node",
    "ListResources user_group",
    "ListResources node",
  ]);
  auth.script.always("ListResources node", {
    refuse: teleportError("PERMISSION_DENIED"),
  });
  // What is not found is an answer too.
  assert.equal((await teleportLookups.resources([NODE, GROUP])).size, 2);
});

Deno.test("traits are those of the last login, else those of the user", async () => {
  const { auth, teleportLookups } = setUp();
  auth.users.set("alice", { traits: new Map([["team", ["user"]]]) });
  auth.users.set("bob", { traits: new Map([["team", ["user"]]]) });
  auth.loginStates.set("alice", { traits: new Map([["team", ["login"]]]) });
  const team = async (user: string) =>
    (await teleportLookups.traits(user)).get("team");
  assert.deepEqual(await team("alice"), ["login"]);
  assert.deepEqual(await team("bob"), ["user"]);
  assert.equal(await team("nobody"), undefined);
  assert.deepEqual(auth.script.made("GetUser "), [
    "GetUser bob",
    "GetUser nobody",
  ]);
});

for (const code of ["PERMISSION_DENIED", "UNIMPLEMENTED"] as const) {
  Deno.test(`a login state that is refused with ${code} gives way to the user`, async () => {
    const { auth, teleportLookups } = setUp();
    const traits = new Map([["team", ["red"]]]);
    auth.users.set("alice", { traits });
    auth.script.always("GetUserLoginState", { refuse: teleportError(code) });
    assert.deepEqual(await teleportLookups.traits("alice"), traits);
  });
}

Deno.test("a failure is told, and not remembered", async () => {
  const { auth, teleportLookups, calls } = setUp();
  for (const method of ["GetRole", "GetUserLoginState", "ListResources"]) {
    auth.script.always(method, { refuse: teleportError("UNAVAILABLE") });
  }
  const asks = [
    () => teleportLookups.logins("dev"),
    () => teleportLookups.traits("alice"),
    () => teleportLookups.resources([NODE]),
  ];
  for (const ask of [...asks, ...asks]) {
    await assert.rejects(ask(), { code: "UNAVAILABLE" });
  }
  assert.equal(calls.length, 6);
});

Deno.test("after 3 s a call is left alone", async () => {
  const { clock, auth, teleportLookups } = setUp();
  auth.script.next("GetRole dev", { takesMs: 60_000 });
  await assert.rejects(clock.run(teleportLookups.logins("dev")), {
    code: "DEADLINE_EXCEEDED",
  });
  assert.equal(clock.monotonic(), 3000);
  assert.equal(clock.sleepers, 0, "the call was left waiting");
});

Deno.test("a missing rule is named once", async () => {
  const { auth, logger, teleportLookups } = setUp();
  deny(auth, "PERMISSION_DENIED");
  for (let i = 0; i < 2; i++) {
    await assert.rejects(teleportLookups.logins("dev"));
    await assert.rejects(teleportLookups.traits("alice"));
    await assert.rejects(teleportLookups.resources([NODE, GROUP]));
  }
  const lines = logger.at("warning")
    .map(({ fields }) => [fields["what"], fields["hint"]]);
  const hint = (item: string) =>
    `add below spec.allow.rules of the plugin's role: - ${item}`;
  assert.deepEqual(
    new Map(lines as [string, string][]),
    new Map([
      ["role", hint("{resources: [role], verbs: [read]}")],
      [
        "user",
        hint("{resources: [user, user_login_state], verbs: [read]}"),
      ],
      [
        "node",
        hint(
          '{resources: [node], verbs: [list, read]} and below spec.allow: node_labels: {"*": "*"}',
        ),
      ],
      [
        "user_group",
        hint(
          '{resources: [user_group], verbs: [list, read]} and below spec.allow: group_labels: {"*": "*"}',
        ),
      ],
    ]),
  );
  assert.equal(lines.length, 4);
});

Deno.test("stopping ends every call without a word", async () => {
  const { clock, auth, logger, stop, teleportLookups } = setUp();
  auth.script.next("GetRole dev", { takesMs: 1000 });
  const asked = teleportLookups.logins("dev");
  const reason = new Error("stopping");
  stop.abort(reason);
  await assert.rejects(asked, reason);
  await clock.advance(0);
  assert.equal(clock.sleepers, 0);
  assert.deepEqual(logger.lines, []);
});

function deny(auth: MemoryAuth, code: StatusName): void {
  for (const method of ["GetRole", "GetUser", "ListResources"]) {
    auth.script.always(method, { refuse: teleportError(code) });
  }
}
