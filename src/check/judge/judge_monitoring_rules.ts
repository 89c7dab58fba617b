/**
 * What the check says of the access monitoring rules that concern this plugin.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import { keepsSchedules, SCHEDULES_SINCE } from "../../ports/auth_service.ts";
import type { PreparedRule } from "../../route/routing_rule.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";

/**
 * Judges the rules that concern this plugin.
 *
 * @param serverVersion Version of the Auth Service.
 * @param resources Kinds of resources, and whether any of a kind can be seen. Those that cannot be seen are
 * left out by the server without an error, so a condition on their labels silently never holds.
 */
export function judgeMonitoringRules(
  rules: readonly PreparedRule[],
  serverVersion: string,
  resources: ReadonlyMap<string, boolean>,
): Finding[] {
  const seesNone = resources.size > 0 &&
    [...resources.values()].every((isSeen) => !isSeen);
  return [
    ...judgeSchedules(rules, serverVersion),
    ...rules.flatMap((rule) =>
      judgeRule(rule, seesNone).map((outcome) => ({
        id: "teleport.monitoring_rule",
        subject: `monitoring rule ${quote(rule.name)}`,
        ...outcome,
      }))
    ),
  ];
}

function judgeRule(named: PreparedRule, seesNone: boolean): Outcome[] {
  const { name, rule, warnings, invalidRecipients } = named;
  return [
    ...judgeUse(named),
    ...seesNone && rule?.condition.lookups.has("resourceLabels")
      ? [
        found.warning(
          "its condition asks for labels of resources, and no resource can be seen: it will see none",
          "let the plugin's role see resources, by node_labels, app_labels and so on, or by " +
            "review_requests.preview_as_roles",
        ),
      ]
      : [],
    ...warnings.map((each) =>
      found.warning(
        each,
        "correct the rule where you keep it, such as a file for `tctl create -f`, or with " +
          `\`tctl edit access_monitoring_rule/${name}\``,
      )
    ),
    ...invalidRecipients.map((recipient) =>
      found.failed(
        `expected a channel ID or "user:" and a user ID, found ${
          quote(recipient)
        }; it is left out`,
        "correct spec.notification.recipients of the rule",
      )
    ),
  ];
}

/** What the server has dropped, nobody sees: the rule looks as if it never had it. */
function judgeSchedules(
  rules: readonly PreparedRule[],
  serverVersion: string,
): Finding[] {
  if (rules.length === 0 || keepsSchedules(serverVersion)) return [];
  return [{
    id: "teleport.schedules",
    subject: "schedules of monitoring rules",
    ...found.info(
      `Teleport ${serverVersion} keeps none: each rule holds day and night, whatever was written`,
      `upgrade Teleport to ${SCHEDULES_SINCE} or newer, and write the rule again`,
    ),
  }];
}

function judgeUse({ rule, flaw, invalidRecipients }: PreparedRule): Outcome[] {
  if (rule === undefined) {
    return [
      found.failed(
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
    return [found.ok(`tells ${told} where its condition holds`)];
  }
  return invalidRecipients.length > 0 ? [] : [
    found.warning(
      "names no recipients, and so has no effect",
      "add them to spec.notification.recipients of the rule",
    ),
  ];
}
