/**
 * What an administrator types: rules of the role, `tctl auth sign`, and who may read a file.
 *
 * Source: docs/design/teleport-behaviour.md 5.
 *
 * @module
 */

import { RESOURCE_KINDS } from "./access_request.ts";
import type { TeleportError } from "./teleport_error.ts";

/**
 * Returns where to add which rules, as items of YAML: a second `rules:` in a role silently takes the place
 * of the first.
 */
export function addRules(
  ...rules: readonly (readonly [resources: string, verbs: string])[]
): string {
  const items = rules.map(([resources, verbs]) =>
    `- {resources: [${resources}], verbs: [${verbs}]}`
  );
  return `add below spec.allow.rules of the plugin's role: ${
    items.join(" and ")
  }`;
}

/** What to add to a role that lacks something. */
const RULE_HINT = addRules(
  ["access_request", "list, read"],
  ["access_plugin_data", "update"],
);

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

/** What to add to a role that may not read access monitoring rules. */
export const MONITORING_RULE_HINT = addRules(
  ["access_monitoring_rule", "list, read"],
);

/**
 * Returns what to add to a role that may not look something up.
 *
 * @param what `role`, `user` or a kind of resource.
 */
export function lookupHint(what: string): string {
  if (what === "role") return addRules(["role", "read"]);
  if (what === "user") return addRules(["user, user_login_state", "read"]);
  const { listedAs = what, ruledAs = listedAs, labels } =
    RESOURCE_KINDS.get(what) ?? {};
  const rules = addRules([ruledAs, "list, read"]);
  return labels === undefined
    ? rules
    : `${rules} and below spec.allow: ${labels}: {"*": "*"}`;
}

/** Files with credentials: an identity file, or a key, a certificate and CAs. */
export type CredentialsSource =
  | { readonly kind: "identity"; readonly path: string }
  | {
    readonly kind: "tls";
    readonly keyPath: string;
    readonly certificatePath: string;
    readonly caPath: string;
  };

/** Which credentials are issued; what is left out is as in the quick start. */
export interface IssuedCredentials {
  /** Teleport user that they speak for. */
  readonly userName?: string;
  /** One identity file, or three files for TLS. */
  readonly kind?: "identity" | "tls";
  /** Path of the identity file, or how the paths of the three begin. */
  readonly out?: string | undefined;
}

/**
 * Returns which credentials to issue so that `tctl` writes these files again; `out` is left open where it
 * would name the three files in another way.
 */
export function issuedAs(
  source: CredentialsSource,
): Required<Omit<IssuedCredentials, "userName">> {
  if (source.kind === "identity") return { kind: "identity", out: source.path };
  const { kind, keyPath, certificatePath, caPath } = source;
  const stem = keyPath.replace(/\.key$/, "");
  const isWhole = keyPath === `${stem}.key` &&
    certificatePath === `${stem}.crt` && caPath === `${stem}.cas`;
  return { kind, out: isWhole ? stem : undefined };
}

/**
 * Returns the command, in the marks of code.
 *
 * It asks for 30 days: left to itself `tctl` issues for 12 hours, and the plugin sees nothing the next
 * day. `--overwrite` spares a question, as there mostly is an older file.
 */
export function signCommand(
  { userName = "teleport-discord", kind = "identity", out }: IssuedCredentials =
    {},
): string {
  const format = kind === "tls" ? "--format=tls " : "";
  const path = quoteWord(out ?? (kind === "tls" ? "teleport" : "identity"));
  return `\`tctl auth sign --user=${userName} --ttl=720h ${format}--overwrite --out=${path}\``;
}

/**
 * Returns what lets a user read a file, in the marks of code.
 *
 * @param user Name of the user that has to read it; the one of the packages if it is not known. As those
 * bring a group of this name, the owner can stay, who may be tbot.
 */
export function readableCommand(
  path: string,
  user: string = PACKAGE_USER,
): string {
  const word = quoteWord(path);
  return user === PACKAGE_USER
    ? `\`sudo chgrp ${user} ${word} && sudo chmod 0640 ${word}\``
    : `\`sudo chown ${user} ${word}\``;
}

/** The user and the group that the packages create. */
const PACKAGE_USER = "teleport-discord";

/** Returns a word as a shell takes it. */
export function quoteWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** What to do about fields of requests that this build does not know. */
export const UNKNOWN_FIELD_HINT =
  "upgrade teleport-discord to a version that knows them; until then approve such requests in Teleport";
