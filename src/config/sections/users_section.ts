/**
 * The `[users]` section.
 *
 * @module
 */

import { UserTable } from "../../people/user_table.ts";
import { quote } from "../reading/problem.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import { Section, type Table } from "../reading/section.ts";
import { entryHint, readUserId } from "./recipient_value.ts";

/** Reads which Discord user a Teleport user is. A bad entry is left out. */
export function readUsers(root: Table, problems: ProblemList): UserTable {
  const section = new Section(root, "users", problems);
  const ids = new Map<string, string>();
  for (const [user, value] of section.entries) {
    const read = readUserId(value);
    if ("value" in read) ids.set(user, read.value);
    else {
      problems.error(
        section.path(user),
        `${read.detail}; it is left out`,
        entryHint(user, value, read.hint),
      );
    }
  }
  const table = new UserTable(ids);
  for (const [id, [first = "", ...others]] of table.shared) {
    for (const user of others) {
      problems.warning(
        section.path(user),
        `Same Discord user as ${quote(first)}`,
        `who is meant by ${id} cannot be told; give each Teleport user a Discord user of its own`,
      );
    }
  }
  return table;
}
