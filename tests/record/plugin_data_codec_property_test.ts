import fc from "fast-check";
import assert from "node:assert/strict";
import type { ResourceConstraints } from "../../src/ports/access_request.ts";
import { HIDEABLE_FIELDS } from "../../src/record/hidden_fields.ts";
import {
  type Delivery,
  type PluginData,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
  type Thread,
} from "../../src/record/plugin_data.ts";
import {
  decodePluginData,
  encodeChanges,
  encodePluginData,
  type Entries,
} from "../../src/record/plugin_data_codec.ts";
import { pluginData, storedEntries } from "../fakes/samples.ts";

const permissions = "none";

const text = fc.string({ unit: "binary", maxLength: 12 });
const name = text.filter((text) => text !== "" && !text.includes(","));
const lists = fc.array(fc.tuple(text, fc.array(text, { maxLength: 3 })), {
  minLength: 1,
  maxLength: 4,
}).map((entries) => new Map(entries));
const snowflake = fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String);
const time = fc.option(
  fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  }).map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)),
  { nil: undefined },
);
const count = fc.nat(999_999);
const counts = fc.tuple(count, count, count).map((
  [approvals, denials, promotions],
) => ({ approvals, denials, promotions }));
const generation = fc.integer({ min: 1, max: 999_999_999 });
const recipient = fc.oneof(snowflake, snowflake.map((id) => `user:${id}`));
const delivery: fc.Arbitrary<Delivery> = fc.oneof(
  generation.map((generation) => ({ kind: "owed", generation } as const)),
  fc.tuple(
    snowflake,
    snowflake,
    generation,
    fc.constantFrom(SHOWS_UNKNOWN, SHOWS_GONE, "DENIED-0-1-0-9a.lr"),
    fc.subarray([...HIDEABLE_FIELDS]),
  ).map(([channelId, messageId, generation, shows, hides]) => ({
    kind: "posted",
    message: { channelId, messageId },
    generation,
    shows,
    hides,
  } as const)),
  fc.constant({ kind: "dropped" as const }),
);
const said = fc.constantFrom("PENDING-0-0-0", "PENDING-3", "DENIED-1-2-0");
const thread: fc.Arbitrary<Thread> = fc.oneof(
  fc.constantFrom({ kind: "wanted" } as const, { kind: "none" } as const),
  said.map((said) => ({ kind: "open", said } as const)),
  said.map((said) => ({ kind: "closed", said } as const)),
);
/** What must not occur twice among deliveries. */
const refOf = (delivery: Delivery) =>
  delivery.kind === "posted" ? JSON.stringify(delivery.message) : {};

const anyData: fc.Arbitrary<PluginData> = fc.record({
  user: text,
  roles: fc.array(name, { maxLength: 4 }),
  reason: text,
  resources: fc.array(text, { maxLength: 4 }),
  constraints: fc.array(
    fc.tuple(
      fc.nat(300),
      fc.oneof(
        fc.record({
          kind: fc.constantFrom("aws_console", "ssh", "windows_desktop"),
          values: fc.array(text, { minLength: 1, maxLength: 3 }),
        }, { noNullPrototype: true }),
        fc.constant({ kind: "unknown" as const, values: [] }),
      ),
    ),
    { maxLength: 3 },
  ).map((entries) => new Map<number, ResourceConstraints>(entries)),
  unknownFields: fc.array(
    fc.constantFrom("AccessRequestSpecV3.28", "ResourceConstraints.ssh.2"),
    { maxLength: 2 },
  ),
  reviewsCount: fc.nat(999_999_999),
  resolution: fc.constantFrom(
    "",
    "APPROVED",
    "DENIED",
    "PROMOTED",
    "EXPIRED",
  ),
  resolveReason: text,
  annotations: fc.oneof(fc.constant(new Map()), lists),
  loginsByRole: fc.option(lists, { nil: undefined }),
  own: fc.boolean(),
  leaseHolder: text,
  renewed: time,
  kind: fc.constantFrom("UNDEFINED", "SHORT_TERM", "LONG_TERM"),
  created: time,
  requestExpires: time,
  accessStarts: time,
  accessExpires: time,
  reviewCounts: fc.option(counts, { nil: undefined }),
  inferred: fc.boolean(),
  userId: fc.option(fc.oneof(snowflake, fc.constant("?")), { nil: undefined }),
  mentions: fc.array(
    fc.oneof(
      snowflake.map((id) => `role:${id}`),
      snowflake.map((id) => `user:${id}`),
      fc.constant("?"),
    ),
    { maxLength: 3 },
  ),
  told: fc.option(
    fc.constantFrom(
      "PENDING-0-0-0",
      "APPROVED-2",
      "EXPIRED-1-0-3",
      "APPROVED-1-0-0@2026-11-30T08:00:00Z",
    ),
    { nil: undefined },
  ),
  reminded: fc.array(
    fc.tuple(recipient, fc.constant(new Date("2026-11-22T21:00:00Z"))),
    { maxLength: 2 },
  ).map((entries) => new Map(entries)),
  reminders: fc.array(
    fc.tuple(
      recipient,
      fc.record({
        number: fc.integer({ min: 1, max: 9999 }),
        messageId: snowflake,
      }, { noNullPrototype: true }),
    ),
    { maxLength: 2 },
  ).map((entries) => new Map(entries)),
  escalated: fc.option(fc.integer({ min: 1, max: 999_999_999 }), {
    nil: undefined,
  }),
  called: fc.array(
    fc.tuple(recipient, fc.integer({ min: 1, max: 999_999_999 })),
    { maxLength: 2 },
  ).map((entries) => new Map(entries)),
  mentionsAt: fc.array(
    fc.tuple(
      recipient,
      fc.array(snowflake.map((id) => `role:${id}`), { maxLength: 2 }),
    ),
    { maxLength: 2 },
  ).map((entries) => new Map(entries)),
  toldEnd: fc.option(fc.constant(new Date("2026-11-22T22:00:00Z")), {
    nil: undefined,
  }),
  ended: fc.array(recipient, { maxLength: 2 }).map((all) => new Set(all)),
  threads: fc.array(fc.tuple(recipient, thread), { maxLength: 2 }).map((
    entries,
  ) => new Map(entries)),
  tags: fc.array(fc.tuple(recipient, fc.constantFrom("PENDING", "DENIED")), {
    maxLength: 2,
  }).map((entries) => new Map(entries)),
  deliveries: fc.uniqueArray(fc.tuple(recipient, delivery), {
    maxLength: 5,
    selector: ([recipient]) => recipient,
  }).filter((entries) =>
    new Set(entries.map(([, delivery]) => refOf(delivery))).size ===
      entries.length
  ).map((entries) => new Map(entries)),
}, { noNullPrototype: true });

Deno.test("decoding gives back what was encoded", { permissions }, () => {
  fc.assert(fc.property(anyData, (data) => {
    const entries = encodePluginData(data);
    assert.deepEqual(decodePluginData(entries), data);
    assert.deepEqual(decodePluginData(storedEntries(entries)), data);
    const again = encodePluginData(decodePluginData(storedEntries(entries)));
    assert.deepEqual(again, entries);
  }));
});

const ref = fc.tuple(fc.constantFrom("1", "2", "30"), fc.nat(9)).map((ids) =>
  ids.join("/")
);
const refs = fc.array(fc.oneof(ref, fc.constantFrom("", " 1/2", "1/2/3", "x")))
  .map((refs) => refs.join(","));
const json = fc.oneof(fc.json(), lists.map((map) => JSON.stringify([...map])));
const nearly = fc.oneof(
  text,
  json,
  refs,
  fc.constantFrom("owed", "owed 1", "dropped", "1", "1/2/3", "APPROVED"),
  ref.map((ref) => `${ref} 1 ?`),
);
const foreign: fc.Arbitrary<Entries> = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...Object.keys(encodePluginData(pluginData()))),
    fc.constantFrom(
      "channel_id",
      "timestamp",
      "x-to:",
      "x-to:1",
      "x-to:user:2",
    ),
    text,
  ),
  nearly,
);

Deno.test("foreign data never throws, and every message in it is kept", {
  permissions,
}, () => {
  fc.assert(
    fc.property(foreign, (entries) => {
      const data = decodePluginData(entries);
      const encoded = encodePluginData(data);
      assert.deepEqual(encodePluginData(decodePluginData(encoded)), encoded);
      const kept = new Set(encoded.messages?.split(","));
      for (const ref of (entries["messages"] ?? "").split(",")) {
        if (/^\d{1,20}\/\d{1,20}$/.test(ref)) assert.ok(kept.has(ref), ref);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("written over stored data, changes make it say what they should", {
  permissions,
}, () => {
  fc.assert(fc.property(foreign, anyData, (entries, wanted) => {
    const before = decodePluginData(entries);
    // No delivery is ever forgotten.
    const deliveries = new Map([...before.deliveries, ...wanted.deliveries]);
    const after: PluginData = { ...wanted, deliveries };
    const changes = encodeChanges(before, after);
    for (const [key, value] of Object.entries(changes)) {
      assert.notEqual(value, encodePluginData(before)[key] ?? "");
    }
    const stored = { ...entries, ...changes };
    assert.deepEqual(
      storedEntries(encodePluginData(decodePluginData(stored))),
      storedEntries(encodePluginData(after)),
    );
  }));
});
