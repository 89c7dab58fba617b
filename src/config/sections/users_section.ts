/**
 * The `[users]` section.
 *
 * @module
 */

import type { UserTable } from "../../people/people_config.ts";
import { quote } from "../reading/problem.ts";
import type { Section } from "../reading/section.ts";
import { entryHint, readUserId } from "./recipient_value.ts";

/** Reads which Discord user a Teleport user is. A bad entry is left out. */
export function readUsers(section: Section): UserTable {
  const ids = new Map<string, string>();
  for (const [user, value] of section.entries) {
    const read = readUserId(value);
    if ("value" in read) ids.set(user, read.value);
    else section.error(user, read.detail, entryHint(user, value, read.hint));
  }
  for (const [id, [first = "", ...others]] of sharedIds(ids)) {
    for (const user of others) {
      section.warning(
        user,
        `Same Discord user as ${quote(first)}`,
        `who is meant by ${id} cannot be told; give each Teleport user a Discord user of its own`,
      );
    }
  }
  return ids;
}

/** Returns the Discord user IDs that stand for several Teleport users, with those. */
export function sharedIds(
  table: UserTable,
): (readonly [id: string, users: readonly string[]])[] {
  const entries = [...Map.groupBy(table, ([, id]) => id)];
  return entries.filter(([, same]) => same.length > 1)
    .map(([id, same]) => [id, same.map(([user]) => user)]);
}
