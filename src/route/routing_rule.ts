/**
 * Access monitoring rules that are ready to be asked whom to tell.
 *
 * Source: docs/design/routing-rules.md 1 to 3.
 *
 * @module
 */

import type { MonitoringRule } from "../ports/monitoring_rule.ts";
import {
  type Condition,
  type ConditionInput,
  evaluate,
  parseCondition,
  PredicateError,
} from "./predicate/condition.ts";
import { isRecipient } from "./role_map.ts";
import { parseSchedules, ScheduleError, type Schedules } from "./schedule.ts";

/** A rule that can be used. */
export interface RoutingRule {
  readonly name: string;
  readonly condition: Condition;
  readonly schedules: Schedules;
  readonly recipients: readonly string[];
  /** Tells whether it matches a request, or why that cannot be said. */
  readonly ask: (input: ConditionInput) => boolean | PredicateError;
}

/** A rule as far as it can be used. */
export interface PreparedRule {
  readonly name: string;
  readonly rule: RoutingRule | undefined;
  /** Why it cannot be used: the place and the reason. */
  readonly flaw: string | undefined;
  /** What is allowed in it but cannot be meant, or not taken by every server. */
  readonly warnings: readonly string[];
  /** Texts in place of recipients that are none. */
  readonly invalidRecipients: readonly string[];
}

/** Reads what is written in a rule, once a version of it. */
export function prepareRule(
  rule: MonitoringRule,
): PreparedRule {
  const { name } = rule;
  const invalidRecipients = rule.recipients.filter((each) =>
    !isRecipient(each)
  );
  const refuse = (flaw: string) => (
    { name, rule: undefined, flaw, warnings: [], invalidRecipients }
  );
  if (rule.unreadable !== undefined) return refuse(rule.unreadable);
  try {
    const schedules = parseSchedules(rule.schedules);
    const condition = parseCondition(rule.condition);
    const prepared = {
      name,
      condition,
      schedules,
      recipients: rule.recipients.filter(isRecipient),
      ask: (input: ConditionInput) => ask(condition, input),
    };
    const warnings = [...schedules.warnings];
    if (condition.type !== "bool" && condition.type !== "any") {
      warnings.push(
        `condition: it is a ${condition.type}, which never matches`,
      );
    }
    for (const doubt of condition.regexps.doubts) {
      warnings.push(`condition: ${doubt}`);
    }
    const flaw = undefined;
    return { name, rule: prepared, flaw, warnings, invalidRecipients };
  } catch (error) {
    if (error instanceof ScheduleError) return refuse(error.message);
    if (!(error instanceof PredicateError)) throw error;
    return refuse(`condition: ${error.message}`);
  }
}

function ask(
  condition: Condition,
  input: ConditionInput,
): boolean | PredicateError {
  try {
    return evaluate(condition, input);
  } catch (error) {
    if (error instanceof PredicateError) return error;
    throw error;
  }
}
