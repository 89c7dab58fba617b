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
import { remedyFor, renewal } from "./fault_kinds.ts";
import type { RouteFault } from "./route_fault.ts";

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
  return remedyFor(kinds, credentials);
}
