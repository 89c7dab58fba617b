/**
 * With which files the plugin shows the Auth Service who it is.
 *
 * @module
 */

import {
  type CredentialsSource,
  signCommand,
} from "../../ports/admin_hints.ts";
import type { Section } from "../reading/section.ts";

const TLS_KEYS = ["client_key", "client_crt", "root_cas"] as const;

/** Reads which credentials to use; `undefined` if that became a fault. */
export function readCredentials(
  section: Section,
): CredentialsSource | undefined {
  const identity = section.filePath("identity");
  const [keyPath, certificatePath, caPath] = TLS_KEYS
    .map((key) => section.filePath(key));
  const given = TLS_KEYS.filter((key) => section.isSet(key));
  const missing = TLS_KEYS.filter((key) => !section.isSet(key));
  const [first] = given;
  if (first !== undefined && missing.length > 0) {
    section.fault(
      first,
      `expected ${names(TLS_KEYS)} together, found no ${names(missing)}`,
      "set all three, or an identity file instead of them",
    );
  }
  if (first !== undefined && section.isSet("identity")) {
    section.fault(
      "identity",
      `expected either identity or ${names(TLS_KEYS)}, found both`,
      `keep identity, or remove it and keep the others`,
    );
  }
  if (section.boolean("refresh_identity") && !section.isSet("identity")) {
    section.fault(
      "refresh_identity",
      "expected identity to be set as well, found no identity",
      "set identity, or remove refresh_identity: only an identity file can be refreshed",
    );
  }
  if (first === undefined && !section.isSet("identity")) {
    return section.fault(
      [],
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

/** Writes keys as `a, b and c`. */
function names(keys: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(keys);
}
