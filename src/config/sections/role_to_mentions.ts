/**
 * The `[role_to_mentions]` section.
 *
 * @module
 */

import type { RoutingTable } from "../../route/role_map.ts";
import type { Section } from "../reading/section.ts";
import { entryHint, readMention } from "./recipient_value.ts";

/** Reads whom an announcement mentions, by role. A bad mention is left out; an empty list means nobody. */
export function readMentions(section: Section): RoutingTable {
  const table = new Map<string, readonly string[]>();
  for (const [role] of section.entries) {
    const mentions = section.list(role, (item, place) => {
      const read = readMention(item);
      return "value" in read
        ? read.value
        : section.error(place, read.detail, entryHint(role, item, read.hint));
    });
    const isEmpty = section.items(role).length === 0;
    if (mentions.length > 0 || isEmpty) table.set(role, mentions);
  }
  return table;
}
