/**
 * Access monitoring rules: generated messages to domain values.
 *
 * @module
 */

import type {
  MonitoringRule,
  ScheduleSpec,
  ShiftSpec,
} from "../../ports/monitoring_rule.ts";
import {
  type AccessMonitoringRule,
  AccessMonitoringRuleSpec,
  RuleScheduleEntry,
} from "../gen/types/access_monitoring_rule.ts";

/** Converts a rule. One whose schedules are not as expected says so, and does not fail. */
export function convertMonitoringRule(
  message: AccessMonitoringRule,
): MonitoringRule {
  const spec = message.spec ?? AccessMonitoringRuleSpec.create();
  const schedules = convertSchedules(spec.schedules);
  return {
    name: message.metadata?.name ?? "",
    subjects: spec.subjects,
    condition: spec.condition,
    plugin: spec.notification?.name ?? "",
    recipients: spec.notification?.recipients ?? [],
    schedules: schedules ?? new Map(),
    unreadable: schedules === undefined
      ? "its schedules are of a form that is not known"
      : undefined,
  };
}

function convertSchedules(
  entries: readonly Uint8Array[],
): ReadonlyMap<string, ScheduleSpec> | undefined {
  try {
    const schedules = new Map<string, ScheduleSpec>();
    for (const bytes of entries) {
      const { key, value } = RuleScheduleEntry.decode(bytes);
      if (value?.time === undefined) return undefined;
      const { timezone, shifts } = value.time;
      schedules.set(key, { timezone, shifts: shifts.map(convertShift) });
    }
    return schedules;
  } catch {
    // Bytes that are no such message: the numbers of these fields were never seen on a server.
    return undefined;
  }
}

/** Takes over the fields one by one: a generated message also keeps the bytes of what it does not know. */
function convertShift({ weekday, start, end }: ShiftSpec): ShiftSpec {
  return { weekday, start, end };
}
