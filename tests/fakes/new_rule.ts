/**
 * Access monitoring rules as tests write them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  AccessMonitoringRule,
  RuleScheduleEntry,
} from "../../src/teleport/gen/types/access_monitoring_rule.ts";

/** A rule that somebody writes; what is left out makes it tell this plugin of every request. */
export interface NewRule {
  readonly name: string;
  readonly subjects?: readonly string[];
  readonly condition?: string;
  readonly plugin?: string;
  readonly recipients?: readonly string[];
  readonly schedules?: Readonly<Record<string, NewSchedule>>;
  /** Bytes in the place of schedules. */
  readonly scheduleBytes?: Uint8Array;
}

/** A schedule of a rule. */
export interface NewSchedule {
  readonly timezone?: string;
  readonly shifts: readonly {
    readonly weekday: string;
    readonly start: string;
    readonly end: string;
  }[];
}

/** Returns a rule as it is sent. */
export function buildRule(rule: NewRule): AccessMonitoringRule {
  const schedules = Object.entries(rule.schedules ?? {}).map(([key, value]) =>
    Buffer.from(
      RuleScheduleEntry.encode(RuleScheduleEntry.create({
        key,
        value: {
          time: {
            timezone: value.timezone ?? "",
            shifts: value.shifts.map((shift) => ({ ...shift })),
          },
        },
      })).finish(),
    )
  );
  if (rule.scheduleBytes) schedules.push(Buffer.from(rule.scheduleBytes));
  return AccessMonitoringRule.create({
    kind: "access_monitoring_rule",
    version: "v1",
    metadata: { name: rule.name },
    spec: {
      subjects: [...rule.subjects ?? ["access_request"]],
      condition: rule.condition ?? "true",
      notification: {
        name: rule.plugin ?? "discord",
        recipients: [...rule.recipients ?? []],
      },
      schedules,
    },
  });
}
