import assert from "node:assert/strict";
import type {
  AccessRequest,
  RequestState,
} from "../../src/ports/access_request.ts";
import {
  newerObservation,
  type Observation,
  type ObservationSource,
  observe,
} from "../../src/reconcile/observe.ts";
import { missingLookups } from "../../src/record/missing.ts";
import {
  type Delivery,
  type PluginData,
  type Resolution,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
} from "../../src/record/plugin_data.ts";
import {
  countReviews,
  digestOf,
  isShown,
  shownState,
} from "../../src/record/shown_facts.ts";
import {
  accessRequest,
  hoursLater,
  officialData,
  pluginData,
  posted,
  review,
} from "../fakes/samples.ts";

const permissions = "none";
const SOURCES: readonly ObservationSource[] = ["put", "read", "list"];

function sight(
  request: AccessRequest | undefined,
  fields: Partial<Observation> = {},
): Observation {
  return { request, source: "put", gone: undefined, ...fields };
}

/** Returns what an observation makes of the data, where there is no doubt. */
function follow(data: PluginData, observation: Observation): PluginData {
  const change = observe(data, observation);
  assert.ok(change !== "doubtful");
  return change;
}

/** Writes a state as the table below does; `*` marks what was inferred. */
function nameOf(data: PluginData): string {
  return shownState(data) + (data.inferred ? "*" : "");
}

function dataOf(name: string): PluginData {
  const state = name.replace("*", "");
  const resolution = state === "PENDING" ? "" : state as Resolution;
  return pluginData({ resolution, inferred: name.endsWith("*") });
}

/**
 * What is stored (first column) becomes what stands below the state that was seen. `.` is what was
 * stored; in brackets: only from an event or a read by ID. A list may be older, so it leaves a doubt.
 */
const TRANSITIONS = `
            -  PENDING    APPROVED  DENIED  PROMOTED  UNKNOWN
  PENDING   .  .          APPROVED  DENIED  PROMOTED  .
  EXPIRED   .  .          APPROVED  DENIED  PROMOTED  .
  EXPIRED*  .  (PENDING)  APPROVED  DENIED  PROMOTED  .
  APPROVED  .  .          .         DENIED  PROMOTED  .
  DENIED    .  .          .         .       .         .
  PROMOTED  .  .          .         .       .         .
`;

/** What a request's end makes of a state: after a DELETE event, and inferred from absence. */
const ENDS: Readonly<Record<string, { event: string; inferred: string }>> = {
  PENDING: { event: "EXPIRED", inferred: "EXPIRED*" },
  "EXPIRED*": { event: "EXPIRED", inferred: "EXPIRED*" },
};

Deno.test("how states follow each other", { permissions }, async (t) => {
  const [head = "", ...rows] = TRANSITIONS.trim().split("\n");
  const columns = head.trim().split(/ +/);
  for (const row of rows) {
    const [stored = "", ...cells] = row.trim().split(/ +/);
    for (const [index, seen] of columns.entries()) {
      const request = seen === "-"
        ? undefined
        : accessRequest({ state: seen as RequestState });
      const cell = cells[index] ?? "";
      for (const source of SOURCES) {
        await t.step(`${stored}, seen ${seen} in a ${source}`, () => {
          const data = dataOf(stored);
          const again = cell.startsWith("(");
          const expected = cell === "." ? stored : cell.replace(/[()]/g, "");
          const observation = sight(request, { source });
          if (again && source === "list") {
            assert.equal(observe(data, observation), "doubtful");
          } else {
            const next = follow(data, observation);
            assert.equal(nameOf(next), expected);
            if (expected === stored) assert.equal(next, data);
          }
          for (const gone of ["event", "inferred"] as const) {
            const ended = follow(data, sight(request, { source, gone }));
            // What is gone cannot be pending again.
            const last = again ? stored : expected;
            assert.equal(nameOf(ended), ENDS[last]?.[gone] ?? last, gone);
          }
        });
      }
    }
  }
});

Deno.test("what was dropped at a mistaken end is owed again", {
  permissions,
}, () => {
  const dropped = { kind: "dropped" } as const;
  const shown = posted("11", "EXPIRED-0-0-0.");
  const data = pluginData({
    resolution: "EXPIRED",
    inferred: true,
    deliveries: new Map<string, Delivery>([["11", shown], ["12", dropped]]),
  });
  const found = sight(accessRequest(), { source: "read" });
  assert.deepEqual(follow(data, found), {
    ...pluginData(),
    deliveries: new Map<string, Delivery>([
      ["11", shown],
      ["12", { kind: "owed", generation: 1 }],
    ]),
  });
  const approved = sight(accessRequest({ state: "APPROVED" }));
  assert.deepEqual(follow(data, approved).deliveries, data.deliveries);
});

Deno.test("the facts are taken from the request", { permissions }, () => {
  const reviews = [review(), review({ proposedState: "DENIED" })];
  const request = accessRequest({
    state: "DENIED",
    resolveReason: "no",
    reviews,
    user: "mallory",
    roles: ["other"],
    reason: "changed",
  });
  for (const source of SOURCES) {
    assert.deepEqual(follow(pluginData(), sight(request, { source })), {
      ...pluginData(),
      resolution: "DENIED",
      resolveReason: "no",
      reviewsCount: 2,
      reviewCounts: { approvals: 1, denials: 1, promotions: 0 },
    });
  }
});

Deno.test("an observation with fewer reviews is older than what is stored", {
  permissions,
}, () => {
  const data = pluginData({
    reviewsCount: 2,
    reviewCounts: { approvals: 2, denials: 0, promotions: 0 },
  });
  for (const state of ["PENDING", "APPROVED", "DENIED"] as const) {
    const request = accessRequest({ state, reviews: [review()] });
    for (const source of SOURCES) {
      assert.equal(follow(data, sight(request, { source })), data);
    }
  }
});

Deno.test("more reviews are news, unless the state is older", {
  permissions,
}, () => {
  const reviews = [review({ proposedState: "DENIED" })];
  const observation = sight(accessRequest({ reviews }), { source: "list" });
  assert.deepEqual(follow(pluginData(), observation), {
    ...pluginData(),
    reviewsCount: 1,
    reviewCounts: { approvals: 0, denials: 1, promotions: 0 },
  });
  const approved = pluginData({ resolution: "APPROVED" });
  assert.equal(follow(approved, observation), approved);
});

Deno.test("official data learns what its reviews said", {
  permissions,
}, () => {
  const data = officialData({ reviewsCount: 1 });
  const request = accessRequest({ reviews: [review()] });
  assert.deepEqual(follow(data, sight(request, { source: "list" })), {
    ...data,
    reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
  });
});

Deno.test("a list that only has another resolve reason may be older", {
  permissions,
}, () => {
  const data = pluginData({ resolution: "DENIED", resolveReason: "first" });
  const request = accessRequest({ state: "DENIED", resolveReason: "second" });
  assert.equal(observe(data, sight(request, { source: "list" })), "doubtful");
  for (const source of ["put", "read"] as const) {
    const next = follow(data, sight(request, { source }));
    assert.equal(next.resolveReason, "second");
  }
  // Nobody can read any more what is gone.
  const gone = sight(request, { source: "list", gone: "inferred" });
  assert.equal(follow(data, gone), data);
  const reviewed = { ...request, reviews: [review()] };
  const newer = follow(data, sight(reviewed, { source: "list" }));
  assert.equal(newer.resolveReason, "second");
});

Deno.test("a start is a fact, and a list that has another may be older", {
  permissions,
}, () => {
  const data = pluginData({ accessStarts: hoursLater(2) });
  const request = accessRequest({ accessStarts: hoursLater(3) });
  assert.equal(observe(data, sight(request, { source: "list" })), "doubtful");
  for (const source of ["put", "read"] as const) {
    const next = follow(data, sight(request, { source }));
    assert.deepEqual(next.accessStarts, hoursLater(3));
  }
  const none = accessRequest();
  assert.equal(follow(data, sight(none)).accessStarts, undefined);
  // Stored in whole seconds, it is the same.
  const sameStart = new Date(hoursLater(2).getTime() + 999);
  const same = accessRequest({ accessStarts: sameStart });
  assert.equal(follow(data, sight(same, { source: "list" })), data);
});

Deno.test("what an older release did not store is learned from the request", {
  permissions,
}, () => {
  const constraints = { kind: "ssh", values: ["root"] } as const;
  const request = accessRequest({
    resources: [
      { cluster: "c", kind: "node", name: "a", subResource: "" },
      { cluster: "c", kind: "node", name: "b", subResource: "", constraints },
    ],
    unknownFields: ["ResourceID.5"],
  });
  const next = follow(pluginData(), sight(request, { source: "list" }));
  assert.deepEqual(next.constraints, new Map([[1, constraints]]));
  assert.deepEqual(next.unknownFields, ["ResourceID.5"]);
  assert.equal(follow(next, sight(request, { source: "list" })), next);
});

Deno.test("countReviews() counts verdicts, and nothing else", {
  permissions,
}, () => {
  const states: RequestState[] = [
    "APPROVED",
    "DENIED",
    "APPROVED",
    "PROMOTED",
    "PENDING",
    "UNKNOWN",
  ];
  const reviews = states.map((proposedState) => review({ proposedState }));
  assert.deepEqual(countReviews({ reviews }), {
    approvals: 2,
    denials: 1,
    promotions: 1,
  });
});

Deno.test("a digest stays the same from one release to the next", {
  permissions,
}, async (t) => {
  const counts = (approvals: number, denials: number, promotions: number) => ({
    approvals,
    denials,
    promotions,
  });
  const rows: [string, PluginData][] = [
    ["PENDING-0-0-0.", pluginData()],
    ["PENDING-0-0-0.l", pluginData({ loginsByRole: undefined })],
    ["PENDING-0-0-0.t", pluginData({ loginsByRole: TEMPLATES })],
    ["PENDING-0-0-0.", pluginData({ resources: ["node/a"] })],
    ["PENDING-0-0-0.r", pluginData({ resources: ["node/a", "/c/node/b"] })],
    [
      "EXPIRED-2-1-0.lr",
      pluginData({
        resolution: "EXPIRED",
        reviewCounts: counts(2, 1, 0),
        loginsByRole: undefined,
        resources: ["/c/node/b"],
      }),
    ],
    // Known to FNV-1a: the hash of "foobar".
    [
      "DENIED-0-1-3-bf9cf968.",
      pluginData({
        resolution: "DENIED",
        reviewCounts: counts(0, 1, 3),
        resolveReason: "foobar",
      }),
    ],
    ["APPROVED-3.", officialData({ resolution: "APPROVED", reviewsCount: 3 })],
    [
      "PENDING-0-0-0@2026-11-22T22:51:20Z.",
      pluginData({ accessStarts: hoursLater(2) }),
    ],
    [
      "DENIED-0-0-0@2026-11-22T22:51:20Z-bf9cf968.",
      pluginData({
        resolution: "DENIED",
        accessStarts: hoursLater(2),
        resolveReason: "foobar",
      }),
    ],
    [
      "PENDING-0-0-0#29560a7d.",
      pluginData({
        constraints: new Map([[0, { kind: "ssh", values: ["root"] }]]),
      }),
    ],
    [
      "PENDING-0-0-0#fb3cee80.",
      pluginData({ unknownFields: ["AccessRequestSpecV3.28"] }),
    ],
  ];
  for (const [digest, data] of rows) {
    await t.step(digest, () => {
      assert.equal(digestOf(data), digest);
      assert.ok(isShown(digest, data));
      assert.doesNotMatch(digest, /\s/);
      assert.equal(missingLookups(data).size, digest.split(".")[1]?.length);
    });
  }
});

Deno.test("a digest covers facts, not what surrounds them", {
  permissions,
}, () => {
  const same: Partial<PluginData>[] = [
    { user: "bob", roles: ["ops"], reason: "other" },
    { loginsByRole: new Map(), annotations: new Map([["a", ["b"]]]) },
    { leaseHolder: "p2", created: undefined, accessExpires: undefined },
    // With the verdicts at hand, the official count says nothing more.
    { reviewsCount: 1 },
  ];
  for (const fields of same) {
    assert.equal(digestOf(pluginData(fields)), digestOf(pluginData()));
  }
});

Deno.test("isShown(): less missing enrichment is a difference, more is not", {
  permissions,
}, async (t) => {
  const withMissing = (letters: string) =>
    pluginData({
      loginsByRole: letters.includes("l")
        ? undefined
        : letters.includes("t")
        ? TEMPLATES
        : new Map(),
      resources: letters.includes("r") ? ["/c/node/a"] : ["node/a"],
    });
  const rows: [string, string, boolean][] = [
    ["", "", true],
    ["", "l", true],
    ["", "lr", true],
    ["l", "", false],
    ["l", "l", true],
    ["l", "r", false],
    ["l", "lr", true],
    ["", "t", true],
    ["l", "t", false],
    ["t", "l", true],
    ["t", "t", true],
    ["t", "", false],
    ["tr", "t", false],
    ["lr", "", false],
    ["lr", "l", false],
    ["lr", "lr", true],
  ];
  for (const [shown, missing, expected] of rows) {
    await t.step(`"${shown}" shown, "${missing}" now`, () => {
      const shows = `PENDING-0-0-0.${shown}`;
      assert.equal(isShown(shows, withMissing(missing)), expected);
    });
  }
});

Deno.test("isShown(): other facts, and what is not a digest, are not shown", {
  permissions,
}, () => {
  const data = pluginData();
  const others = [
    SHOWS_UNKNOWN,
    SHOWS_GONE,
    "",
    ".",
    "PENDING-0-0-0",
    "PENDING-0.",
    "PENDING-1-0-0.",
    "EXPIRED-0-0-0.",
    "PENDING-0-0-0-bf9cf968.",
    // A letter of a later release.
    "PENDING-0-0-0.x",
  ];
  for (const shows of others) assert.ok(!isShown(shows, data), shows);
});

const TEMPLATES = new Map([["dev", ["root", "{{internal.logins}}"]]]);
const NONE = sight(undefined, { source: "read" });
const PENDING = accessRequest();
const REVIEWED = accessRequest({ reviews: [review()] });
const APPROVED = accessRequest({ state: "APPROVED" });
const DENIED = accessRequest({ state: "DENIED" });
const REASONED = accessRequest({ state: "APPROVED", resolveReason: "ok" });
const STRANGE = accessRequest({ state: "UNKNOWN" });

Deno.test("newerObservation(): which request is newer", {
  permissions,
}, async (t) => {
  const rows: [string, Observation, Observation, "earlier" | "later"][] = [
    ["a later state", sight(PENDING), sight(APPROVED), "later"],
    ["an earlier state", sight(APPROVED), sight(PENDING), "earlier"],
    ["denied after approved", sight(APPROVED), sight(DENIED), "later"],
    ["another review", sight(PENDING), sight(REVIEWED), "later"],
    ["a review less", sight(REVIEWED), sight(PENDING), "earlier"],
    ["another reason", sight(APPROVED), sight(REASONED), "later"],
    ["nothing found", sight(PENDING), NONE, "earlier"],
    ["found after all", NONE, sight(PENDING), "later"],
    ["no state known", sight(PENDING), sight(STRANGE), "earlier"],
    ["a state known at last", sight(STRANGE), sight(PENDING), "later"],
    ["only a strange state", NONE, sight(STRANGE), "later"],
    [
      "a list that is further",
      sight(PENDING),
      sight(APPROVED, { source: "list" }),
      "later",
    ],
    [
      "a list that may lag",
      sight(APPROVED),
      sight(REASONED, { source: "list" }),
      "earlier",
    ],
    [
      "a list after a list",
      sight(APPROVED, { source: "list" }),
      sight(REASONED, { source: "list" }),
      "later",
    ],
    [
      "a read after a list",
      sight(APPROVED, { source: "list" }),
      sight(REASONED, { source: "read" }),
      "later",
    ],
  ];
  for (const [what, earlier, later, expected] of rows) {
    await t.step(what, () => {
      const newer = newerObservation(earlier, later);
      const { request, source } = expected === "later" ? later : earlier;
      assert.deepEqual(newer, { request, source, gone: undefined });
      assert.equal(newerObservation(undefined, later), later);
    });
  }
});

Deno.test("newerObservation(): whether the request is gone", {
  permissions,
}, async (t) => {
  type Seen = [Observation["gone"], ObservationSource | undefined];
  const rows: [Seen, Seen, Observation["gone"]][] = [
    [["event", undefined], [undefined, "put"], "event"],
    [["event", undefined], ["inferred", undefined], "event"],
    [["inferred", undefined], ["event", undefined], "event"],
    [[undefined, "put"], ["event", undefined], "event"],
    [[undefined, "put"], ["inferred", undefined], "inferred"],
    [["inferred", undefined], [undefined, "put"], undefined],
    [["inferred", undefined], [undefined, "read"], undefined],
    [["inferred", undefined], [undefined, "list"], "inferred"],
    [["inferred", undefined], [undefined, undefined], "inferred"],
  ];
  for (const [earlier, later, gone] of rows) {
    await t.step(`${earlier} then ${later}`, () => {
      const [before, after] = [earlier, later].map(([gone, source]) =>
        sight(source && PENDING, { gone, source: source ?? "read" })
      );
      assert.ok(before !== undefined && after !== undefined);
      assert.equal(newerObservation(before, after).gone, gone);
    });
  }
});
