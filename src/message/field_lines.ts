/**
 * The lines of what is asked for, by whom and why; each says so where the configuration hides it.
 *
 * @module
 */

import type { HideableField } from "../record/hidden_fields.ts";
import type { Announcement } from "./announcement.ts";
import type { Label } from "./catalogue/catalogue.ts";
import { labelOf, mention } from "./lines.ts";
import { fitLines, joinLines, type Line } from "./text/fit_lines.ts";
import { codeBlock, codeList, codeSpan, escapeName } from "./text/markdown.ts";
import type { TextLimit } from "./text/text.ts";

const MAX_CONTENT_UNITS = 2000;

/** Characters of one field that a person typed, as in the official plugin. */
const MAX_FIELD_CHARS = 400;

/** Room that even the shortest form of a field takes, with its marks and what is said of the cut. */
const LEAST_FIELD_UNITS = 35;

/** Characters of each list of logins, tried in turn until the message fits; then they are left out. */
const LOGIN_CHARS = [MAX_FIELD_CHARS, 100, 40];

/** The name of the requester never gives way. */
const USER_LIMIT = { chars: 256, units: 400 };

/** What may be long or hidden; of a lower rank gives way first if the message is too long. */
const FIELDS = {
  resources: { label: "resources", hiddenAs: "resources", rank: 0 },
  roles: { label: "roles", hiddenAs: "roles", rank: 1 },
  logins: { label: "logins", hiddenAs: "logins", rank: 1 },
  resolveReason: {
    label: "resolutionReason",
    hiddenAs: "review_reasons",
    rank: 2,
  },
  reason: { label: "reason", hiddenAs: "reason", rank: 3 },
} as const satisfies Record<
  string,
  { label: Label; hiddenAs: HideableField; rank: number }
>;

/** Returns the line of a field, or the one that says in its place that it is hidden. */
function fieldLine(
  { texts, hidden }: Announcement,
  field: keyof typeof FIELDS,
  renderValue: (limit: TextLimit) => string,
): Line {
  const { label, hiddenAs, rank } = FIELDS[field];
  const start = labelOf(texts, label);
  if (hidden.includes(hiddenAs)) return start + texts.fields.hidden;
  return {
    rank,
    leastUnits: start.length + LEAST_FIELD_UNITS,
    render: (units) =>
      start +
      renderValue({ chars: MAX_FIELD_CHARS, units: units - start.length }),
  };
}

/** Returns the line that lists names, sorted. */
function listLine(
  announcement: Announcement,
  field: "resources" | "roles" | "logins",
  names: readonly string[],
): Line {
  const sorted = names.toSorted();
  const { fields } = announcement.texts;
  const render = (limit: TextLimit) => codeList(sorted, ",", limit, fields);
  return fieldLine(announcement, field, render);
}

/** Returns the lines of a reason; none where there is none. */
export function reasonLines(
  announcement: Announcement,
  field: "reason" | "resolveReason",
): Line[] {
  const reason = announcement[field];
  if (reason === "") return [];
  const { fields } = announcement.texts;
  const render = (limit: TextLimit) => codeBlock(reason, limit, fields);
  return [fieldLine(announcement, field, render)];
}

/**
 * Returns a text of lines within Discord's limit.
 *
 * @param linesWith Returns the lines, of which those given say roles and logins.
 */
export function fitContent(
  announcement: Announcement,
  linesWith: (roleLines: readonly Line[]) => readonly Line[],
): string {
  for (const loginChars of hasLogins(announcement) ? LOGIN_CHARS : []) {
    const lines = linesWith(roleLines(announcement, loginChars));
    const content = joinLines(lines, MAX_CONTENT_UNITS);
    if (content !== undefined) return content;
  }
  const lines = linesWith(roleLines(announcement, undefined));
  return joinLines(lines, MAX_CONTENT_UNITS) ??
    fitLines(lines, MAX_CONTENT_UNITS);
}

function hasLogins({ loginsByRole }: Announcement): boolean {
  return loginsByRole !== undefined && loginsByRole.size > 0;
}

/** @param loginChars Characters of each list of logins; `undefined` leaves them out. */
function roleLines(
  announcement: Announcement,
  loginChars: number | undefined,
): Line[] {
  const { hidden, roles, loginsByRole } = announcement;
  const hidesRoles = hidden.includes("roles");
  const hidesLogins = hidden.includes("logins");
  if (loginChars !== undefined && !hidesRoles && !hidesLogins) {
    return roleAndLoginLines(announcement, loginChars);
  }
  const lines = roles.length > 0
    ? [listLine(announcement, "roles", roles)]
    : [];
  if (hasLogins(announcement) && (hidesRoles || hidesLogins)) {
    // Which role has which of them would say which roles these are.
    const logins = new Set([...loginsByRole?.values() ?? []].flat());
    lines.push(listLine(announcement, "logins", [...logins]));
  }
  return lines;
}

/** Returns one line for each role with its logins, each list of at most so many characters. */
function roleAndLoginLines(
  { texts, roles, loginsByRole }: Announcement,
  loginChars: number,
): string[] {
  // No line can be longer than its message.
  const limit = { chars: MAX_FIELD_CHARS, units: MAX_CONTENT_UNITS };
  return roles.toSorted().map((role) => {
    const logins = (loginsByRole?.get(role) ?? []).toSorted();
    const shown = codeList(
      logins.length > 0 ? logins : ["-"],
      ", ",
      { ...limit, chars: loginChars },
      texts.fields,
    );
    return labelOf(texts, "role") + codeSpan(role, limit, texts.fields) +
      ` ${labelOf(texts, "logins")}${shown}`;
  });
}

/** Returns the line of the requester; a name in Discord stands behind the one in Teleport. */
export function userLines(
  { texts, hidden, user, userId }: Announcement,
): string[] {
  if (user === "") return [];
  const label = labelOf(texts, "user");
  if (hidden.includes("user")) return [label + texts.fields.hidden];
  const name = label + escapeName(user, USER_LIMIT, texts.fields);
  return [
    userId === undefined ? name : `${name} (${mention(`user:${userId}`)})`,
  ];
}

/** Returns the names of the resources, each with what the access to it is narrowed to. */
function resourceNames(
  { texts, resources, constraints }: Announcement,
): string[] {
  return resources.map((name, place) => {
    const narrowed = constraints.get(place);
    if (narrowed === undefined) return name;
    const { kind, values } = narrowed;
    const label = texts.fields.constraints[kind];
    return kind === "unknown"
      ? `${name} (${label})`
      : `${name} (${label}: ${values.join(", ")})`;
  });
}

export function resourceLines(announcement: Announcement): Line[] {
  const names = resourceNames(announcement);
  return names.length > 0 ? [listLine(announcement, "resources", names)] : [];
}
