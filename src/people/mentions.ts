/**
 * Whom an announcement mentions.
 *
 * @module
 */

import { recipientsFor, type RoutingTable } from "../route/role_map.ts";

/** Mentions by Teleport role: `role:` or `user:` and an ID. `"*"` is as in a {@linkcode RoutingTable}. */
export type MentionTable = RoutingTable;

/**
 * Returns whom the announcement of a request for these roles mentions.
 *
 * As with recipients, each role brings its own entry or else the one under `"*"`.
 */
export function mentionsFor(
  roles: readonly string[],
  table: MentionTable,
): readonly string[] {
  return recipientsFor(roles, table);
}
