import assert from "node:assert/strict";
import {
  convertAccessRequest,
  convertEvent,
  convertPing,
  convertPluginData,
  convertTime,
} from "../../../src/teleport/client/convert.ts";
import {
  Event,
  Operation,
  PingResponse,
  PluginDataSeq,
} from "../../../src/teleport/gen/auth_service.ts";
import {
  AccessRequestKind,
  AccessRequestV3,
  RequestState,
} from "../../../src/teleport/gen/types/access_request.ts";

const FOLDER = new URL("../../fixtures/wire/", import.meta.url);
const ZERO_TIME = { seconds: -62_135_596_800n, nanos: 0 };
const NOON = { seconds: 1_800_000_000n, nanos: 123_456_789 };

Deno.test("convertEvent() converts a request for resources", async () => {
  assert.deepEqual(convertEvent(await readEvent("event-put-resources")), {
    kind: "put",
    request: {
      id: "01a204dc-b6b7-7bcf-a20c-b6d71de7d719",
      user: "andy",
      roles: ["node-access"],
      state: "PENDING",
      kind: "UNDEFINED",
      created: new Date("2026-11-22T20:05:03.287Z"),
      requestExpires: new Date("2026-11-25T20:05:03.288Z"),
      accessStarts: undefined,
      accessExpires: new Date("2026-11-25T20:05:03.288Z"),
      maxDuration: undefined,
      reason: "resources",
      resolveReason: "",
      reviews: [],
      suggestedReviewers: ["rita", "rob"],
      resources: [
        resource("node", "11111111-2222-4333-8444-555555555555"),
        resource("node", "11111111-2222-4333-8444-666666666666"),
        resource("app", "grafana"),
      ],
      systemAnnotations: {
        pagerduty_services: ["svc-1", "svc-2"],
        teams: ["platform", "플랫폼"],
      },
      promotedTo: undefined,
      unknownFields: [],
    },
  });
});

Deno.test("what is converted keeps no generated message alive", async () => {
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!/^event-.*\.bin$/.test(name)) continue;
    const event = convertEvent(await readEvent(name.slice(0, -4)));
    assert.deepEqual(unknownFieldsIn(event), [], name);
  }
});

/** Finds the marks of generated messages, by their paths. */
function unknownFieldsIn(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = value instanceof Map
    ? [...value]
    : Object.entries(value) as [unknown, unknown][];
  return entries.flatMap(([key, child]) =>
    key === "_unknownFields"
      ? [path]
      : unknownFieldsIn(child, `${path}.${String(key)}`)
  );
}

Deno.test("convertEvent() converts reviews, and no access list where none is", async () => {
  const event = convertEvent(await readEvent("event-put-approved-reviews"));
  assert.equal(event.kind, "put");
  assert.equal(event.request.state, "APPROVED");
  assert.equal(event.request.promotedTo, undefined);
  assert.deepEqual(
    event.request.reviews.map(({ author, proposedState, created }) => [
      author,
      proposedState,
      created.getFullYear(),
    ]),
    [["rita", "APPROVED", 2026], ["rob", "APPROVED", 2026]],
  );
});

Deno.test("convertEvent() converts a start that a reviewer moved", async (t) => {
  const cases: [string, string, string | undefined][] = [
    // tsh request create --roles=dev --assume-start-time=… --session-ttl=24h
    ["event-put-start", "2026-12-01T00:44:03Z", undefined],
    ["event-put-start-moved", "2026-12-01T01:44:48Z", "2026-12-01T01:44:48Z"],
    // The second review says nothing of a start, and leaves it where it is.
    ["event-put-start-approved", "2026-12-01T01:44:48Z", undefined],
    // tctl requests approve --assume-start-time=…, on an approved request
    ["event-put-start-tctl", "2026-11-30T08:44:54Z", undefined],
    ["event-put-start-resource", "2026-11-30T06:46:10Z", undefined],
  ];
  for (const [name, start, proposed] of cases) {
    await t.step(name, async () => {
      const event = convertEvent(await readEvent(name));
      assert.equal(event.kind, "put");
      const { accessStarts, reviews, unknownFields } = event.request;
      assert.deepEqual(accessStarts, new Date(start));
      assert.deepEqual(
        reviews.at(-1)?.proposedStart,
        proposed === undefined ? undefined : new Date(proposed),
      );
      assert.deepEqual(unknownFields, []);
    });
  }
});

Deno.test("convertEvent() converts INIT and DELETE", async () => {
  assert.deepEqual(convertEvent(await readEvent("event-init")), {
    kind: "init",
    kinds: ["access_request", "access_monitoring_rule"],
  });
  assert.deepEqual(convertEvent(await readEvent("event-delete")), {
    kind: "delete",
    requestId: "01a204dc-a717-7273-9cd3-bca401af2436",
  });
  assert.deepEqual(convertEvent(Event.create({})), {
    kind: "init",
    kinds: ["access_request", "access_monitoring_rule"],
  });
});

Deno.test("convertEvent() converts rules", async () => {
  const rule = {
    name: "dev-requests",
    subjects: ["access_request"],
    condition: 'access_request.spec.roles.contains("dev")',
    plugin: "discord",
    recipients: ["1000000000000000001"],
    schedules: new Map(),
    unreadable: undefined,
  };
  for (const name of ["event-rule-put", "event-rule-put-review"]) {
    const event = convertEvent(await readEvent(name));
    assert.deepEqual(event, { kind: "put rule", rule });
  }
  const event = convertEvent(await readEvent("event-rule-delete"));
  assert.deepEqual(event, { kind: "delete rule", name: "dev-requests" });
});

Deno.test("convertEvent() calls the rest unknown", () => {
  for (const type of [Operation.PUT, Operation.DELETE]) {
    assert.equal(convertEvent(Event.create({ type })).kind, "unknown");
  }
  const nameless = Event.create({ type: Operation.PUT, accessRequest: {} });
  assert.equal(convertEvent(nameless).kind, "unknown");
  // Field 1 with the value 9: an operation that does not exist yet.
  const future = Event.decode(new Uint8Array([8, 9]));
  assert.deepEqual(convertEvent(future), {
    kind: "unknown",
    detail: "operation 9",
  });
});

Deno.test("convertTime() knows a time that is not set", () => {
  assert.equal(convertTime(undefined), undefined);
  assert.equal(convertTime(ZERO_TIME), undefined);
  assert.equal(
    convertTime(NOON)?.toISOString(),
    "2027-01-15T08:00:00.123Z",
  );
  assert.equal(convertTime({ seconds: 0n, nanos: 0 })?.getTime(), 0);
  assert.equal(convertTime({ seconds: 2n ** 60n, nanos: 0 }), undefined);
});

Deno.test("convertAccessRequest() reads unset and unknown as such", () => {
  const request = convertAccessRequest(AccessRequestV3.create({
    metadata: { name: "id" },
    spec: {
      expires: ZERO_TIME,
      maxDuration: ZERO_TIME,
      resourceExpiry: ZERO_TIME,
      state: 17 as typeof RequestState.PENDING,
      requestKind: 17 as typeof AccessRequestKind.LONG_TERM,
    },
  }));
  assert.equal(request.state, "UNKNOWN");
  assert.equal(request.kind, "UNDEFINED");
  assert.equal(request.requestExpires, undefined);
  assert.equal(request.accessExpires, undefined);
  assert.equal(request.maxDuration, undefined);
  assert.deepEqual(convertAccessRequest(AccessRequestV3.create()).roles, []);
});

Deno.test("convertAccessRequest() tells a duration that was asked for", () => {
  const later = { ...NOON, nanos: NOON.nanos + 1 };
  const of = (maxDuration: typeof NOON) =>
    convertAccessRequest(
      AccessRequestV3.create({ spec: { expires: NOON, maxDuration } }),
    ).maxDuration;
  assert.equal(of({ ...NOON }), undefined);
  assert.ok(of(later) instanceof Date);
});

Deno.test("convertAccessRequest() falls back to the expiry of the object", () => {
  const request = convertAccessRequest(AccessRequestV3.create({
    metadata: { expires: NOON },
    spec: {},
  }));
  assert.equal(request.requestExpires?.getTime(), 1_800_000_000_123);
});

Deno.test("convertAccessRequest() prefers resource access IDs", () => {
  const id = (name: string) => ({ clusterName: "c", kind: "node", name });
  const request = convertAccessRequest(AccessRequestV3.create({
    spec: {
      state: RequestState.PROMOTED,
      requestKind: AccessRequestKind.LONG_TERM,
      accessList: { name: "7", title: "Developers" },
      requestedResourceIds: [id("old")],
      requestedResourceAccessIds: [{ id: id("new") }],
    },
  }));
  assert.deepEqual(request.resources.map(({ name }) => name), ["new"]);
  assert.equal(request.kind, "LONG_TERM");
  assert.equal(request.promotedTo, "Developers");
});

Deno.test("convertPluginData() takes one plugin's entry", async () => {
  const bytes = await Deno.readFile(new URL("plugin-data.bin", FOLDER));
  const [message] = PluginDataSeq.decode(bytes).pluginData;
  assert.ok(message);
  const stored = convertPluginData(message, "discord");
  assert.deepEqual(stored?.entries, {
    messages: "1122334455667788990/2233445566778899001",
    roles: "dev",
    user: "alice",
  });
  assert.ok(stored?.expires instanceof Date);
  assert.equal(convertPluginData(message, "slack"), undefined);
});

Deno.test("convertPing() gives a web address only where reviews are possible", async () => {
  const bytes = await Deno.readFile(new URL("ping.bin", FOLDER));
  const message = PingResponse.decode(bytes);
  const expected = {
    clusterName: "example.com",
    serverVersion: "18.0.0",
    webAddress: "",
    takesReviews: false,
  };
  assert.deepEqual(convertPing(message), expected);
  const serverFeatures = { advancedAccessWorkflows: true };
  assert.deepEqual(convertPing({ ...message, serverFeatures }), {
    ...expected,
    webAddress: "localhost:45443",
    takesReviews: true,
  });
});

function resource(kind: string, name: string) {
  return { cluster: "example.com", kind, name, subResource: "" };
}

async function readEvent(name: string): Promise<Event> {
  return Event.decode(await Deno.readFile(new URL(`${name}.bin`, FOLDER)));
}
