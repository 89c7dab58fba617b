/**
 * What the check says of the access monitoring rules that concern this plugin.
 *
 * @module
 */

import { quote } from "../config/problem.ts";
import type { PreparedRule } from "../route/routing_rule.ts";
import type { Finding, Status } from "./finding.ts";

/** A rule that concerns this plugin, as far as it can be used. */
export interface NamedRule extends PreparedRule {
  readonly name: string;
}

/** Judges the rules that concern this plugin. */
export function judgeMonitoringRules(
  rules: readonly NamedRule[],
): Finding[] {
  return rules.flatMap((rule) => [
    ...judgeUse(rule),
    ...rule.doubts.map((doubt) =>
      finding(rule, "warning", doubt, "correct it with `tctl edit`")
    ),
    ...rule.strangers.map((stranger) =>
      finding(
        rule,
        "failed",
        `expected a channel ID or "user:" and a user ID, found ${
          quote(stranger)
        }; it is left out`,
        "correct spec.notification.recipients of the rule",
      )
    ),
  ]);
}

function judgeUse(named: NamedRule): Finding[] {
  const { rule, flaw } = named;
  if (rule === undefined) {
    return [
      finding(
        named,
        "failed",
        `it is not applied: ${flaw}`,
        "correct the rule: until then requests go where other rules or [role_to_recipients] say",
      ),
    ];
  }
  const { recipients } = rule;
  if (recipients.length > 0) {
    const told = recipients.length === 1
      ? recipients.join()
      : `${recipients.length} recipients`;
    return [finding(named, "ok", `tells ${told} where its condition holds`)];
  }
  return named.strangers.length > 0 ? [] : [
    finding(
      named,
      "warning",
      "names no recipients, and so has no effect",
      "add them to spec.notification.recipients of the rule",
    ),
  ];
}

function finding(
  { name }: NamedRule,
  status: Status,
  detail: string,
  remedy?: string,
): Finding {
  const subject = `monitoring rule ${quote(name)}`;
  return { id: "teleport.monitoring_rule", subject, status, detail, remedy };
}
