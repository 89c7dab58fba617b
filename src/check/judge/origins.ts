/**
 * Which entry of the configuration, or which rule, leads to a recipient.
 *
 * @module
 */

import { formatDurationMs } from "../../config/reading/go_duration.ts";
import { quote } from "../../config/reading/problem.ts";
import type { Escalation } from "../../people/people_config.ts";
import type { RoutingTable } from "../../route/role_map.ts";
import type { PreparedRule } from "../../route/routing_rule.ts";

/** What leads to each recipient, in words. */
export type Origins = ReadonlyMap<string, readonly string[]>;

/** Returns the entries of `[role_to_recipients]`, and the escalations, by recipient. */
export function originsInConfiguration(
  table: RoutingTable,
  escalations: readonly Escalation[],
): Origins {
  return collect([
    ...[...table].map(([role, recipients]) =>
      [quote(role), recipients] as const
    ),
    ...escalations.map(({ afterMs, recipients }) =>
      [`[[escalation]] after ${formatDurationMs(afterMs)}`, recipients] as const
    ),
  ]);
}

/** Returns the access monitoring rules by recipient, for those that `known` does not have. */
export function originsInRules(
  rules: readonly PreparedRule[],
  known: Origins,
): Origins {
  return collect(rules.map(({ name, rule }) => [
    `monitoring rule ${quote(name)}`,
    (rule?.recipients ?? []).filter((each) => !known.has(each)),
  ]));
}

function collect(
  origins: readonly (readonly [string, readonly string[]])[],
): Origins {
  const all = new Map<string, string[]>();
  for (const [origin, recipients] of origins) {
    for (const each of recipients) {
      all.set(each, [...all.get(each) ?? [], origin]);
    }
  }
  return all;
}
