/**
 * What the check says of the credentials for Teleport.
 *
 * @module
 */

import { signCommand } from "../../ports/admin_hints.ts";
import type { Credentials } from "../../teleport/credentials/identity.ts";
import type { Finding } from "../report/finding.ts";
import { formatSpan } from "../report/time_span.ts";

/** What is known of credentials that are valid now. */
export type CredentialsFacts =
  & Pick<Credentials, "origin" | "userName" | "clusterName">
  & Pick<Credentials, "kind" | "notBefore" | "notAfter">
  & Partial<Pick<Credentials, "out">>;

/** Part of its lifetime at which a certificate should have been renewed; the plugin warns then, too. */
const AGING_SHARE = 0.1;

const HOUR_MS = 3_600_000;

/** What tbot renews is no longer valid than that, and needs no word. */
const LONGEST_OF_TBOT_MS = 25 * HOUR_MS;

/** The 720 hours that every command of ours asks for. */
const ASKED_FOR_MS = 719 * HOUR_MS;

/** Judges credentials that are valid now. */
export function judgeCredentials(
  credentials: CredentialsFacts,
  now: Date,
): Finding {
  const { origin, userName, clusterName, notBefore, notAfter } = credentials;
  const leftMs = notAfter.getTime() - now.getTime();
  const isAging = leftMs <
    AGING_SHARE * (notAfter.getTime() - notBefore.getTime());
  const expiry = notAfter.toISOString().replace(/\.\d+Z$/, "Z");
  const lifetimeMs = notAfter.getTime() - notBefore.getTime();
  const isCut = lifetimeMs > LONGEST_OF_TBOT_MS && lifetimeMs < ASKED_FOR_MS;
  return {
    id: "teleport.credentials",
    subject: origin,
    status: isAging ? "warning" : "ok",
    detail: `user "${userName}" of the cluster "${clusterName}", expires ${
      isAging ? "soon, " : ""
    }in ${formatSpan(leftMs)}, on ${expiry}`,
    remedy: isAging
      ? `see whether tbot runs, or issue new ones with ${
        signCommand(credentials)
      }`
      : isCut
      ? `it was issued for ${
        Math.round(lifetimeMs / HOUR_MS)
      }h: \`--ttl\` counts up to max_session_ttl of the plugin's role, which is 30h where the role does not say`
      : undefined,
  };
}
