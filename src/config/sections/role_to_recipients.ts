/**
 * The `[role_to_recipients]` section.
 *
 * @module
 */

import { ANY_ROLE, type RoutingTable } from "../../route/role_map.ts";
import type { Section } from "../reading/section.ts";
import { entryHint, readRecipient } from "./recipient_value.ts";

const NAME = "role_to_recipients";

const SAMPLE = '"*" = ["123456789012345678"]';

/** Reads who is told of a request, by role. Without good recipients under `"*"` there is a fault. */
export function readRouting(root: Section): RoutingTable {
  const section = root.table(NAME);
  const table = new Map<string, readonly string[]>();
  for (const [role] of section.entries) {
    const recipients = readRecipients(section, role);
    if (recipients.length > 0) table.set(role, recipients);
  }
  if (!root.has(NAME)) {
    section.fault(
      [],
      `expected a section that says who is told, found none`,
      `add [${NAME}] and below it ${SAMPLE}`,
    );
  } else if (!section.has(ANY_ROLE)) {
    section.fault(
      ANY_ROLE,
      "expected recipients for every role without an entry of its own, found none",
      `add ${SAMPLE} below [${NAME}]`,
    );
  }
  return table;
}

/** Reads the recipients of one role. A bad one under `"*"` is a fault, elsewhere it is left out. */
function readRecipients(section: Section, role: string): readonly string[] {
  const isAny = role === ANY_ROLE;
  const value = section.raw(role);
  if (section.items(role).length > 0 && value !== "") {
    return section.list(role, (item, place) => {
      const read = readRecipient(item);
      if ("value" in read) return read.value;
      return isAny
        ? section.fault(place, read.detail, read.hint)
        : section.error(place, read.detail, entryHint(role, item, read.hint));
    });
  }
  if (isAny) {
    const found = JSON.stringify(value);
    section.fault(
      role,
      `expected at least one recipient, found ${found}`,
      `write ${SAMPLE}`,
    );
  } else {
    section.warning(
      role,
      "Role without recipients",
      'its requests go to the recipients under "*"',
    );
  }
  return [];
}
