/**
 * Which look-ups are missing in what is stored.
 *
 * @module
 */

import { NOT_KNOWN, type PluginData } from "./plugin_data.ts";

/** Whether a login, as written in a role, depends on who asks. */
export function isTemplate(login: string): boolean {
  return login.includes("{{") || login.includes("}}");
}

/** Something that was looked up in vain so far: logins of the roles, or traits that logins depend on. */
type MissingLogins = "logins" | "login traits";

/** Something that was looked up in vain so far. */
export type MissingLookup = MissingLogins | "resource names" | "Discord users";

/** Returns which look-ups failed so far. */
export function missingLookups(data: PluginData): ReadonlySet<MissingLookup> {
  const missing = new Set<MissingLookup>();
  const logins = missingLogins(data.loginsByRole);
  if (logins !== undefined) missing.add(logins);
  // A friendly name does not begin with a slash, the text form of a resource ID does.
  if (data.resources.some((name) => name.startsWith("/"))) {
    missing.add("resource names");
  }
  if (data.userId === NOT_KNOWN || data.mentions.includes(NOT_KNOWN)) {
    missing.add("Discord users");
  }
  return missing;
}

/** Returns what is missing of the logins: all, or the traits of who asks, on which some of them depend. */
export function missingLogins(
  loginsByRole: PluginData["loginsByRole"],
): MissingLogins | undefined {
  if (loginsByRole === undefined) return "logins";
  const isRaw = [...loginsByRole.values()].some((all) => all.some(isTemplate));
  return isRaw ? "login traits" : undefined;
}
