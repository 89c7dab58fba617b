/**
 * The lines of what is asked for, by whom and why; each says so where the configuration hides it.
 *
 * @module
 */

import type { Announcement } from "./announcement.ts";
import { fitLines, joinLines, type Line } from "./text/layout.ts";
import {
  hiddenLine,
  listLine,
  MAX_FIELD_CHARS,
  reasonLine,
  resourceNames,
  roleAndLoginLines,
} from "./lines.ts";

const MAX_CONTENT_UNITS = 2000;

/** Characters of each list of logins, tried in turn until the message fits; then they are left out. */
const LOGIN_CHARS = [MAX_FIELD_CHARS, 100, 40];

/** What gives way first if the message is still too long. */
const RANK = { resources: 0, roles: 1, resolveReason: 2, reason: 3 };

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
  const { texts, hidden, roles, loginsByRole } = announcement;
  const hidesRoles = hidden.includes("roles");
  const hidesLogins = hidden.includes("logins");
  if (loginChars !== undefined && !hidesRoles && !hidesLogins) {
    return roleAndLoginLines(announcement, loginChars);
  }
  const lines: Line[] = [];
  if (roles.length > 0) {
    lines.push(
      hidesRoles
        ? hiddenLine(texts, "roles")
        : listLine(texts, "roles", roles, RANK.roles),
    );
  }
  if (!hasLogins(announcement)) return lines;
  if (hidesLogins) lines.push(hiddenLine(texts, "logins"));
  else if (hidesRoles) {
    // Which role has which of them would say which roles these are.
    const logins = new Set([...loginsByRole?.values() ?? []].flat());
    lines.push(listLine(texts, "logins", [...logins], RANK.roles));
  }
  return lines;
}

export function resourceLines(announcement: Announcement): Line[] {
  const { texts, hidden } = announcement;
  const resources = resourceNames(announcement);
  if (resources.length === 0) return [];
  return hidden.includes("resources")
    ? [hiddenLine(texts, "resources")]
    : [listLine(texts, "resources", resources, RANK.resources)];
}

export function requestReasonLines(announcement: Announcement): Line[] {
  const { texts, hidden, reason } = announcement;
  if (reason === "") return [];
  return hidden.includes("reason")
    ? [hiddenLine(texts, "reason")]
    : [reasonLine(texts, "reason", reason, RANK.reason)];
}

export function resolveReasonLines(announcement: Announcement): Line[] {
  const { texts, hidden, resolveReason } = announcement;
  if (resolveReason === "") return [];
  return hidden.includes("review_reasons")
    ? [hiddenLine(texts, "resolutionReason")]
    : [
      reasonLine(texts, "resolutionReason", resolveReason, RANK.resolveReason),
    ];
}
