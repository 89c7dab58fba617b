import fc from "fast-check";
import assert from "node:assert/strict";
import type {
  ScheduleSpec,
  ShiftSpec,
} from "../../src/ports/monitoring_rule.ts";
import {
  isInShift,
  parseSchedules,
  ScheduleError,
  wallTime,
} from "../../src/route/schedule.ts";
import go from "../fixtures/time-zones-go.json" with { type: "json" };

const permissions = "none";

/** Tells whether the one shift `Monday 09:00-17:00` in a time zone covers an instant. */
function covers(timezone: string, shift: string, instant: string): boolean {
  const schedules = parse({ timezone, shifts: [toShift(shift)] });
  return isInShift(schedules, new Date(instant));
}

function parse(...specs: ScheduleSpec[]) {
  return parseSchedules(
    new Map(specs.map((spec, i) => [`s${i + 1}`, spec])),
  );
}

function toShift(text: string): ShiftSpec {
  const [weekday = "", start = "", end = ""] = text.split(/[ -]/);
  return { weekday, start, end };
}

Deno.test(
  "isInShift() reads the clock of the zone",
  { permissions },
  async (t) => {
    const rows: [string, string, string, boolean][] = [
      // 2026-03-09 is a Monday. Both ends belong to the shift, the end as an instant.
      ["", "Monday 09:00-17:00", "2026-03-09T08:59:59.999Z", false],
      ["", "Monday 09:00-17:00", "2026-03-09T09:00:00Z", true],
      ["", "Monday 09:00-17:00", "2026-03-09T17:00:00Z", true],
      ["", "Monday 09:00-17:00", "2026-03-09T17:00:00.001Z", false],
      ["", "Monday 09:00-17:00", "2026-03-10T10:00:00Z", false],
      ["UTC", "Monday 9:00-17:00", "2026-03-09T09:00:00Z", true],
      ["", "Monday 09:00-09:00", "2026-03-09T09:00:00Z", true],
      // No shift goes over midnight.
      ["", "Monday 22:00-06:00", "2026-03-09T23:00:00Z", false],
      ["", "Monday 22:00-06:00", "2026-03-10T01:00:00Z", false],
      ["", "Monday 00:00-23:59", "2026-03-09T00:00:00Z", true],
      // The weekday is that of the zone.
      ["Asia/Seoul", "Tuesday 00:00-08:00", "2026-03-09T15:00:00Z", true],
      ["Asia/Seoul", "Monday 00:00-23:59", "2026-03-09T15:00:00Z", false],
      [
        "America/Los_Angeles",
        "Sunday 00:00-23:59",
        "2026-03-09T06:59:00Z",
        true,
      ],
      ["Asia/Kathmandu", "Monday 09:00-09:30", "2026-03-09T03:15:00Z", true],
      ["Asia/Kathmandu", "Monday 09:00-09:30", "2026-03-09T03:14:59Z", false],
      [
        "Pacific/Kiritimati",
        "Tuesday 00:00-01:00",
        "2026-03-09T10:00:00Z",
        true,
      ],
      // Berlin: 02:00 becomes 03:00 on 29 March, 03:00 becomes 02:00 on 25 October, both Sundays.
      ["Europe/Berlin", "Friday 09:00-17:00", "2026-03-27T08:00:00Z", true],
      ["Europe/Berlin", "Monday 09:00-17:00", "2026-03-30T07:00:00Z", true],
      ["Europe/Berlin", "Monday 09:00-17:00", "2026-03-30T15:00:01Z", false],
      ["Europe/Berlin", "Sunday 01:00-03:30", "2026-03-29T00:59:59Z", true],
      ["Europe/Berlin", "Sunday 01:00-03:30", "2026-03-29T01:30:00Z", true],
      ["Europe/Berlin", "Sunday 01:00-03:30", "2026-03-29T01:30:01Z", false],
      ["Europe/Berlin", "Sunday 02:00-02:59", "2026-03-29T00:59:59Z", false],
      ["Europe/Berlin", "Sunday 02:00-02:59", "2026-03-29T01:00:00Z", false],
      ["Europe/Berlin", "Sunday 02:15-02:45", "2026-10-25T00:30:00Z", true],
      ["Europe/Berlin", "Sunday 02:15-02:45", "2026-10-25T01:00:00Z", false],
      ["Europe/Berlin", "Sunday 02:15-02:45", "2026-10-25T01:30:00Z", true],
      ["Europe/Berlin", "Sunday 02:15-02:45", "2026-10-25T01:46:00Z", false],
      // New York: 8 March and 1 November.
      ["America/New_York", "Sunday 01:00-03:00", "2026-03-08T06:59:00Z", true],
      ["America/New_York", "Sunday 01:00-03:00", "2026-03-08T07:00:00Z", true],
      ["America/New_York", "Sunday 01:00-03:00", "2026-03-08T07:00:01Z", false],
      ["America/New_York", "Sunday 01:00-01:30", "2026-11-01T05:15:00Z", true],
      ["America/New_York", "Sunday 01:00-01:30", "2026-11-01T06:15:00Z", true],
      ["America/New_York", "Sunday 01:00-01:30", "2026-11-01T07:15:00Z", false],
      // Lord Howe Island moves its clocks by half an hour: 02:00 to 01:30 on 5 April.
      [
        "Australia/Lord_Howe",
        "Sunday 01:45-02:00",
        "2026-04-04T14:50:00Z",
        true,
      ],
      [
        "Australia/Lord_Howe",
        "Sunday 01:45-02:00",
        "2026-04-04T15:20:00Z",
        true,
      ],
      [
        "Australia/Lord_Howe",
        "Sunday 01:45-02:00",
        "2026-04-04T15:10:00Z",
        false,
      ],
      // The south: Santiago leaves out midnight of 6 September.
      ["America/Santiago", "Sunday 00:00-01:00", "2026-09-06T04:00:00Z", true],
      [
        "America/Santiago",
        "Saturday 23:00-23:59",
        "2026-09-06T03:59:00Z",
        true,
      ],
      ["America/Santiago", "Sunday 00:00-00:59", "2026-09-06T04:00:00Z", false],
    ];
    for (const [timezone, shift, instant, expected] of rows) {
      await t.step(
        `${shift} ${timezone} at ${instant}`,
        () => assert.equal(covers(timezone, shift, instant), expected),
      );
    }
  },
);

Deno.test("isInShift() takes any schedule", { permissions }, () => {
  const monday = new Date("2026-03-09T12:00:00Z");
  const day = (weekday: string) => toShift(`${weekday} 00:00-23:59`);
  const utc = (...shifts: ShiftSpec[]) => ({ timezone: "", shifts });
  assert.equal(isInShift(parse(), monday), true);
  assert.equal(isInShift(parse(utc()), monday), false);
  assert.equal(isInShift(parse(utc(day("Sunday"))), monday), false);
  assert.equal(
    isInShift(parse(utc(day("Sunday"), day("Monday"))), monday),
    true,
  );
  assert.equal(
    isInShift(parse(utc(), utc(day("Sunday")), utc(day("Monday"))), monday),
    true,
  );
});

Deno.test(
  "each time zone that Teleport knows can be read",
  { permissions },
  () => {
    for (const timezone of go.names) {
      assert.doesNotThrow(() => parse({ timezone, shifts: [] }), timezone);
      assert.doesNotThrow(() => wallTime(timezone, new Date(0)), timezone);
    }
    // Of all others that the runtime lists, none is taken.
    for (const timezone of Intl.supportedValuesOf("timeZone")) {
      if (go.names.includes(timezone)) continue;
      assert.throws(() => parse({ timezone, shifts: [] }), ScheduleError);
    }
  },
);

Deno.test("time zones are taken and refused as by Go", { permissions }, () => {
  for (const [timezone, isTaken] of Object.entries(go.tried)) {
    const read = () => parse({ timezone, shifts: [] });
    if (isTaken) assert.doesNotThrow(read, timezone);
    else assert.throws(read, ScheduleError, timezone);
  }
});

Deno.test("Local is the time zone of the machine", { permissions }, () => {
  const time = new Date("2026-03-02T09:30:00Z");
  const { timeMs } = wallTime("Local", time);
  const minutes = time.getHours() * 60 + time.getMinutes();
  assert.equal(timeMs, minutes * 60_000);
  assert.equal(parse({ timezone: "Local", shifts: [] }).all.length, 1);
});

Deno.test("parseSchedules() names what is wrong", { permissions }, () => {
  const good = toShift("Monday 09:00-17:00");
  const rows: [ScheduleSpec, string][] = [
    [
      { timezone: "Europe/Atlantis", shifts: [] },
      'schedule "s1": "Europe/Atlantis" is not an IANA time zone such as Europe/Berlin',
    ],
    [
      { timezone: "+09:00", shifts: [] },
      'schedule "s1": "+09:00" is not an IANA time zone such as Europe/Berlin',
    ],
    [
      { timezone: "PST", shifts: [] },
      'schedule "s1": "PST" is not an IANA time zone such as Europe/Berlin',
    ],
    [
      { timezone: "asia/seoul", shifts: [] },
      'schedule "s1": "asia/seoul" is not an IANA time zone such as Asia/Seoul',
    ],
    [
      { timezone: "", shifts: [good, { ...good, weekday: "Mon" }] },
      'schedule "s1", shift 2: "Mon" is not a weekday such as Monday',
    ],
    ...["", "9", "24:00", "09:60", "9:5", "09:00:00", "noon", "-1:00"].map(
      (start): [ScheduleSpec, string] => [
        { timezone: "", shifts: [{ ...good, start }] },
        `schedule "s1", shift 1: "${start}" is not a time from 00:00 to 23:59`,
      ],
    ),
    [
      { timezone: "", shifts: [{ ...good, end: "24:00" }] },
      'schedule "s1", shift 1: "24:00" is not a time from 00:00 to 23:59',
    ],
  ];
  for (const [spec, message] of rows) {
    assert.throws(() => parse(spec), new ScheduleError(message));
  }
});

Deno.test(
  "parseSchedules() warns of what never matches",
  { permissions },
  () => {
    const shifts = [
      toShift("Monday 09:00-17:00"),
      toShift("Monday 22:00-06:00"),
    ];
    assert.deepEqual(
      parse({ timezone: "", shifts }, { timezone: "", shifts: [] }).warnings,
      [
        'schedule "s1", shift 2 ends before it starts: write one shift up to 23:59 and one from 00:00 of the next day',
        'schedule "s2" has no shifts',
      ],
    );
  },
);

Deno.test("shifts from 00:00 to 23:59 leave out the last minute alone", {
  permissions,
}, () => {
  const zones = ["", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];
  const days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";
  const shifts = days.split(" ").map((day) => toShift(`${day} 00:00-23:59`));
  const schedules = new Map(zones.map((timezone) => [
    timezone,
    parse({ timezone, shifts }),
  ]));
  fc.assert(fc.property(
    fc.constantFrom(...zones),
    fc.date({
      min: new Date(0),
      max: new Date("2050-01-01"),
      noInvalidDate: true,
    }),
    (timezone, time) => {
      const { timeMs } = wallTime(timezone === "" ? "UTC" : timezone, time);
      const isLastMinute = timeMs > (23 * 60 + 59) * 60_000;
      const found = schedules.get(timezone);
      assert.ok(found !== undefined && timeMs >= 0 && timeMs < 86_400_000);
      assert.equal(isInShift(found, time), !isLastMinute);
    },
  ));
});
