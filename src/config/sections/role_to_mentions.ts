/**
 * The `[role_to_mentions]` section.
 *
 * @module
 */

import type { RoutingTable } from "../../route/role_map.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import { itemsAt, Section, type Table } from "../reading/section.ts";
import { entryHint, readMention } from "./recipient_value.ts";

/** Reads whom an announcement mentions, by role. A bad mention is left out; an empty list means nobody. */
export function readMentions(root: Table, problems: ProblemList): RoutingTable {
  const section = new Section(root, "role_to_mentions", problems);
  const table = new Map<string, readonly string[]>();
  for (const [role, value] of section.entries) {
    const items = itemsAt(section.path(role), value);
    const mentions = items.flatMap(({ path, item }) => {
      const read = readMention(item);
      if ("value" in read) return [read.value];
      problems.error(
        path,
        `${read.detail}; it is left out`,
        entryHint(role, item, read.hint),
      );
      return [];
    });
    if (mentions.length > 0 || items.length === 0) {
      table.set(role, [...new Set(mentions)]);
    }
  }
  return table;
}
