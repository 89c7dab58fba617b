import assert from "node:assert/strict";
import {
  dueNotices,
  noticeFor,
  withNews,
} from "../../src/deliver/due/notices.ts";
import { nextDueMs } from "../../src/deliver/due/due.ts";
import { withReminder } from "../../src/deliver/due/reminders.ts";
import { snowflakeAt } from "../../src/deliver/due/snowflake.ts";
import {
  announcementAt,
  nameOf,
  type Subject,
} from "../../src/deliver/due/subject.ts";
import type { NoticeSettings } from "../../src/people/people_config.ts";
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

const TELL: NoticeSettings = { ...NO_NOTICES, requester: true };
const REMIND: NoticeSettings = { ...NO_NOTICES, remindAfterMs: [1_800_000] };

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
    const terms = {
      notices: TELL,
      request: undefined,
      isGone: false,
      now: CREATED,
    };
    await t.step(`${told} -> ${verdict}`, () => {
      assert.deepEqual(
        dueNotices(data, terms).map(nameOf),
        verdict === undefined ? [] : ["requester"],
      );
      const notice = noticeFor(data, { kind: "tell-requester" }, terms);
      assert.deepEqual(
        notice,
        verdict === undefined
          ? undefined
          : { kind: "tell-requester", told, verdict },
      );
    });
  }
});

Deno.test("requesters hear nothing where that is off, or nothing is owed", {
  permissions,
}, () => {
  const data = pluginData({ told: "PENDING-0-0-0", resolution: "DENIED" });
  const terms = {
    notices: NO_NOTICES,
    request: undefined,
    isGone: false,
    now: CREATED,
  };
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
        isGone: false,
        now: hoursLater(hours),
      });
      assert.deepEqual(due.map(nameOf), isDue ? ["reminder 11"] : []);
    });
  }
  const requests = [
    undefined,
    accessRequest({ state: "APPROVED" }),
    accessRequest({ reviews: [review()] }),
  ];
  for (const request of requests) {
    const terms = {
      notices: REMIND,
      request,
      isGone: false,
      now: hoursLater(0.6),
    };
    assert.deepEqual(dueNotices(pluginData(open), terms), []);
  }
});

Deno.test("nextDueMs() is the next time at which somebody is reminded", {
  permissions,
}, () => {
  const owed = { kind: "owed", generation: 1 } as const;
  const data = pluginData({ deliveries: new Map([["11", owed]]) });
  const terms = { notices: REMIND, request: accessRequest(), isGone: false };
  const next = (at: PluginData, hours = 0) => {
    const ms = nextDueMs(at, { ...terms, now: hoursLater(hours) });
    return ms === undefined ? undefined : new Date(ms);
  };
  assert.deepEqual(next(data), hoursLater(0.5));
  assert.equal(next(data, 0.5), undefined);
  assert.equal(
    nextDueMs(data, { ...terms, notices: NO_NOTICES, now: CREATED }),
    undefined,
  );
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
  const open = pluginData({ deliveries, requestExpires: undefined });
  for (
    const [hours, due] of [
      [0.4, []],
      [0.5, ["reminder 11"]],
      [2.5, ["reminder 11", "reminder 12"]],
    ] as const
  ) {
    const now = hoursLater(hours);
    assert.deepEqual(dueNotices(open, { ...terms, now }).map(nameOf), due);
  }
});

Deno.test(
  "of several reminders the latest that is due is sent, and then the next",
  {
    permissions,
  },
  async (t) => {
    const notices: NoticeSettings = {
      ...NO_NOTICES,
      remindAfterMs: [1, 2, 4].map((h) => h * 1_800_000),
    };
    const open = pluginData({
      requestExpires: undefined,
      deliveries: new Map([["11", postedAt(CREATED)]]),
    });
    const [message] = open.deliveries.values();
    assert.ok(message?.kind === "posted");
    const announcement = message.message.messageId;
    const sent = (number: number): Partial<PluginData> => ({
      reminded: new Map([["11", CREATED]]),
      reminders: new Map([["11", { number, messageId: "77" }]]),
    });
    type Row = [
      string,
      Partial<PluginData>,
      number,
      number | undefined,
      number | undefined,
    ];
    const rows: Row[] = [
      ["none is due", {}, 0.4, undefined, 0.5],
      ["the first", {}, 0.5, 1, 1],
      ["the second alone after a downtime", {}, 1.9, 2, 2],
      ["the last", {}, 2, 3, undefined],
      ["the first was sent", sent(1), 0.9, undefined, 1],
      ["the second after the first", sent(1), 1, 2, 2],
      ["the second was sent", sent(2), 1.5, undefined, 2],
      [
        "one was sent when there was but one",
        { reminded: new Map([["11", CREATED]]) },
        0.6,
        undefined,
        1,
      ],
      ["more were sent than there are now", sent(5), 9, undefined, undefined],
    ];
    for (const [what, fields, hours, number, nextHours] of rows) {
      await t.step(what, () => {
        const data = { ...open, ...fields };
        const now = hoursLater(hours);
        const terms = { notices, request: accessRequest(), isGone: false, now };
        const notice = noticeFor(
          data,
          { kind: "remind", recipient: "11" },
          terms,
        );
        assert.equal(
          notice?.kind === "remind" ? notice.number : undefined,
          number,
        );
        const nextMs = nextDueMs(data, terms);
        assert.equal(nextMs, nextHours && hoursLater(nextHours).getTime());
        if (notice?.kind !== "remind") return;
        const after = fields.reminders === undefined ? announcement : "77";
        assert.equal(notice.after, after);
        assert.equal(
          notice.dueMs,
          hoursLater([0.5, 1, 2][notice.number - 1] ?? 0).getTime(),
        );
      });
    }
  },
);

Deno.test(
  "the number of a reminder is stored only where there may be several",
  {
    permissions,
  },
  () => {
    const now = hoursLater(1);
    const delivery = posted("11", "PENDING-0-0-0.");
    const reminder = {
      kind: "remind",
      recipient: "11",
      message: delivery.message,
      generation: 1,
      threadId: undefined,
      mayMove: false,
      number: 1,
      dueMs: 0,
      after: "1100",
    } as const;
    const data = pluginData({ deliveries: new Map([["11", delivery]]) });
    const alone = withReminder(data, reminder, "77", false, now);
    assert.deepEqual([...alone.reminded, ...alone.reminders], [["11", now]]);
    const first = withReminder(data, reminder, "77", true, now);
    assert.deepEqual(first.reminders.get("11"), { number: 1, messageId: "77" });
    // Somebody else recorded it, or a later one.
    assert.equal(withReminder(first, reminder, "78", true, now), first);
    assert.equal(withReminder(alone, reminder, "78", true, now), alone);
    const second = { ...reminder, number: 2, after: "77" };
    // It was refused: what is searched for later begins where it would have.
    assert.deepEqual(
      withReminder(first, second, undefined, false, now).reminders.get("11"),
      { number: 2, messageId: "77" },
    );
  },
);

Deno.test(
  "each subject of a request has a name of its own",
  { permissions },
  () => {
    const subjects: Subject[] = [
      announcementAt("11"),
      { kind: "remind", recipient: "11" },
      { kind: "escalate", recipient: "11" },
      { kind: "thread", recipient: "11" },
      { kind: "tell-requester" },
      { kind: "before-end" },
    ];
    assert.deepEqual(subjects.map(nameOf), [
      "11",
      "reminder 11",
      "escalation 11",
      "thread 11",
      "requester",
      "end of access",
    ]);
  },
);
