/**
 * What rules say about one request, and why.
 *
 * @module
 */

import {
  type ConditionInput,
  explain,
} from "../../route/predicate/condition.ts";
import type { PreparedRule, RoutingRule } from "../../route/routing_rule.ts";
import { isInShift } from "../../route/schedule.ts";
import type { RulePlace } from "./resource_file.ts";
import type { Judgement, Outcome } from "./rules_report.ts";

/**
 * Asks rules about a request.
 *
 * @param rules Each with where it stands, if it was read from a file.
 * @param created What the clocks showed when the request was made.
 * @param input What their conditions look at.
 */
export function judgeRules(
  rules: ReadonlyMap<PreparedRule, RulePlace | undefined>,
  created: Date,
  input: ConditionInput,
): Judgement[] {
  return [...rules].map((
    [{ name, rule, flaw = "", warnings, invalidRecipients }, place],
  ) => ({
    name,
    place: place?.text,
    ...rule === undefined
      ? { kind: "unusable", reason: flaw }
      : judgeRule(rule, created, input),
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
  created: Date,
  input: ConditionInput,
): Outcome {
  if (!isInShift(rule.schedules, created)) return { kind: "off duty" };
  const answer = rule.ask(input);
  if (typeof answer !== "boolean") {
    return { kind: "fails", reason: answer.message };
  }
  return answer
    ? { kind: "matches", recipients: rule.recipients }
    : { kind: "does not match" };
}
