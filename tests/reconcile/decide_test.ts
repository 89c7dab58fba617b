import assert from "node:assert/strict";
import {
  type DeliveryTask,
  dueRecipients,
  taskFor,
  untoldState,
} from "../../src/deliver/due/due.ts";
import { announcementAt } from "../../src/deliver/due/subject.ts";
import {
  announcementOf,
  type ClusterFacts,
} from "../../src/message/announcement.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import { enrich, type Enrichment } from "../../src/people/enrichment.ts";
import type {
  AccessRequest,
  ResourceId,
} from "../../src/ports/access_request.ts";
import {
  claimFor,
  decide,
  type IgnoreReason,
  type Plan,
  type Situation,
} from "../../src/reconcile/decide.ts";
import type { Observation } from "../../src/reconcile/observe.ts";
import {
  type Delivery,
  type PluginData,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
} from "../../src/record/plugin_data.ts";
import {
  accessRequest,
  announce,
  CREATED,
  hoursLater,
  NO_NOTICES,
  officialData,
  pluginData,
  posted,
  REQUEST_ID,
  review,
} from "../fakes/samples.ts";

const SHOW_ALL = () => [];

const announcementsAt = (...recipients: string[]) =>
  recipients.map(announcementAt);

const permissions = "none";

/** Digest of a pending request without reviews. */
const PENDING = "PENDING-0-0-0.";
const OWED: Delivery = { kind: "owed", generation: 1 };
const DROPPED: Delivery = { kind: "dropped" };

/** Returns deliveries to channels 11, 12 and so on. */
function deliver(...deliveries: Delivery[]): Map<string, Delivery> {
  return new Map(deliveries.map((delivery, n) => [`${11 + n}`, delivery]));
}

function see(
  fields: Partial<AccessRequest> = {},
  seen: Partial<Observation> = {},
): Observation {
  const request = accessRequest(fields);
  return { request, source: "put", gone: undefined, ...seen };
}

const NOT_FOUND: Observation = {
  request: undefined,
  source: "read",
  gone: undefined,
};
const DELETED: Observation = { ...NOT_FOUND, gone: "event" };

/** What a test varies of a situation. */
type Fields = Partial<Omit<Situation, "terms">> & { readonly now?: Date };

/** Decides on a pending request, one hour after it was made. */
function plan(
  stored: PluginData | undefined,
  { now = hoursLater(1), observation = see(), ...situation }: Fields = {},
): Plan {
  const { request, gone } = observation;
  const isGone = gone !== undefined;
  return decide({
    observation,
    stored,
    recipients: ["11", "12"],
    mentions: [],
    terms: { notices: NO_NOTICES, request, isGone, now, hiddenFor: SHOW_ALL },
    self: "self",
    holderIsGone: false,
    isFreshlyRead: true,
    isConfirmed: false,
    ...situation,
  });
}

function ignored(reason: IgnoreReason): Plan {
  return { kind: "ignore", reason };
}

Deno.test("a new pending request is announced to all recipients", {
  permissions,
}, () => {
  for (const source of ["put", "read", "list"] as const) {
    const observation = see({ accessExpires: undefined }, { source });
    assert.deepEqual(plan(undefined, { observation }), {
      kind: "announce",
      request: observation.request,
      recipients: ["11", "12"],
    });
  }
});

Deno.test("who is told is asked for only where it counts", {
  permissions,
}, () => {
  const unasked = { recipients: undefined };
  const route: Plan = { kind: "route" };
  assert.deepEqual(plan(undefined, unasked), route);
  assert.deepEqual(plan(officialData(), unasked), route);
  const claimed = pluginData({ deliveries: deliver(OWED) });
  assert.equal(plan(claimed, unasked).kind, "follow");
  const resolved = officialData({ resolution: "APPROVED" });
  assert.notEqual(plan(resolved, unasked).kind, "route");
  const approved = { ...unasked, observation: see({ state: "APPROVED" }) };
  assert.deepEqual(plan(undefined, approved), ignored("never announced"));
});

Deno.test("what is never announced", { permissions }, async (t) => {
  const rows: [string, Fields, IgnoreReason][] = [
    ["not found", { observation: NOT_FOUND }, "never announced"],
    ["deleted", { observation: see({}, { gone: "event" }) }, "never announced"],
    ["gone", { observation: see({}, { gone: "inferred" }) }, "never announced"],
    ...(["APPROVED", "DENIED", "PROMOTED"] as const).map((
      state,
    ): [string, Fields, IgnoreReason] => [
      state,
      { observation: see({ state }) },
      "never announced",
    ]),
    ["strange", { observation: see({ state: "UNKNOWN" }) }, "state is unknown"],
    ["at its access expiry", { now: hoursLater(8) }, "access has expired"],
    ["nobody to tell", { recipients: [] }, "no recipients"],
  ];
  for (const [what, situation, reason] of rows) {
    await t.step(what, () => {
      assert.deepEqual(plan(undefined, situation), ignored(reason));
    });
  }
});

Deno.test("what is in step is left alone", { permissions }, async (t) => {
  const shown = pluginData({ deliveries: deliver(posted("11", PENDING)) });
  const ended = pluginData({
    resolution: "EXPIRED",
    deliveries: deliver(posted("11", SHOWS_GONE), DROPPED),
  });
  const owed = pluginData({ deliveries: deliver(OWED) });
  const rows: [string, PluginData, Fields][] = [
    ["all messages show the state", shown, {}],
    ["another process owns it", { ...shown, leaseHolder: "other" }, {}],
    ["routing has changed since", shown, { recipients: ["13"] }],
    ["a strange state", shown, { observation: see({ state: "UNKNOWN" }) }],
    ["not found, which proves nothing", shown, { observation: NOT_FOUND }],
    ["ended, and deleted", ended, { observation: DELETED }],
    ["owed beyond the access expiry", owed, { now: hoursLater(8) }],
  ];
  for (const [what, stored, situation] of rows) {
    await t.step(what, () => {
      assert.deepEqual(plan(stored, situation), ignored("up to date"));
    });
  }
});

Deno.test("a list that contradicts what is stored is confirmed first", {
  permissions,
}, () => {
  const stored = pluginData({ resolution: "DENIED", resolveReason: "a" });
  const fields = { state: "DENIED", resolveReason: "b" } as const;
  assert.deepEqual(
    plan(stored, { observation: see(fields, { source: "list" }) }),
    {
      kind: "confirm",
      reason: "the list contradicts what is stored",
    },
  );
});

Deno.test("the lease holder follows the request", { permissions }, () => {
  const stored = pluginData({
    deliveries: deliver(
      posted("11", PENDING),
      OWED,
      posted("13", SHOWS_UNKNOWN),
      posted("14", SHOWS_GONE),
      DROPPED,
    ),
  });
  assert.deepEqual(plan(stored), {
    kind: "follow",
    data: stored,
    due: announcementsAt("12", "13"),
  });
  const observation = see({ state: "APPROVED", resolveReason: "ok" });
  assert.deepEqual(plan(stored, { observation }), {
    kind: "follow",
    data: { ...stored, resolution: "APPROVED", resolveReason: "ok" },
    due: announcementsAt("11", "12", "13"),
  });
  assert.deepEqual(plan(stored, { observation: DELETED }), {
    kind: "follow",
    data: { ...stored, resolution: "EXPIRED" },
    due: announcementsAt("11", "12", "13"),
  });
});

Deno.test("others wait for the lease holder, unless it is gone", {
  permissions,
}, () => {
  const stored = pluginData({
    leaseHolder: "other",
    deliveries: deliver(posted("11", PENDING)),
  });
  const data: PluginData = { ...stored, resolution: "DENIED" };
  const observation = see({ state: "DENIED" });
  assert.deepEqual(plan(stored, { observation }), {
    kind: "wait",
    data,
  });
  assert.deepEqual(plan(stored, { observation, holderIsGone: true }), {
    kind: "follow",
    data,
    due: announcementsAt("11"),
  });
  // What it owes is the holder's business too.
  const owed = pluginData({ leaseHolder: "other", deliveries: deliver(OWED) });
  assert.equal(plan(owed).kind, "wait");
  assert.equal(plan(owed, { holderIsGone: true }).kind, "follow");
});

Deno.test("facts are stored by anybody where no message needs anything", {
  permissions,
}, () => {
  const stored = pluginData({
    leaseHolder: "other",
    deliveries: deliver(DROPPED),
  });
  assert.deepEqual(plan(stored, { observation: DELETED }), {
    kind: "follow",
    data: { ...stored, resolution: "EXPIRED" },
    due: [],
  });
});

const ADOPTED: Partial<PluginData> = {
  own: true,
  leaseHolder: "self",
  created: CREATED,
  requestExpires: hoursLater(1),
  accessExpires: hoursLater(8),
  reviewCounts: { approvals: 0, denials: 0, promotions: 0 },
};

Deno.test("messages of the official plugin are taken over at once", {
  permissions,
}, () => {
  const message = posted("11", SHOWS_UNKNOWN);
  const stored = officialData({ deliveries: deliver(message) });
  assert.deepEqual(plan(stored), {
    kind: "follow",
    // Channel 12 should have been told, too.
    data: { ...stored, ...ADOPTED, deliveries: deliver(message, OWED) },
    due: announcementsAt("11", "12"),
  });
  const observation = see({ state: "APPROVED" });
  assert.deepEqual(plan(stored, { observation }), {
    kind: "follow",
    data: { ...stored, ...ADOPTED, resolution: "APPROVED" },
    due: announcementsAt("11"),
  });
});

Deno.test("without its request, official data is not taken over", {
  permissions,
}, () => {
  const deliveries = deliver(posted("11", SHOWS_UNKNOWN));
  const stored = officialData({ deliveries });
  assert.deepEqual(plan(stored, { observation: DELETED }), {
    kind: "follow",
    data: { ...stored, resolution: "EXPIRED" },
    due: announcementsAt("11"),
  });
});

Deno.test("what was edited unseen is adopted when the request is found", {
  permissions,
}, () => {
  const message = posted("11", PENDING);
  const unseen: Partial<PluginData> = {
    own: true,
    created: undefined,
    requestExpires: undefined,
    accessExpires: undefined,
    reviewCounts: { approvals: 0, denials: 0, promotions: 0 },
    deliveries: deliver(message),
  };
  for (
    const [leaseHolder, kind] of [
      ["", "follow"],
      ["self", "follow"],
      ["other", "wait"],
    ] as const
  ) {
    for (
      const ended of [{}, { resolution: "EXPIRED", inferred: true }] as const
    ) {
      const stored = officialData({ ...unseen, ...ended, leaseHolder });
      const next = plan(stored, { observation: see({}, { source: "read" }) });
      assert.ok(next.kind === kind);
      assert.deepEqual(next.data, {
        ...stored,
        ...ADOPTED,
        leaseHolder: leaseHolder || "self",
        resolution: "",
        inferred: false,
        deliveries: next.data.deliveries,
      });
      assert.deepEqual(next.data.deliveries.get("12"), OWED);
      assert.equal(plan(next.data).kind, kind);
    }
  }
});

Deno.test("an older request does not tell what the official reviews said", {
  permissions,
}, () => {
  const deliveries = deliver(posted("11", SHOWS_UNKNOWN));
  const stored = officialData({ reviewsCount: 2, deliveries });
  const countsAfter = (count: number) => {
    const reviews = Array.from({ length: count }, () => review());
    const next = plan(stored, { observation: see({ reviews }) });
    assert.ok(next.kind === "follow");
    return next.data.reviewCounts;
  };
  assert.equal(countsAfter(1), undefined);
  assert.deepEqual(countsAfter(2), { approvals: 2, denials: 0, promotions: 0 });
});

Deno.test("the official plugin has some seconds to post what it claimed", {
  permissions,
}, () => {
  const stored = officialData();
  const wait = plan(stored);
  assert.ok(wait.kind === "wait" && !wait.data.own);
  assert.deepEqual(plan(stored, { holderIsGone: true }), {
    kind: "follow",
    data: { ...stored, ...ADOPTED, deliveries: deliver(OWED, OWED) },
    due: announcementsAt("11", "12"),
  });
  const observation = see({ state: "DENIED" });
  const { reviewCounts } = ADOPTED;
  for (const holderIsGone of [false, true]) {
    assert.deepEqual(plan(stored, { observation, holderIsGone }), {
      kind: "follow",
      data: { ...stored, reviewCounts, resolution: "DENIED" },
      due: [],
    });
  }
});

Deno.test("an official claim that nobody would be told of is left alone", {
  permissions,
}, () => {
  for (const holderIsGone of [false, true]) {
    const next = plan(officialData(), { recipients: [], holderIsGone });
    assert.deepEqual(next, ignored("no recipients"));
  }
});

Deno.test(
  "without a lease holder, everybody acts: it was given back, or it is of the official plugin",
  {
    permissions,
  },
  () => {
    const message = posted("11", SHOWS_UNKNOWN);
    const edit = pluginData({ leaseHolder: "", deliveries: deliver(message) });
    assert.equal(plan(edit).kind, "follow");
    const post = pluginData({
      leaseHolder: "",
      deliveries: deliver(message, OWED),
    });
    assert.equal(plan(post).kind, "follow");
    assert.equal(plan({ ...post, leaseHolder: "other" }).kind, "wait");
  },
);

Deno.test("what a delivery needs", { permissions }, async (t) => {
  const message = posted("11", PENDING);
  const edit: DeliveryTask = {
    kind: "edit",
    delivery: message,
    isOver: false,
    hides: [],
  };
  const rows: [PluginData["resolution"], Delivery, DeliveryTask | undefined][] =
    [
      ["", OWED, { kind: "post", generation: 1 }],
      ["", { kind: "owed", generation: 3 }, { kind: "post", generation: 3 }],
      ["APPROVED", OWED, { kind: "settle", generation: 1 }],
      ["EXPIRED", OWED, { kind: "settle", generation: 1 }],
      ["", message, undefined],
      ["DENIED", message, edit],
      ["DENIED", posted("11", SHOWS_GONE), undefined],
      ["", DROPPED, undefined],
      ["DENIED", DROPPED, undefined],
    ];
  for (const [resolution, delivery, expected] of rows) {
    const showing = "shows" in delivery ? ` ${delivery.shows}` : "";
    await t.step(
      `${resolution || "PENDING"}: ${delivery.kind}${showing}`,
      () => {
        const data = pluginData({ resolution, deliveries: deliver(delivery) });
        assert.deepEqual(taskFor(data, "11"), expected);
        assert.equal(taskFor(data, "12"), undefined);
      },
    );
  }
});

Deno.test("past the access expiry nothing is posted, but edited still", {
  permissions,
}, () => {
  const data = pluginData({
    deliveries: deliver(OWED, posted("12", SHOWS_UNKNOWN), DROPPED),
  });
  const at = (hours: number) => ({
    notices: NO_NOTICES,
    request: accessRequest(),
    isGone: false,
    now: hoursLater(hours),
    hiddenFor: SHOW_ALL,
  });
  assert.deepEqual(dueRecipients(data, at(7)), ["11", "12"]);
  assert.deepEqual(dueRecipients(data, at(8)), ["12"]);
  assert.equal(taskFor(data, "99", at(7)), undefined);
  const resolved: PluginData = { ...data, resolution: "APPROVED" };
  assert.deepEqual(dueRecipients(resolved, at(9)), ["11", "12"]);
  const endless = { ...data, accessExpires: undefined };
  assert.deepEqual(dueRecipients(endless, at(9)), ["11", "12"]);
});

const resource = (name: string): ResourceId => ({
  cluster: "c",
  kind: "node",
  name,
  subResource: "",
});

function found(
  logins: Enrichment["loginsByRole"],
  names: Record<string, string> = {},
): Enrichment {
  return {
    loginsByRole: logins,
    resourceNames: new Map(Object.entries(names)),
  };
}

const LOGINS = new Map([["dev", ["root"]]]);

Deno.test("a claim holds all that a message shows", { permissions }, () => {
  const request = accessRequest({
    roles: ["dev", "ops"],
    kind: "LONG_TERM",
    reason: "please",
    reviews: [review({ proposedState: "DENIED" })],
    resources: [
      resource("1"),
      { ...resource("2"), constraints: { kind: "ssh", values: ["root"] } },
    ],
    unknownFields: ["AccessRequestSpecV3.28"],
    accessStarts: hoursLater(4),
    systemAnnotations: { service: ["on-call"] },
  });
  const enrichment = found(LOGINS, { "/c/node/2": "node/web-2" });
  assert.deepEqual(claimFor(request, ["11", "user:7"], enrichment, "p1"), {
    user: "alice",
    roles: ["dev", "ops"],
    reason: "please",
    resources: ["/c/node/1", "node/web-2"],
    constraints: new Map([[1, { kind: "ssh", values: ["root"] }]]),
    unknownFields: ["AccessRequestSpecV3.28"],
    reviewsCount: 1,
    resolution: "",
    resolveReason: "",
    annotations: new Map([["service", ["on-call"]]]),
    loginsByRole: LOGINS,
    own: true,
    leaseHolder: "p1",
    renewed: undefined,
    kind: "LONG_TERM",
    created: CREATED,
    requestExpires: hoursLater(1),
    accessStarts: hoursLater(4),
    accessExpires: hoursLater(8),
    reviewCounts: { approvals: 0, denials: 1, promotions: 0 },
    inferred: false,
    deliveries: new Map([["11", OWED], ["user:7", OWED]]),
    userId: undefined,
    mentions: [],
    told: undefined,
    threads: new Map(),
    tags: new Map(),
    reminded: new Map(),
    reminders: new Map(),
    escalated: undefined,
    called: new Map(),
    mentionsAt: new Map(),
    toldEnd: undefined,
    ended: new Set(),
  });
});

const RAW = new Map([["dev", ["{{internal.logins}}"]]]);

Deno.test("untoldState() names a state that some message is yet to tell", {
  permissions,
}, async (t) => {
  const told = (shows: string): Delivery => ({
    kind: "posted",
    generation: 1,
    message: { channelId: "11", messageId: "1" },
    shows,
    hides: [],
  });
  const state = "APPROVED-0-0-0";
  const rows: [string, Delivery, string | undefined][] = [
    ["another one", told("PENDING-0-0-0.r"), state],
    ["nothing", told(`${state}.`), undefined],
    ["nobody knows what", told(SHOWS_UNKNOWN), undefined],
    ["nothing any more", told(SHOWS_GONE), undefined],
    ["less enrichment", told(`${state}.r`), undefined],
  ];
  for (const [what, delivery, expected] of rows) {
    await t.step(`a message that shows ${what}`, () => {
      const deliveries = new Map([["11", delivery]]);
      const data = pluginData({ resolution: "APPROVED", deliveries });
      assert.equal(untoldState(data, announcementsAt("11")), expected);
      assert.equal(untoldState(data, []), undefined);
    });
  }
  const pending = pluginData({ deliveries: new Map([["11", OWED]]) });
  assert.equal(untoldState(pending, announcementsAt("11")), "PENDING-0-0-0");
});

Deno.test("enrich() takes what is better, and never what is worse", {
  permissions,
}, async (t) => {
  const request = accessRequest({ resources: [resource("1"), resource("2")] });
  const raw = ["/c/node/1", "/c/node/2"];
  const half = ["node/a", "/c/node/2"];
  const full = ["node/a", "node/b"];
  const all = { "/c/node/1": "node/a", "/c/node/2": "node/b" };
  const one = { "/c/node/1": "node/a" };
  type Known = Pick<PluginData, "loginsByRole" | "resources">;
  const known = (
    loginsByRole: Known["loginsByRole"],
    resources: readonly string[],
  ): Known => ({ loginsByRole, resources });
  const rows: [string, Known, Enrichment, Known | undefined][] = [
    ["nothing", known(undefined, raw), found(undefined), undefined],
    ["both", known(undefined, raw), found(LOGINS, all), known(LOGINS, full)],
    ["only logins", known(undefined, raw), found(LOGINS), known(LOGINS, raw)],
    [
      "logins, but no names any more",
      known(undefined, full),
      found(LOGINS),
      known(LOGINS, full),
    ],
    [
      "logins, but fewer names",
      known(undefined, half),
      found(LOGINS),
      known(LOGINS, half),
    ],
    ["templates", known(undefined, raw), found(RAW), known(RAW, raw)],
    ["traits", known(RAW, full), found(LOGINS), known(LOGINS, full)],
    ["no traits any more", known(LOGINS, full), found(RAW, all), undefined],
    ["no logins any more", known(RAW, full), found(undefined), undefined],
    ["names", known(LOGINS, raw), found(LOGINS, all), known(LOGINS, full)],
    // A message that lacks some names is not edited for fewer of them.
    ["some names", known(LOGINS, raw), found(LOGINS, one), undefined],
    ["other logins", known(LOGINS, full), found(new Map(), all), undefined],
    ["other resources", known(LOGINS, ["/x"]), found(LOGINS, all), undefined],
  ];
  for (const [what, fields, enrichment, expected] of rows) {
    await t.step(what, () => {
      const data = pluginData(fields);
      const next = enrich(data, request, enrichment);
      if (expected === undefined) assert.equal(next, data);
      else assert.deepEqual(next, pluginData(expected));
    });
  }
});

const FACTS: ClusterFacts = {
  textsFor: () => EN,
  hiddenFor: SHOW_ALL,
  cluster: "example.com",
  webLink: (id: string) => `https://teleport.example.com/web/requests/${id}`,
  userId: () => undefined,
};

Deno.test("an announcement is made from stored facts and the request", {
  permissions,
}, () => {
  const reviews = [review()];
  const data = pluginData({
    reason: "please",
    resources: ["node/a"],
    resolution: "PROMOTED",
    resolveReason: "ok",
    reviewsCount: 1,
    reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
  });
  const request = accessRequest({
    kind: "LONG_TERM",
    state: "PENDING",
    reviews,
    promotedTo: "On call",
  });
  const expected = announce({
    loginsByRole: LOGINS,
    resources: ["node/a"],
    kind: "LONG_TERM",
    reason: "please",
    state: "PROMOTED",
    resolveReason: "ok",
    reviews,
    reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
    reviewsCount: 1,
    created: CREATED,
    requestExpires: hoursLater(1),
    accessExpires: hoursLater(8),
    promotedTo: "On call",
    webLink: FACTS.webLink(REQUEST_ID),
  });
  assert.deepEqual(
    announcementOf(REQUEST_ID, "1", data, request, FACTS),
    expected,
  );
  assert.deepEqual(announcementOf(REQUEST_ID, "1", data, undefined, FACTS), {
    ...expected,
    kind: "UNDEFINED",
    reviews: undefined,
    promotedTo: undefined,
  });
});

Deno.test(
  "a message has buttons that review only while its request can be reviewed so",
  {
    permissions,
  },
  () => {
    const can = (
      request: AccessRequest | undefined,
      data = pluginData(),
      canReview = true,
    ) =>
      announcementOf(REQUEST_ID, "1", data, request, { ...FACTS, canReview })
        .canReview;
    assert.equal(can(accessRequest()), true);
    assert.equal(can(accessRequest({ kind: "SHORT_TERM" })), true);
    assert.equal(can(accessRequest({ kind: "LONG_TERM" })), false);
    assert.equal(can(accessRequest({ state: "APPROVED" })), false);
    assert.equal(can(accessRequest({ state: "UNKNOWN" })), false);
    assert.equal(
      can(accessRequest(), pluginData({ resolution: "DENIED" })),
      false,
    );
    assert.equal(can(undefined), false);
    assert.equal(can(accessRequest(), pluginData(), false), false);
  },
);

Deno.test("a request older than the stored facts leaves the embeds alone", {
  permissions,
}, () => {
  const data = pluginData({ reviewsCount: 2 });
  const reviewsOf = (count: number) => {
    const reviews = Array.from({ length: count }, () => review());
    const request = accessRequest({ reviews });
    return announcementOf(REQUEST_ID, "1", data, request, FACTS).reviews
      ?.length;
  };
  assert.deepEqual([0, 1, 2, 3].map(reviewsOf), [undefined, undefined, 2, 3]);
});

Deno.test("official data borrows its times from the request", {
  permissions,
}, () => {
  const data = officialData();
  const timesOf = (request: AccessRequest | undefined) => {
    const { created, requestExpires, accessExpires } = announcementOf(
      REQUEST_ID,
      "1",
      data,
      request,
      FACTS,
    );
    return [created, requestExpires, accessExpires];
  };
  assert.deepEqual(timesOf(accessRequest()), [
    CREATED,
    hoursLater(1),
    hoursLater(8),
  ]);
  assert.deepEqual(timesOf(undefined), [undefined, undefined, undefined]);
});
