/**
 * One error for a round of attempts that all failed.
 *
 * @module
 */

import { OperatorError } from "../../lib/operator_error.ts";
import { signCommand } from "../../ports/admin_hints.ts";
import {
  type Credentials,
  describeInvalidity,
} from "../credentials/identity.ts";
import { FAULT_KINDS, type FaultKind, type RouteFault } from "./route_fault.ts";
import { UPGRADE_VARIABLE } from "./upgrade_setting.ts";

/** No route led to the Auth Service. */
export class ConnectError extends OperatorError {
  /** Why each route failed. */
  readonly faults: readonly RouteFault[];

  constructor(message: string, hint: string, faults: readonly RouteFault[]) {
    super(message, { hint });
    this.faults = faults;
  }
}

/**
 * Sums up why no route led to the Auth Service: each attempt with its cause, and what most likely helps.
 *
 * @param target The address as it is configured, or tried because none is.
 */
export function createConnectError(
  target: { readonly address: string; readonly isDefault: boolean },
  faults: readonly RouteFault[],
  credentials: Credentials,
  now: Date,
): ConnectError {
  const invalidity = describeInvalidity(credentials, now);
  const attempts = merge(faults);
  const details = [invalidity ?? [], attempts].flat().join("; ");
  return new ConnectError(
    `Cannot connect to the Auth Service at "${target.address}"${
      target.isDefault ? ", as addr is not set" : ""
    }: ${details}`,
    invalidity !== undefined
      ? renewal(credentials)
      : target.isDefault && isNobodyThere(faults)
      ? 'set addr below [teleport] to the Proxy, such as "teleport.example.com:443", or to the Auth Service, with port 3025'
      : findRemedy(faults, credentials),
    faults,
  );
}

/** Whether nothing that could be Teleport has answered. */
function isNobodyThere(faults: readonly RouteFault[]): boolean {
  return faults.every(({ kind }) => kind === "refused" || kind === "silent");
}

/** Routes that failed at the same address for the same reason are told together. */
function merge(faults: readonly RouteFault[]): string[] {
  const alike = Map.groupBy(
    faults,
    ({ address, message }) => `${address}\n${message}`,
  );
  return [...alike].map(([key, same]) => {
    const [address, ...text] = key.split("\n");
    const names = same.flatMap(({ route }) => route ?? []).join(", ");
    const place = names === "" ? "" : ` (${names})`;
    return `${address}${place}: ${text.join(" ")}`;
  });
}

function findRemedy(
  faults: readonly RouteFault[],
  credentials: Credentials,
): string {
  const kinds = new Set(faults.map(({ kind }) => kind));
  const { clusterName } = credentials;
  // A Proxy ends the handshake if it cannot reach the Auth Service, or knows no such cluster.
  const isCutOff =
    faults.some(({ kind, route }) =>
      kind === "closed" && route === "tls_routing"
    ) && kinds.has("foreign");
  if (isCutOff) {
    return "the Proxy there leads to no Auth Service: see whether the Auth Service runs; if it does, the " +
      `Proxy does not know the cluster "${clusterName}": correct addr, or issue the credentials in its ` +
      `cluster with ${signCommand(credentials)}`;
  }
  const goneRole = faults
    .map(({ message }) => /: .*\brole (\S+) is not found/.exec(message)?.[1])
    .find((role) => role !== undefined);
  if (goneRole !== undefined) {
    return `the certificate was issued with the role "${goneRole}", which is gone: create the role again, or ${
      renewal(credentials)
    }`;
  }
  const first = FAULT_KINDS.find((kind) => kinds.has(kind)) ?? "other";
  return remedyFor(first, credentials);
}

function remedyFor(kind: FaultKind, credentials: Credentials): string {
  const { userName } = credentials;
  switch (kind) {
    case "user refused":
      return `look with \`tctl get users/${userName}\` whether the user exists and with \`tctl get locks\` ` +
        "whether it is locked, remove the lock with `tctl rm lock/ID`, or create the user again";
    case "certificate refused":
      return `the cluster no longer accepts this certificate, as after a rotation of its CAs: ${
        renewal(credentials)
      }`;
    case "server error":
      return "wait a moment; if it stays so, look into the log of the Auth Service";
    case "setting":
      return "correct the setting that the message names";
    case "proxy refused":
      return "check HTTPS_PROXY with its user and password, whether the proxy may connect to addr, and NO_PROXY";
    case "ssh":
      return "this is the port for SSH tunnels: use the web port of the Proxy (443 or 3080), or 3025 of the Auth Service";
    case "plain HTTP":
      return "this port speaks HTTP without TLS: use the HTTPS port of the Proxy, 443 or 3080";
    case "not TLS":
      return "check the port: 443 or 3080 of the Proxy, or 3025 of the Auth Service";
    case "old TLS":
      return "let what stands before Teleport offer TLS 1.2 or 1.3";
    case "closed":
      return "look into the log of Teleport, and whether a firewall or balancer ends the connection";
    case "upgrade refused":
      return "let the load balancer pass on WebSocket connections to the path /webapi/connectionupgrade of the " +
        `Proxy, and look at ${UPGRADE_VARIABLE}`;
    case "expired web certificate":
      return "renew the certificate of the Proxy or load balancer there; if it was renewed, see whether that was " +
        "restarted, and whether the clock of this machine is right";
    case "web certificate":
      return `if a Proxy or load balancer with a private certificate is there, name its authority in [teleport] ` +
        `web_ca; if an Auth Service, ${foreignRemedy(credentials)}`;
    case "no protocol":
      return `what answers there ends TLS itself, as a load balancer does: let ${UPGRADE_VARIABLE} allow the ` +
        "connection upgrade";
    case "foreign":
      return foreignRemedy(credentials);
    case "silent":
      return "check addr, and whether a firewall lets this machine through";
    case "unknown host":
      return "check the host name in addr, and the name service of this machine";
    case "refused":
      return "check addr and its port, and whether Teleport runs there";
    case "other":
      return "check addr, and look into the log of Teleport";
  }
}

/** A rotation of the CAs makes the right server a stranger to older credentials. */
function foreignRemedy(credentials: Credentials): string {
  return `check that addr is the Auth Service or the Proxy of the cluster "${credentials.clusterName}"; ` +
    `if it is, the credentials may not have been issued since its CAs were rotated: ${
      renewal(credentials)
    }`;
}

function renewal(credentials: Credentials): string {
  return `renew the credentials with ${
    signCommand(credentials)
  }, or let tbot do so`;
}
