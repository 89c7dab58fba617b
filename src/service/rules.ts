/**
 * The rules that the plugin's role needs.
 *
 * Source: teleport-wire.md, section 8.
 *
 * @module
 */

import type { TeleportError } from "../teleport/errors.ts";

/** What to add to a role that lacks something, as YAML. */
const RULE_HINT =
  "add to the plugin's role: rules: [{resources: [access_request], verbs: [list, read]}, " +
  "{resources: [access_plugin_data], verbs: [update]}]";

/**
 * Returns what to do about a refusal. A missing rule is told by the action that it would allow, a lock of
 * the user without any: seen on 18.0.0, where the watch goes on and all else is "access denied".
 */
export function refusalHint({ detail }: TeleportError): string {
  return / action "|kind/.test(detail) ? RULE_HINT : LOCK_HINT;
}

const LOCK_HINT =
  "look with `tctl get locks` whether the plugin's user or role is locked, and remove the lock with " +
  `\`tctl rm lock/ID\`; if none is there, ${RULE_HINT}`;

/** What to add to a role that may not read access monitoring rules, as YAML. */
export const MONITORING_RULE_HINT =
  "add to the plugin's role: rules: [{resources: [access_monitoring_rule], verbs: [list, read]}]";

/**
 * Returns what to add to a role that may not look something up.
 *
 * @param what `role`, `user` or a kind of resource.
 */
export function lookupHint(what: string): string {
  const rule = (resources: string, verbs: string) =>
    `add to the plugin's role: rules: [{resources: [${resources}], verbs: [${verbs}]}]`;
  if (what === "role") return rule("role", "read");
  if (what === "user") return rule("user, user_login_state", "read");
  const labels = LABELS[what];
  return rule(SERVERS[what] ?? what, "list, read") +
    (labels === undefined ? "" : `, ${labels}: {"*": "*"}`);
}

/** Kinds that are listed by the servers that offer them. */
const SERVERS: Readonly<Record<string, string>> = {
  app: "app_server",
  aws_ic_account: "app_server",
  db: "db_server",
  kube_cluster: "kube_server",
};

/** Where a role says which resources of a kind it reaches. */
const LABELS: Readonly<Record<string, string>> = {
  node: "node_labels",
  app: "app_labels",
  aws_ic_account: "app_labels",
  db: "db_labels",
  kube_cluster: "kubernetes_labels",
  user_group: "group_labels",
  windows_desktop: "windows_desktop_labels",
};
