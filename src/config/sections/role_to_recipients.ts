/**
 * The `[role_to_recipients]` section.
 *
 * @module
 */

import { ANY_ROLE, type RoutingTable } from "../../route/role_map.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import { itemsAt, Section, type Table } from "../reading/section.ts";
import {
  entryHint,
  type ParsedValue,
  readRecipient,
} from "./recipient_value.ts";

const SAMPLE = '"*" = ["123456789012345678"]';

/** Reads who is told of a request, by role. Without good recipients under `"*"` there is a fault. */
export function readRouting(root: Table, problems: ProblemList): RoutingTable {
  const section = new Section(root, "role_to_recipients", problems);
  const table = new Map<string, readonly string[]>();
  for (const [role, value] of section.entries) {
    const recipients = readList(section, role, value, problems);
    if (recipients.length > 0) table.set(role, recipients);
  }
  if (!Object.hasOwn(root, section.name)) {
    problems.fault(
      [section.name],
      `expected a section that says who is told, found none`,
      `add [${section.name}] and below it ${SAMPLE}`,
    );
  } else if (!section.has(ANY_ROLE)) {
    problems.fault(
      section.path(ANY_ROLE),
      "expected recipients for every role without an entry of its own, found none",
      `add ${SAMPLE} below [${section.name}]`,
    );
  }
  return table;
}

/** Reads the recipients of one role. A bad one under `"*"` is a fault, elsewhere it is left out. */
function readList(
  section: Section,
  role: string,
  value: unknown,
  problems: ProblemList,
): readonly string[] {
  const isAny = role === ANY_ROLE;
  const items = itemsAt(section.path(role), value);
  if (items.length === 0 || value === "") {
    if (isAny) {
      problems.fault(
        section.path(role),
        `expected at least one recipient, found ${JSON.stringify(value)}`,
        `write ${SAMPLE}`,
      );
    } else {
      problems.warning(
        section.path(role),
        "Role without recipients",
        'its requests go to the recipients under "*"',
      );
    }
    return [];
  }
  const recipients = items.flatMap(({ path, item }) => {
    const read: ParsedValue = readRecipient(item);
    if ("value" in read) return [read.value];
    if (isAny) problems.fault(path, read.detail, read.hint);
    else {
      const hint = entryHint(role, item, read.hint);
      problems.error(path, `${read.detail}; it is left out`, hint);
    }
    return [];
  });
  return [...new Set(recipients)];
}
