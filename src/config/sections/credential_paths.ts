/**
 * With which files the plugin shows the Auth Service who it is.
 *
 * @module
 */

import { signCommand } from "../../ports/admin_hints.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import type { Section } from "../reading/section.ts";

/** Files with credentials: an identity file, or a key, a certificate and CAs. */
export type TeleportCredentials =
  | { readonly kind: "identity"; readonly path: string }
  | {
    readonly kind: "tls";
    readonly keyPath: string;
    readonly certificatePath: string;
    readonly caPath: string;
  };

const TLS_KEYS = ["client_key", "client_crt", "root_cas"] as const;

/** Reads which credentials to use; `undefined` if that became a fault. */
export function readCredentials(
  section: Section,
  problems: ProblemList,
): TeleportCredentials | undefined {
  const identity = section.filePath("identity");
  const [keyPath, certificatePath, caPath] = TLS_KEYS
    .map((key) => section.filePath(key));
  const isSet = (key: string) => (section.raw(key) ?? "") !== "";
  const given = TLS_KEYS.filter(isSet);
  const missing = TLS_KEYS.filter((key) => !isSet(key));
  const [first] = given;
  if (first !== undefined && missing.length > 0) {
    problems.fault(
      section.path(first),
      `expected ${names(TLS_KEYS)} together, found no ${names(missing)}`,
      "set all three, or an identity file instead of them",
    );
  }
  if (first !== undefined && isSet("identity")) {
    problems.fault(
      section.path("identity"),
      `expected either identity or ${names(TLS_KEYS)}, found both`,
      `keep identity, or remove it and keep the others`,
    );
  }
  if (section.boolean("refresh_identity") && !isSet("identity")) {
    problems.fault(
      section.path("refresh_identity"),
      "expected identity to be set as well, found no identity",
      "set identity, or remove refresh_identity: only an identity file can be refreshed",
    );
  }
  if (first === undefined && !isSet("identity")) {
    return problems.fault(
      [section.name],
      "no credentials configured",
      `set identity to the path of an identity file, made with ${signCommand()}`,
    );
  }
  if (identity !== undefined) return { kind: "identity", path: identity };
  return keyPath === undefined || certificatePath === undefined ||
      caPath === undefined
    ? undefined
    : { kind: "tls", keyPath, certificatePath, caPath };
}

function names(keys: readonly string[]): string {
  return keys.length < 2
    ? keys.join("")
    : `${keys.slice(0, -1).join(", ")} and ${keys.at(-1)}`;
}
