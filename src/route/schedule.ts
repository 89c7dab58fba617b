/**
 * When a monitoring rule is on duty: weekly shifts in the time zone of those who work them.
 *
 * Source: docs/design/routing-rules.md 3. A shift is read off the clock on the wall: on the day when
 * an hour comes twice it covers both passes, and an hour that is left out is in no shift.
 *
 * @module
 */

import type { ScheduleSpec, ShiftSpec } from "../ports/monitoring_rule.ts";

/** A shift within one day; times are milliseconds since the wall clock showed 00:00. */
interface Shift {
  readonly weekday: string;
  readonly startMs: number;
  readonly endMs: number;
}

interface Schedule {
  readonly timezone: string;
  readonly shifts: readonly Shift[];
}

/** The schedules of one rule, parsed. */
export interface Schedules {
  /** Any of them is enough; none at all means always. */
  readonly all: readonly Schedule[];
  /** What is allowed but cannot be meant, each a phrase that names schedule and shift. */
  readonly warnings: readonly string[];
}

/** A schedule that cannot be used. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

const WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
  .split(" ");

const MINUTE_MS = 60_000;
const CLOCK_TIME = /^(?<hour>\d{1,2}):(?<minute>\d\d)$/;

/** What a clock on the wall shows. */
export interface WallTime {
  readonly weekday: string;
  /** Milliseconds since it showed 00:00, as if no hour had been left out or come twice. */
  readonly timeMs: number;
}

/** Go's name for the time zone of the machine. */
const LOCAL = "Local";

/** Go's name for that of a machine which nobody has set up: UTC. The runtime does not know it. */
const FACTORY = "Factory";

/** Returns how Teleport writes the name of a time zone; `undefined` if it has none of this name in any case. */
function properName(timezone: string): string | undefined {
  if (timezone === LOCAL || timezone === FACTORY) return timezone;
  try {
    const { timeZoneId } = new Temporal.ZonedDateTime(0n, timezone);
    return /^[+-]/.test(timeZoneId) ? undefined : timeZoneId;
  } catch {
    return undefined;
  }
}

/**
 * Returns what a clock shows.
 *
 * @param timezone An IANA name, or `Local`.
 * @throws {RangeError} If there is no such time zone.
 */
export function wallTime(timezone: string, time: Date): WallTime {
  const zone = timezone === LOCAL
    ? Temporal.Now.timeZoneId()
    : timezone === FACTORY
    ? "UTC"
    : timezone;
  const { dayOfWeek, hour, minute, second, millisecond } = Temporal.Instant
    .fromEpochMilliseconds(time.getTime()).toZonedDateTimeISO(zone);
  const seconds = (hour * 60 + minute) * 60 + second;
  return {
    weekday: WEEKDAYS[dayOfWeek - 1] ?? "",
    timeMs: seconds * 1000 + millisecond,
  };
}

/**
 * Parses the schedules of a rule, by name.
 *
 * @throws {ScheduleError} If a time zone, weekday or clock time is none; the message names the schedule
 * and counts its shifts from 1.
 */
export function parseSchedules(
  specs: ReadonlyMap<string, ScheduleSpec>,
): Schedules {
  const warnings: string[] = [];
  const all = [...specs].map(([name, { timezone, shifts }]) => {
    const schedule = `schedule ${JSON.stringify(name)}`;
    const proper = properName(timezone);
    if (timezone !== "" && timezone !== proper) {
      throw new ScheduleError(
        `${schedule}: ${JSON.stringify(timezone)} is not an IANA time zone ` +
          `such as ${proper ?? "Europe/Berlin"}`,
      );
    }
    if (shifts.length === 0) warnings.push(`${schedule} has no shifts`);
    return {
      timezone: timezone === "" ? "UTC" : timezone,
      shifts: shifts.map((spec, i) => {
        const place = `${schedule}, shift ${i + 1}`;
        const shift = parseShift(spec, place);
        if (shift.endMs < shift.startMs) {
          warnings.push(
            `${place} ends before it starts: write one shift up to 23:59 ` +
              "and one from 00:00 of the next day",
          );
        }
        return shift;
      }),
    };
  });
  return { all, warnings };
}

/** Tells whether a request concerns a rule with these schedules, by the clocks when it was created. */
export function isInShift(schedules: Schedules, created: Date): boolean {
  if (schedules.all.length === 0) return true;
  return schedules.all.some(({ timezone, shifts }) => {
    if (shifts.length === 0) return false;
    const { weekday, timeMs } = wallTime(timezone, created);
    return shifts.some((shift) =>
      shift.weekday === weekday && shift.startMs <= timeMs &&
      timeMs <= shift.endMs
    );
  });
}

function parseShift(spec: ShiftSpec, place: string): Shift {
  const { weekday } = spec;
  if (!WEEKDAYS.includes(weekday)) {
    throw new ScheduleError(
      `${place}: ${JSON.stringify(weekday)} is not a weekday such as Monday`,
    );
  }
  const parse = (text: string) => {
    const { hour, minute } = CLOCK_TIME.exec(text)?.groups ?? {};
    const minutes = Number(hour) * 60 + Number(minute);
    if (!(Number(hour) < 24 && Number(minute) < 60)) {
      throw new ScheduleError(
        `${place}: ${JSON.stringify(text)} is not a time from 00:00 to 23:59`,
      );
    }
    return minutes * MINUTE_MS;
  };
  return { weekday, startMs: parse(spec.start), endMs: parse(spec.end) };
}
