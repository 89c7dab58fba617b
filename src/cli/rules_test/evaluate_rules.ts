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
  isOnDuty,
  prepareRule,
  type RoutingRule,
} from "../../route/routing_rule.ts";
import { Moment, TimeZones } from "../../route/schedule.ts";
import type { RulePlace } from "./resource_file.ts";
import type { Judgement } from "./rules_report.ts";

/** Rules that are ready, beside what is odd about them. */
export interface PreparedRules {
  readonly rules: readonly RoutingRule[];
  /** Asks the rules. @param input What their conditions look at. */
  judge(input: ConditionInput): Judgement[];
}

/**
 * Prepares the rules that concern this plugin.
 *
 * @param places Where those stand that were read from a file.
 */
export function prepareRules(
  rules: readonly MonitoringRule[],
  request: AccessRequest,
  places: ReadonlyMap<MonitoringRule, RulePlace>,
): PreparedRules {
  const zones = new TimeZones();
  const created = new Moment(request.created, zones);
  const prepared = rules.map((rule) => ({
    name: rule.name,
    place: places.get(rule),
    ...prepareRule(rule, zones),
  }));
  return {
    rules: prepared.flatMap(({ rule }) => rule ?? []),
    judge: (input) =>
      prepared.map((
        { name, place, rule, flaw = "", warnings, invalidRecipients },
      ) => ({
        name,
        place: place?.text,
        ...(rule === undefined
          ? {
            outcome: { kind: "unusable", reason: flaw } as const,
            explanation: undefined,
          }
          : judgeRule(rule, input, isOnDuty(rule, created))),
        remarks: [
          ...place?.remarks ?? [],
          ...warnings,
          ...invalidRecipients.map((each) =>
            `the recipient ${
              JSON.stringify(each)
            } is left out: it is neither a channel ID nor "user:" and a user ID`
          ),
        ],
      })),
  };
}

function judgeRule(
  rule: RoutingRule,
  input: ConditionInput,
  onDuty: boolean,
): Pick<Judgement, "outcome" | "explanation"> {
  const explanation = explain(rule.condition, input);
  if (!onDuty) return { outcome: { kind: "off duty" }, explanation };
  try {
    const { recipients } = rule;
    const outcome = evaluate(rule.condition, input)
      ? { kind: "matches", recipients } as const
      : { kind: "does not match" } as const;
    return { outcome, explanation };
  } catch (error) {
    if (!(error instanceof PredicateError)) throw error;
    return { outcome: { kind: "fails", reason: error.message }, explanation };
  }
}
