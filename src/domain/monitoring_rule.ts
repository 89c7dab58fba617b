/**
 * Access monitoring rules as Teleport describes them, free of any wire form.
 *
 * Source: teleport-wire.md, section 2.10; plugin-behaviour.md, sections 5.2 and 5.3.
 *
 * @module
 */

import type { ScheduleSpec } from "./schedule.ts";

/** The plugin that rules have to name to concern this one. */
const PLUGIN_NAME = "discord";

/** What rules have to be about. */
const SUBJECT = "access_request";

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

/** Whether a rule says whom this plugin tells of access requests. */
export function concernsRouting(rule: MonitoringRule): boolean {
  return rule.plugin === PLUGIN_NAME && rule.subjects.includes(SUBJECT);
}
