/**
 * What the check says of the credentials for Teleport.
 *
 * @module
 */

import { signCommand } from "../../ports/admin_hints.ts";
import type { Credentials } from "../../teleport/credentials/identity.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";
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
  const { origin } = credentials;
  const outcome = judgeTimes(credentials, now);
  return { id: "teleport.credentials", subject: origin, ...outcome };
}

function judgeTimes(credentials: CredentialsFacts, now: Date): Outcome {
  const { userName, clusterName, notBefore, notAfter } = credentials;
  const lifetimeMs = notAfter.getTime() - notBefore.getTime();
  const leftMs = notAfter.getTime() - now.getTime();
  const whose = `user "${userName}" of the cluster "${clusterName}"`;
  const expiry = `in ${formatSpan(leftMs)}, on ${
    notAfter.toISOString().replace(/\.\d+Z$/, "Z")
  }`;
  if (leftMs < AGING_SHARE * lifetimeMs) {
    return found.warning(
      `${whose}, expires soon, ${expiry}`,
      `see whether tbot runs, or issue new ones with ${
        signCommand(credentials)
      }`,
    );
  }
  const isCut = lifetimeMs > LONGEST_OF_TBOT_MS && lifetimeMs < ASKED_FOR_MS;
  const hours = Math.round(lifetimeMs / HOUR_MS);
  return found.ok(
    `${whose}, expires ${expiry}`,
    isCut
      ? `it was issued for ${hours}h: \`--ttl\` counts up to max_session_ttl of the plugin's role, which is 30h where the role does not say`
      : undefined,
  );
}
