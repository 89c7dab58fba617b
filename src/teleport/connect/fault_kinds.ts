/**
 * What can go wrong on the way to the Auth Service, and what helps.
 *
 * @module
 */

import { signCommand } from "../../ports/admin_hints.ts";
import type { Credentials } from "../credentials/identity.ts";
import { UPGRADE_VARIABLE } from "./upgrade_setting.ts";

/** What helps, by what went wrong; the most telling first: of several faults, the first of this list decides. */
const REMEDIES = {
  /** The Auth Service answered and refuses the user. */
  "user refused": ({ userName }: Credentials) =>
    `look with \`tctl get users/${userName}\` whether the user exists and with \`tctl get locks\` ` +
    "whether it is locked, remove the lock with `tctl rm lock/ID`, or create the user again",
  /** It ended the connection because of the certificate that it was shown. */
  "certificate refused": (credentials: Credentials) =>
    `the cluster no longer accepts this certificate, as after a rotation of its CAs: ${
      renewal(credentials)
    }`,
  /** It answered with an error that says nothing of the user, such as that it is too busy. */
  "server error":
    "wait a moment; if it stays so, look into the log of the Auth Service",
  "setting": "correct the setting that the message names",
  "proxy refused":
    "check HTTPS_PROXY with its user and password, whether the proxy may connect to addr, and NO_PROXY",
  /** What answers is no TLS server; a look at it may tell more. */
  "ssh":
    "this is the port for SSH tunnels: use the web port of the Proxy (443 or 3080), or 3025 of the Auth Service",
  "plain HTTP":
    "this port speaks HTTP without TLS: use the HTTPS port of the Proxy, 443 or 3080",
  "not TLS":
    "check the port: 443 or 3080 of the Proxy, or 3025 of the Auth Service",
  "old TLS": "let what stands before Teleport offer TLS 1.2 or 1.3",
  "closed":
    "look into the log of Teleport, and whether a firewall or balancer ends the connection",
  "upgrade refused":
    "let the load balancer pass on WebSocket connections to the path /webapi/connectionupgrade of the " +
    `Proxy, and look at ${UPGRADE_VARIABLE}`,
  "expired web certificate":
    "renew the certificate of the Proxy or load balancer there; if it was renewed, see whether that was " +
    "restarted, and whether the clock of this machine is right",
  "web certificate": (credentials: Credentials) =>
    `if a Proxy or load balancer with a private certificate is there, name its authority in [teleport] ` +
    `web_ca; if an Auth Service, ${foreignRemedy(credentials)}`,
  "foreign": foreignRemedy,
  "no protocol":
    `what answers there ends TLS itself, as a load balancer does: let ${UPGRADE_VARIABLE} allow the ` +
    "connection upgrade",
  "silent": "check addr, and whether a firewall lets this machine through",
  "unknown host":
    "check the host name in addr, and the name service of this machine",
  "refused": "check addr and its port, and whether Teleport runs there",
  "other": "check addr, and look into the log of Teleport",
};

/** What went wrong on one route. */
export type FaultKind = keyof typeof REMEDIES;

/** Returns what helps most likely where these faults came up. */
export function remedyFor(
  kinds: ReadonlySet<FaultKind>,
  credentials: Credentials,
): string {
  const [first = "other"] = (Object.keys(REMEDIES) as FaultKind[])
    .filter((kind) => kinds.has(kind));
  const remedy: Remedy = REMEDIES[first];
  return typeof remedy === "string" ? remedy : remedy(credentials);
}

type Remedy = string | ((credentials: Credentials) => string);

/** A rotation of the CAs makes the right server a stranger to older credentials. */
function foreignRemedy(credentials: Credentials): string {
  return `check that addr is the Auth Service or the Proxy of the cluster "${credentials.clusterName}"; ` +
    `if it is, the credentials may not have been issued since its CAs were rotated: ${
      renewal(credentials)
    }`;
}

/** Returns how to get other credentials. */
export function renewal(credentials: Credentials): string {
  return `renew the credentials with ${
    signCommand(credentials)
  }, or let tbot do so`;
}
