import assert from "node:assert/strict";
import {
  dueNotices,
  isNoticeKey,
  nextReminderMs,
  noticeFor,
  withNews,
} from "../../src/deliver/notices.ts";
import { snowflakeAt } from "../../src/deliver/snowflake.ts";
import type { Notices } from "../../src/people/people_config.ts";
import type { Delivery, PluginData } from "../../src/record/plugin_data.ts";
import {
  accessRequest,
  CREATED,
  hoursLater,
  NO_NOTICES,
  pluginData,
  posted,
  review,
} from "../fakes/samples.ts";

const permissions = "none";

const TELL: Notices = { ...NO_NOTICES, requester: true };
const REMIND: Notices = { ...NO_NOTICES, remindAfterMs: 1_800_000 };

/** Returns a delivery whose message was posted at a time. */
function postedAt(time: Date): Delivery {
  const messageId = `${snowflakeAt(time.getTime())}`;
  const message = { channelId: "11", messageId };
  return { ...posted("11", "PENDING-0-0-0."), message };
}

function counted(
  approvals: number,
  denials = 0,
): Pick<PluginData, "reviewsCount" | "reviewCounts"> {
  return {
    reviewsCount: approvals + denials,
    reviewCounts: { approvals, denials, promotions: 0 },
  };
}

Deno.test("what is news to a requester", { permissions }, async (t) => {
  const rows: [string, Partial<PluginData>, string | undefined][] = [
    ["PENDING-0-0-0", {}, undefined],
    ["PENDING-0-0-0", counted(1), "PENDING-1-0-0"],
    ["PENDING-1-0-0", counted(1), undefined],
    ["PENDING-1-0-0", counted(1, 1), "PENDING-1-1-0"],
    ["PENDING-0-0-0", { resolution: "DENIED" }, "DENIED-0-0-0"],
    ["APPROVED-0-0-0", { resolution: "APPROVED" }, undefined],
    ["APPROVED-1-0-0", { resolution: "DENIED", ...counted(1) }, "DENIED-1-0-0"],
    ["PENDING-0-0-0", { resolution: "EXPIRED" }, "EXPIRED-0-0-0"],
    // That it has not ended after all is seen in the announcement.
    ["EXPIRED-0-0-0", {}, undefined],
    ["EXPIRED-0-0-0", { resolution: "APPROVED" }, "APPROVED-0-0-0"],
    // The official plugin counts reviews without their verdict.
    ["APPROVED-1", { resolution: "APPROVED", ...counted(1) }, undefined],
    ["PENDING-1", counted(1), undefined],
    ["PENDING-0-0-0", { accessStarts: hoursLater(2) }, undefined],
    [
      "APPROVED-1-0-0@2026-11-22T22:51:20Z",
      { resolution: "APPROVED", accessStarts: hoursLater(2), ...counted(1) },
      undefined,
    ],
    [
      "APPROVED-1-0-0@2026-11-22T22:51:20Z",
      { resolution: "APPROVED", accessStarts: hoursLater(3), ...counted(1) },
      "APPROVED-1-0-0@2026-11-22T23:51:20Z",
    ],
  ];
  for (const [told, fields, verdict] of rows) {
    const data = pluginData({ told, ...fields });
    const terms = { notices: TELL, request: undefined, now: CREATED };
    await t.step(`${told} -> ${verdict}`, () => {
      assert.deepEqual(
        dueNotices(data, terms),
        verdict === undefined ? [] : ["requester"],
      );
      const notice = noticeFor(data, "requester", terms);
      assert.deepEqual(
        notice,
        verdict === undefined ? undefined : { kind: "tell", told, verdict },
      );
    });
  }
});

Deno.test("requesters hear nothing where that is off, or nothing is owed", {
  permissions,
}, () => {
  const data = pluginData({ told: "PENDING-0-0-0", resolution: "DENIED" });
  const terms = { notices: NO_NOTICES, request: undefined, now: CREATED };
  assert.deepEqual(dueNotices(data, terms), []);
  const untold = { ...data, told: undefined };
  assert.deepEqual(dueNotices(untold, { ...terms, notices: TELL }), []);
});

Deno.test("withNews() notes what was known before the first news", {
  permissions,
}, () => {
  const before = pluginData(counted(1));
  const after = { ...before, resolution: "APPROVED" } as const;
  assert.equal(withNews(before, after, TELL).told, "PENDING-1-0-0");
  assert.equal(withNews(before, before, TELL), before);
  assert.equal(withNews(before, after, NO_NOTICES), after);
  // What an older release did not store was not moved.
  const starts = { ...after, accessStarts: hoursLater(2) };
  assert.equal(withNews(after, starts, TELL), starts);
  const moved = { ...after, accessStarts: hoursLater(3) };
  assert.equal(
    withNews(starts, moved, TELL).told,
    "APPROVED-1-0-0@2026-11-22T22:51:20Z",
  );
  const told = { ...after, told: "PENDING-0-0-0" };
  assert.equal(withNews(before, told, TELL), told);
});

Deno.test("when a recipient is reminded", { permissions }, async (t) => {
  const channel = posted("11", "PENDING-0-0-0.");
  const gone: Delivery = { ...channel, shows: "gone" };
  const deliver = (delivery: Delivery, to = "11"): Partial<PluginData> => ({
    deliveries: new Map([[to, delivery]]),
  });
  const reminded = new Map([["11", CREATED]]);
  const open = deliver(channel);
  type Row = [string, Partial<PluginData>, number, boolean];
  const rows: Row[] = [
    ["due", open, 0.5, true],
    ["too soon", open, 0.49, false],
    ["reviewed", { ...open, ...counted(0, 1) }, 0.5, false],
    ["resolved", { ...open, resolution: "EXPIRED" }, 0.5, false],
    ["reminded", { ...open, reminded }, 0.5, false],
    ["not announced yet", deliver({ kind: "owed", generation: 1 }), 0.5, false],
    ["deleted", deliver(gone), 0.5, false],
    ["a second message in a channel", deliver(channel, "11/22"), 0.5, false],
    ["expired", open, 1, false],
    ["of unknown age", { ...open, created: undefined }, 0.5, false],
  ];
  for (const [what, fields, hours, isDue] of rows) {
    await t.step(what, () => {
      const due = dueNotices(pluginData(fields), {
        notices: REMIND,
        request: accessRequest(),
        now: hoursLater(hours),
      });
      assert.deepEqual(due, isDue ? ["reminder 11"] : []);
    });
  }
  const requests = [
    undefined,
    accessRequest({ state: "APPROVED" }),
    accessRequest({ reviews: [review()] }),
  ];
  for (const request of requests) {
    const terms = { notices: REMIND, request, now: hoursLater(0.6) };
    assert.deepEqual(dueNotices(pluginData(open), terms), []);
  }
});

Deno.test("nextReminderMs() is the next time at which somebody is reminded", {
  permissions,
}, () => {
  const owed = { kind: "owed", generation: 1 } as const;
  const data = pluginData({ deliveries: new Map([["11", owed]]) });
  const next = (at: PluginData, hours = 0) => {
    const ms = nextReminderMs(at, REMIND, hoursLater(hours).getTime());
    return ms === undefined ? undefined : new Date(ms);
  };
  assert.deepEqual(next(data), hoursLater(0.5));
  assert.equal(next(data, 0.5), undefined);
  assert.equal(nextReminderMs(data, NO_NOTICES, 0), undefined);
  assert.equal(
    next({ ...data, reminded: new Map([["11", CREATED]]) }),
    undefined,
  );
  assert.equal(next(pluginData()), undefined);
  // Where a message could not be seen before, its time begins with it.
  const deliveries = new Map([
    ["11", postedAt(hoursLater(0.01))],
    ["12", postedAt(hoursLater(2))],
  ]);
  assert.deepEqual(next({ ...data, deliveries }), hoursLater(0.5));
  assert.deepEqual(next({ ...data, deliveries }, 0.5), hoursLater(2.5));
  const terms = { notices: REMIND, request: accessRequest() };
  const open = pluginData({ deliveries, requestExpires: undefined });
  for (
    const [hours, due] of [
      [0.4, []],
      [0.5, ["reminder 11"]],
      [2.5, ["reminder 11", "reminder 12"]],
    ] as const
  ) {
    const now = hoursLater(hours);
    assert.deepEqual(dueNotices(open, { ...terms, now }), due);
  }
});

Deno.test("keys of notices are no recipients", { permissions }, () => {
  assert.ok(isNoticeKey("requester") && isNoticeKey("reminder 11"));
  assert.ok(!isNoticeKey("11") && !isNoticeKey("user:7"));
});
