/**
 * What the check says of the roles in the certificate.
 *
 * The rules of a role count as they are now, but a certificate keeps the roles that it was issued with:
 * one that the user was given later counts with the next certificate. Seen on 18.0.0.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import { type Finding, found } from "../report/finding.ts";

/** What another certificate would bring. */
export interface Renewal {
  /** Roles that the certificate was issued without. */
  readonly roles: readonly string[];
  /** How it is issued, in the marks of code. */
  readonly command: string;
}

/**
 * Returns the roles that the user was given since the certificate was issued.
 *
 * The user of a bot of tbot shares no role with its certificates, which are issued for the roles that
 * the bot may hand out; and those are renewed anyway.
 */
export function rolesGivenSince(
  inCertificate: readonly string[],
  ofUser: readonly string[],
): readonly string[] {
  const isBot = !ofUser.some((role) => inCertificate.includes(role));
  return isBot ? [] : ofUser.filter((role) => !inCertificate.includes(role));
}

/** Judges whether another certificate would bring more. */
export function judgeRenewal(
  userName: string,
  renewal: Renewal | undefined,
): Finding[] {
  if (renewal === undefined) return [];
  return [{
    id: "teleport.certificate_roles",
    subject: `roles of the user ${quote(userName)}`,
    ...found.warning(
      `this certificate was issued without ${nameRoles(renewal)}`,
      `issue it again with ${renewal.command}`,
    ),
  }];
}

/**
 * Returns what to do about something that is missing.
 *
 * @param remedy What to do if no other certificate brings it.
 */
export function remedyFor(
  remedy: string,
  renewal: Renewal | undefined,
): string {
  return renewal === undefined
    ? remedy
    : `perhaps granted by ${nameRoles(renewal)}, not in this certificate: ` +
      `issue it again as said above; if it is still missing then, ${remedy}`;
}

function nameRoles({ roles }: Renewal): string {
  const noun = roles.length === 1 ? "the role" : "the roles";
  return `${noun} ${roles.map(quote).join(", ")}`;
}
