/**
 * What rules say about one request, and why.
 *
 * @module
 */

import type { AccessRequest } from "../../ports/access_request.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import {
  type ConditionInput,
  evaluate,
  explain,
  PredicateError,
} from "../../route/predicate/condition.ts";
import {
  type PreparedRule,
  prepareRule,
  type RoutingRule,
} from "../../route/routing_rule.ts";
import { isInShift, TimeZones, type WallClocks } from "../../route/schedule.ts";
import type { RulePlace } from "./resource_file.ts";
import type { Judgement, Outcome } from "./rules_report.ts";

/** A rule, and where it stands if it was read from a file. */
interface PlacedRule extends PreparedRule {
  readonly place: RulePlace | undefined;
}

/**
 * Prepares the rules that concern this plugin.
 *
 * @param places Where those stand that were read from a file.
 */
export function prepareRules(
  rules: readonly MonitoringRule[],
  places: ReadonlyMap<MonitoringRule, RulePlace | undefined>,
): PlacedRule[] {
  const zones = new TimeZones();
  return rules.map((rule) => ({
    ...prepareRule(rule, zones),
    place: places.get(rule),
  }));
}

/** Asks rules about a request. @param input What their conditions look at. */
export function judgeRules(
  rules: readonly PlacedRule[],
  { created }: AccessRequest,
  input: ConditionInput,
): Judgement[] {
  const clocks = new TimeZones().at(created);
  return rules.map((
    { name, place, rule, flaw = "", warnings, invalidRecipients },
  ) => ({
    name,
    place: place?.text,
    ...rule === undefined
      ? { kind: "unusable", reason: flaw }
      : judgeRule(rule, input, clocks),
    explanation: rule && explain(rule.condition, input),
    remarks: [
      ...place?.remarks ?? [],
      ...warnings,
      ...invalidRecipients.map((each) =>
        `the recipient ${
          JSON.stringify(each)
        } is left out: it is neither a channel ID nor "user:" and a user ID`
      ),
    ],
  }));
}

function judgeRule(
  rule: RoutingRule,
  input: ConditionInput,
  created: WallClocks,
): Outcome {
  if (!isInShift(rule.schedules, created)) return { kind: "off duty" };
  try {
    return evaluate(rule.condition, input)
      ? { kind: "matches", recipients: rule.recipients }
      : { kind: "does not match" };
  } catch (error) {
    if (!(error instanceof PredicateError)) throw error;
    return { kind: "fails", reason: error.message };
  }
}
