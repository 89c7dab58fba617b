/**
 * Access monitoring rules as Teleport describes them, free of any wire form.
 *
 * Source: docs/design/teleport-api.md 10; docs/design/routing-rules.md 2, 3.
 *
 * @module
 */

/** One access monitoring rule; nothing in it is checked yet. */
export interface MonitoringRule {
  readonly name: string;
  readonly subjects: readonly string[];
  /** When it holds, in the predicate language. */
  readonly condition: string;
  /** Name of the plugin that tells the recipients. */
  readonly plugin: string;
  readonly recipients: readonly string[];
  /** Times in which it holds, by name; none for always. */
  readonly schedules: ReadonlyMap<string, ScheduleSpec>;
  /** Why the rule could not be read to its end, in which case it must not be used. */
  readonly unreadable: string | undefined;
}

/** One shift as a rule has it. */
export interface ShiftSpec {
  /** English name of the day, such as `Monday`. */
  readonly weekday: string;
  /** 24-hour clock times such as `09:00`; both belong to the shift, the end as an instant. */
  readonly start: string;
  readonly end: string;
}

/** One schedule as a rule has it. */
export interface ScheduleSpec {
  /** IANA name such as `Europe/Berlin`; empty for UTC. */
  readonly timezone: string;
  readonly shifts: readonly ShiftSpec[];
}
