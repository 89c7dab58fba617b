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

/**
 * Which look-ups failed so far, as letters: `l` logins of the roles, `t` traits that logins depend on, `r`
 * names of the resources, `u` Discord users.
 */
export function missingLookups(
  data: Pick<
    PluginData,
    "loginsByRole" | "resources" | "userId" | "mentions"
  >,
): string {
  const logins = missingLogins(data.loginsByRole);
  // A friendly name does not begin with a slash, the text form of a resource ID does.
  const names = data.resources.some((name) => name.startsWith("/")) ? "r" : "";
  const isUnknown = data.userId === NOT_KNOWN ||
    data.mentions.includes(NOT_KNOWN);
  return logins + names + (isUnknown ? "u" : "");
}

/** Returns what is missing of the logins: `l` for all, `t` for those that depend on who asks. */
export function missingLogins(
  loginsByRole: PluginData["loginsByRole"],
): "l" | "t" | "" {
  if (loginsByRole === undefined) return "l";
  const isRaw = [...loginsByRole.values()].some((all) => all.some(isTemplate));
  return isRaw ? "t" : "";
}
