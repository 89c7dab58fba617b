import assert from "node:assert/strict";
import type { ResourceConstraints } from "../../src/ports/access_request.ts";
import {
  type Delivery,
  NOT_KNOWN,
  type PluginData,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
  type Thread,
  withDelivery,
  withOwedTimes,
} from "../../src/record/plugin_data.ts";
import {
  decodePluginData,
  encodeChanges,
  encodePluginData,
  type Entries,
  EXPECT_ABSENT,
} from "../../src/record/plugin_data_codec.ts";
import {
  CREATED,
  hoursLater,
  officialData,
  pluginData,
  posted,
  storedEntries,
} from "../fakes/samples.ts";
import officialMessages from "../fixtures/official-messages.json" with {
  type: "json",
};

const permissions = "none";

function deliveriesOf(entries: Entries): [string, Delivery][] {
  return [...decodePluginData(entries).deliveries];
}

const OWED: Delivery = { kind: "owed", generation: 1 };

Deno.test("every key has its form", { permissions }, () => {
  const entries = encodePluginData(pluginData({
    roles: ["dev", "ops"],
    reason: "fix <it>",
    resources: ["node/a&b", "node/c", "app/d"],
    constraints: new Map<number, ResourceConstraints>([
      [0, { kind: "ssh", values: ["root", "<b>"] }],
      [2, { kind: "unknown", values: [] }],
    ]),
    unknownFields: ["AccessRequestSpecV3.28", "ResourceConstraints.12"],
    accessStarts: hoursLater(4),
    reviewsCount: 3,
    resolution: "EXPIRED",
    resolveReason: "too late",
    annotations: new Map([["service", ["on-call"]]]),
    loginsByRole: new Map([["ops", []], ["dev", ["root"]]]),
    leaseHolder: "p1",
    renewed: CREATED,
    kind: "SHORT_TERM",
    reviewCounts: { approvals: 2, denials: 1, promotions: 0 },
    inferred: true,
    deliveries: new Map<string, Delivery>([
      ["11", posted("11", "PENDING-0-0-0.")],
      ["user:7", {
        ...posted("12", SHOWS_UNKNOWN),
        generation: 2,
        // Stored in an order of its own.
        hides: ["logins", "reason"],
      }],
      ["13", { kind: "owed", generation: 4 }],
      ["14", { kind: "dropped" }],
      ["15", posted("15", SHOWS_GONE)],
    ]),
    userId: "21",
    mentions: ["role:22", "user:23", NOT_KNOWN],
    told: "PENDING-1-0-0",
    reminded: new Map([["user:7", CREATED]]),
    reminders: new Map([["user:7", { number: 2, messageId: "1300" }]]),
    escalated: 7200,
    called: new Map([["11", 3600]]),
    mentionsAt: new Map([["12", ["role:31", "user:32"]], ["13", []]]),
    toldEnd: CREATED,
    ended: new Set(["11"]),
    threads: new Map<string, Thread>([
      ["11", { kind: "wanted" }],
      ["13", { kind: "open", said: "PENDING-2" }],
      ["14", { kind: "none" }],
      ["15", { kind: "closed", said: "APPROVED-2-0-0" }],
    ]),
    tags: new Map([["15", "APPROVED"], ["16", "PENDING"]]),
  }));
  assert.deepEqual(storedEntries(entries), {
    user: "alice",
    roles: "dev,ops",
    request_reason: "fix <it>",
    resources: `["node/a\\u0026b","node/c","app/d"]`,
    reviews_count: "3",
    resolution: "EXPIRED",
    resolve_reason: "too late",
    messages: "11/1100,12/1200,15/1500",
    system_annotations: `{"service":["on-call"]}`,
    logins_by_role: `{"dev":["root"],"ops":[]}`,
    "x-version": "1",
    "x-owner": "p1",
    "x-renewed": "2026-11-22T20:51:20Z",
    "x-kind": "SHORT_TERM",
    "x-created": "2026-11-22T20:51:20Z",
    "x-request-expires": "2026-11-22T21:51:20Z",
    "x-starts": "2026-11-23T00:51:20Z",
    "x-access-expires": "2026-11-23T04:51:20Z",
    "x-constraints": `{"0":["ssh","root","\\u003cb\\u003e"],"2":["unknown"]}`,
    "x-unknown-fields": "AccessRequestSpecV3.28,ResourceConstraints.12",
    "x-reviews": "2/1/0",
    "x-inferred": "1",
    "x-to:11": "11/1100 1 PENDING-0-0-0.",
    "x-to:user:7": "12/1200 2 ?",
    "x-hidden:user:7": "reason,logins",
    "x-to:13": "owed 4",
    "x-to:14": "dropped",
    "x-to:15": "15/1500 1 gone",
    "x-user": "21",
    "x-mentions": "role:22,user:23,?",
    "x-told": "PENDING-1-0-0",
    "x-reminded:user:7": "2026-11-22T20:51:20Z",
    "x-reminders:user:7": "2 1300",
    "x-escalated": "7200",
    "x-called:11": "3600",
    "x-mentions:12": "role:31,user:32",
    "x-mentions:13": "-",
    "x-told-end": "2026-11-22T20:51:20Z",
    "x-ended:11": "1",
    "x-thread:11": "wanted",
    "x-thread:13": "PENDING-2",
    "x-thread:14": "none",
    "x-thread:15": "APPROVED-2-0-0 closed",
    "x-tag:15": "APPROVED",
    "x-tag:16": "PENDING",
  });
});

Deno.test("a key without a value is named, so that it gets deleted", {
  permissions,
}, () => {
  const entries = encodePluginData(officialData({
    user: "",
    roles: [],
    loginsByRole: new Map(),
  }));
  const names = Object.keys(entries);
  assert.equal(names.length, 27);
  assert.deepEqual(entries, Object.fromEntries(names.map((key) => [key, ""])));
  assert.deepEqual(decodePluginData(entries), decodePluginData({}));
});

Deno.test("a claim requires that neither plugin has stored anything", {
  permissions,
}, () => {
  assert.deepEqual(EXPECT_ABSENT, {
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
});

Deno.test("logins too large for a stored object are left out", {
  permissions,
}, () => {
  const logins = Array.from({ length: 20_000 }, (_, i) => `login-${i}`);
  const entries = encodePluginData(
    pluginData({ loginsByRole: new Map([["dev", logins]]) }),
  );
  assert.equal(entries["logins_by_role"], "");
});

Deno.test("a key that names no recipient is not followed", {
  permissions,
}, () => {
  const strange = ["..", "user:", "1/2/3", "channel", "1 ", ""];
  const keys = strange.map((text) => [`x-to:${text}`, "owed 1"]);
  assert.deepEqual(deliveriesOf(Object.fromEntries(keys)), []);
});

Deno.test("annotations too large for a stored object are left out", {
  permissions,
}, () => {
  const encode = (length: number) =>
    encodePluginData(pluginData({
      annotations: new Map([["a", ["x".repeat(length)]]]),
    })).system_annotations;
  assert.equal(encode(99_990)?.length, 100_000);
  assert.equal(encode(99_991), "");
});

Deno.test("what the official plugin stored is encoded again byte for byte", {
  permissions,
}, async (t) => {
  for (const official of officialMessages) {
    await t.step(official.what, () => {
      const stored: Record<string, string | undefined> = official.data;
      const data = decodePluginData(stored as Entries);
      assert.equal(data.own, false);
      const [[channelId, delivery] = []] = data.deliveries;
      const messageId = stored.messages?.split("/")[1] ?? "";
      assert.deepEqual(delivery, {
        kind: "posted",
        message: { channelId, messageId },
        generation: 1,
        shows: SHOWS_UNKNOWN,
        hides: [],
      });
      const { [`x-to:${channelId}`]: own, ...entries } = storedEntries(
        encodePluginData(data),
      );
      assert.equal(own, `${stored.messages} 1 ?`);
      assert.deepEqual(entries, stored);
    });
  }
});

Deno.test("messages of the official plugin", { permissions }, async (t) => {
  const unknown = (channelId: string, messageId: string): Delivery => ({
    kind: "posted",
    message: { channelId, messageId },
    generation: 1,
    shows: SHOWS_UNKNOWN,
    hides: [],
  });
  const rows: [string, Entries, [string, Delivery][]][] = [
    ["none", {}, []],
    ["one without own key shows ?", { messages: "1/2" }, [
      ["1", unknown("1", "2")],
    ]],
    ["blanks and duplicates", { messages: " 1/2, 3/4,1/2" }, [
      ["1", unknown("1", "2")],
      ["3", unknown("3", "4")],
    ]],
    ["malformed entries", { messages: ",1,/2,3/,4/5/6,a/7,-8/9,1/2,1 /3" }, [
      ["1", unknown("1", "2")],
    ]],
    ["the legacy pair", { channel_id: "1", timestamp: "2" }, [
      ["1", unknown("1", "2")],
    ]],
    ["the legacy pair, named twice", {
      channel_id: "1",
      timestamp: "2",
      messages: "3/4,1/2",
    }, [["3", unknown("3", "4")], ["1", unknown("1", "2")]]],
    ["half of the legacy pair", { channel_id: "1" }, []],
    ["a legacy time of another chat", {
      channel_id: "C01",
      timestamp: "1700000000.000100",
    }, []],
    ["two messages in one channel", { messages: "1/2,1/3" }, [
      ["1", unknown("1", "2")],
      ["1/3", unknown("1", "3")],
    ]],
    ["one beside an own message in its channel", {
      messages: "1/3,1/2",
      "x-to:1": "1/2 1 PENDING-0.",
    }, [
      ["1/3", unknown("1", "3")],
      ["1", { ...unknown("1", "2"), shows: "PENDING-0." } as Delivery],
    ]],
    ["one settles what was owed there", {
      messages: "1/2",
      "x-to:1": "owed 3",
      "x-to:4": "owed 1",
    }, [["1", unknown("1", "2")], ["4", OWED]]],
    ["one brings a dropped delivery back", {
      messages: "1/2",
      "x-to:1": "dropped",
    }, [["1", unknown("1", "2")]]],
    ["one in a direct message is told by its own key", {
      messages: "1/2",
      "x-to:user:9": "1/2 1 ?",
    }, [["user:9", unknown("1", "2")]]],
    ["own messages in the order of messages", {
      "x-to:1": "1/2 1 ?",
      "x-to:5": "owed 1",
      "x-to:3": "3/4 1 ?",
      messages: "3/4,1/2",
    }, [["3", unknown("3", "4")], ["1", unknown("1", "2")], ["5", OWED]]],
    ["an own message that messages lacks", { "x-to:1": "1/2 1 ?" }, [
      ["1", unknown("1", "2")],
    ]],
  ];
  for (const [what, entries, expected] of rows) {
    await t.step(what, () => assert.deepEqual(deliveriesOf(entries), expected));
  }
});

Deno.test("own keys that cannot be read count as absent", {
  permissions,
}, async (t) => {
  const rows: [string, Delivery | undefined][] = [
    ["", undefined],
    ["?", undefined],
    ["Owed 1", undefined],
    ["1/2", undefined],
    ["1/2 1", undefined],
    ["1/2 1 ", undefined],
    ["1/x 1 ?", undefined],
    ["owed", OWED],
    ["owed 0", OWED],
    ["owed -2", OWED],
    ["owed 1e3", OWED],
    ["1/100 x ?", posted("1", "?")],
    ["1/100 0 ? later additions", posted("1", "?")],
  ];
  for (const [value, expected] of rows) {
    await t.step(JSON.stringify(value), () => {
      const deliveries = deliveriesOf({ "x-to:1": value });
      assert.deepEqual(deliveries, expected && [["1", expected]] || []);
    });
  }
  const data = decodePluginData({
    reviews_count: "-1",
    resolution: "approved",
    resources: `["node/a"`,
    system_annotations: "null",
    logins_by_role: `{"dev":"root"}`,
    "x-created": "yesterday",
    "x-reviews": "1/2",
    "x-inferred": "yes",
  });
  assert.deepEqual(data, decodePluginData({}));
});

Deno.test("encodeChanges() names only what changed", {
  permissions,
}, async (t) => {
  const before = pluginData({
    inferred: true,
    resolution: "EXPIRED",
    deliveries: new Map([["11", OWED]]),
  });
  const changes = (fields: Partial<PluginData>) =>
    encodeChanges(before, { ...before, ...fields });
  const rows: [string, Partial<PluginData>, Entries][] = [
    ["nothing", {}, {}],
    ["equal values", { created: new Date(CREATED), roles: ["dev"] }, {}],
    ["a review", {
      reviewsCount: 1,
      reviewCounts: { approvals: 0, denials: 1, promotions: 0 },
    }, { reviews_count: "1", "x-reviews": "0/1/0" }],
    ["back to pending", { resolution: "", inferred: false }, {
      resolution: "",
      "x-inferred": "",
    }],
    ["another lease holder", { leaseHolder: "p2" }, { "x-owner": "p2" }],
    ["a later expiry", { accessExpires: hoursLater(9) }, {
      "x-access-expires": "2026-11-23T05:51:20Z",
    }],
    ["a posted message", { deliveries: new Map([["11", posted("11", "?")]]) }, {
      messages: "11/1100",
      "x-to:11": "11/1100 1 ?",
    }],
    ["a dropped message", {
      deliveries: new Map([["11", { kind: "dropped" }]]),
    }, {
      "x-to:11": "dropped",
    }],
  ];
  for (const [what, fields, expected] of rows) {
    await t.step(what, () => assert.deepEqual(changes(fields), expected));
  }
});

Deno.test("what the official plugin wrote stays as it wrote it", {
  permissions,
}, () => {
  const data = decodePluginData({
    user: "alice",
    roles: "dev",
    messages: "11/1,x, 12/2",
    logins_by_role: `{ "dev": null }`,
    channel_id: "13",
    timestamp: "3",
  });
  const resolved: PluginData = { ...data, resolution: "APPROVED" };
  assert.deepEqual(encodeChanges(data, resolved), { resolution: "APPROVED" });
  const adopted = { ...data, own: true, leaseHolder: "p1" };
  assert.deepEqual(encodeChanges(data, adopted), {
    "x-version": "1",
    "x-owner": "p1",
  });
  const message = { channelId: "12", messageId: "2" };
  const edited = withDelivery(data, "12", {
    kind: "posted",
    message,
    generation: 1,
    shows: "PENDING-0.",
    hides: [],
  });
  assert.deepEqual(encodeChanges(data, edited), {
    "x-to:12": "12/2 1 PENDING-0.",
  });
  const more = withDelivery(data, "14", posted("14", "PENDING-0."));
  assert.deepEqual(encodeChanges(data, more), {
    messages: "11/1,12/2,13/3,14/1400",
    "x-to:14": "14/1400 1 PENDING-0.",
  });
});

Deno.test("withDelivery() leaves the data that it was given alone", {
  permissions,
}, () => {
  const before = pluginData({ deliveries: new Map([["11", OWED]]) });
  const after = withDelivery(before, "12", OWED);
  assert.deepEqual([...before.deliveries.keys()], ["11"]);
  assert.deepEqual([...after.deliveries.keys()], ["11", "12"]);
});

Deno.test("constraints that cannot be read are constraints still", {
  permissions,
}, () => {
  const decode = (text: string) =>
    decodePluginData({ "x-constraints": text }).constraints;
  const unknown = { kind: "unknown", values: [] };
  const rows: [string, [number, unknown][]][] = [
    [`{"0":["ssh","root"]}`, [[0, { kind: "ssh", values: ["root"] }]]],
    [`{"1":["database","admin"]}`, [[1, unknown]]],
    [`{"1":["ssh"],"2":[],"3":null}`, [[1, unknown], [2, unknown], [
      3,
      unknown,
    ]]],
    [`{"x":["ssh","root"]}`, []],
    ["nonsense", []],
  ];
  for (const [text, expected] of rows) {
    assert.deepEqual([...decode(text)], expected, text);
  }
});

Deno.test(
  "since when a message is owed is a third word, which older releases pass over",
  {
    permissions: "none",
  },
  () => {
    const since = new Date("2026-11-22T22:00:00Z");
    const entries = {
      "x-to:11": "owed 2 2026-11-22T22:00:00Z",
      "x-to:12": "owed 1",
    };
    const data = decodePluginData(entries);
    assert.deepEqual(data.deliveries.get("11"), {
      kind: "owed",
      generation: 2,
      since,
    });
    assert.deepEqual(data.deliveries.get("12"), {
      kind: "owed",
      generation: 1,
    });
    const encoded = encodePluginData(data);
    assert.equal(encoded["x-to:11"], entries["x-to:11"]);
    assert.equal(encoded["x-to:12"], entries["x-to:12"]);
  },
);

Deno.test("a message has a time of its own only where it is owed late", {
  permissions: "none",
}, () => {
  const after = pluginData({ deliveries: new Map([["11", OWED]]) });
  const late = hoursLater(1);
  const owed = (data: PluginData) => data.deliveries.get("11");
  assert.equal(withOwedTimes(undefined, after, CREATED), after);
  assert.deepEqual(owed(withOwedTimes(undefined, after, late)), {
    ...OWED,
    since: late,
  });
  assert.equal(withOwedTimes(after, after, late), after);
});

Deno.test("what a message hides is read, changed and taken out", {
  permissions,
}, () => {
  const delivery = posted("11", "PENDING-0-0-0.");
  const entries = { "x-version": "1", "x-to:11": "11/1100 1 PENDING-0-0-0." };
  const hidden = (text: string) =>
    decodePluginData({ ...entries, "x-hidden:11": text });
  const [[, shows] = []] = hidden("reason,logins").deliveries;
  assert.deepEqual(shows, { ...delivery, hides: ["reason", "logins"] });
  // What a later release may hide besides is nothing that this one knows.
  for (const text of ["", "secrets", ","]) {
    assert.deepEqual([...hidden(text).deliveries], [["11", delivery]]);
  }
  const data = hidden("reason");
  const all = new Map([["11", delivery]]);
  assert.deepEqual(encodeChanges(data, { ...data, deliveries: all }), {
    "x-hidden:11": "",
  });
  const more = new Map([["11", { ...delivery, hides: ["user"] as const }]]);
  assert.deepEqual(encodeChanges(data, { ...data, deliveries: more }), {
    "x-hidden:11": "user",
  });
  assert.deepEqual(encodeChanges(data, data), {});
});
