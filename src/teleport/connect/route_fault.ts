/**
 * Why a route to the Auth Service failed, in words.
 *
 * The codes are those of Deno 2.9's `node:tls`; what TCP says comes only as text from grpc-js.
 *
 * @module
 */

import { HttpProxyError } from "../../lib/net/http_tunnel.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import { type StatusName, TeleportError } from "../../ports/teleport_error.ts";
import type { Credentials } from "../credentials/identity.ts";
import { UpgradeRefusedError, WebCertificateError } from "../routes/upgrade.ts";
import type { FaultKind } from "./fault_kinds.ts";

/** Why one route failed. */
export class RouteFault extends Error {
  override readonly name = "RouteFault";
  readonly kind: FaultKind;
  /** `host:port`. */
  readonly address: string;
  /** Route that was tried; `undefined` if it concerns all of this address. */
  readonly route: string | undefined;

  constructor(
    kind: FaultKind,
    text: string,
    place: { readonly address: string; readonly route: string | undefined },
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.kind = kind;
    this.address = place.address;
    this.route = place.route;
  }

  /** Whether all routes to this address fail alike. */
  get concernsAddress(): boolean {
    return this.concernsAll || NETWORK_KINDS.has(this.kind);
  }

  /** Whether the Auth Service itself has answered, so that no other route can do better. */
  get concernsAll(): boolean {
    return this.kind === "user refused" || this.kind === "server error";
  }
}

const NETWORK_KINDS: ReadonlySet<FaultKind> = new Set(
  ["unknown host", "refused", "proxy refused", "not TLS"] as const,
);

/** What is known of an attempt that failed. */
export interface FailedAttempt {
  readonly address: string;
  readonly route: string;
  readonly credentials: Pick<Credentials, "userName" | "clusterName">;
  /** Whether TCP leads to an HTTP proxy. */
  readonly isProxied: boolean;
  /** What the authenticated call failed with. */
  readonly error: unknown;
  /** What happened on the connection itself, if TCP was up. */
  readonly connectionError: Error | undefined;
}

/** Says why an attempt failed. */
export function explainAttempt(attempt: FailedAttempt): RouteFault {
  const { address, route, credentials, error, connectionError } = attempt;
  const [kind, text] = explainRefusal(error, credentials.userName) ??
    (connectionError === undefined
      ? explainAnswer(error) ?? explainNetwork(error, attempt.isProxied)
      : explainConnection(connectionError, route, credentials.clusterName));
  const place = { address, route: NETWORK_KINDS.has(kind) ? undefined : route };
  return new RouteFault(kind, text, place, { cause: error });
}

type Explained = readonly [FaultKind, string];

/** How the Auth Service refuses the user; `undefined` if it did not. */
function explainRefusal(
  error: unknown,
  userName: string,
): Explained | undefined {
  if (!(error instanceof TeleportError) || !REFUSALS.has(error.code)) {
    return undefined;
  }
  const detail = error.detail.replaceAll(/\s*\n\s*/g, "; ");
  const text = `the Auth Service refuses the user "${userName}": ${detail}`;
  return ["user refused", text];
}

const REFUSALS: ReadonlySet<StatusName> = new Set(
  ["PERMISSION_DENIED", "UNAUTHENTICATED", "NOT_FOUND"] as const,
);

/** What else the Auth Service says; `undefined` if it did not speak. */
function explainAnswer(error: unknown): Explained | undefined {
  if (!(error instanceof TeleportError)) return undefined;
  return NO_ANSWER.has(error.code)
    ? undefined
    : ["server error", `the Auth Service answered: ${error.detail}`];
}

/** What a call ends with that got no answer, or one that is none. */
const NO_ANSWER: ReadonlySet<StatusName> = new Set(
  ["CANCELLED", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE"] as const,
);

function explainNetwork(error: unknown, isProxied: boolean): Explained {
  const [kind, text] = explainTcp(
    error instanceof TeleportError ? error.detail : String(error),
  );
  return isProxied
    ? ["proxy refused", `the HTTP proxy: ${text}`]
    : [kind, text];
}

function explainTcp(text: string): Explained {
  if (/ECONNREFUSED/.test(text)) return ["refused", "connection refused"];
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(text)) {
    return ["unknown host", "the name has no address"];
  }
  if (/EHOSTUNREACH|ENETUNREACH/.test(text)) {
    return ["refused", "no route to the host"];
  }
  if (/ETIMEDOUT|Deadline exceeded/.test(text)) return ["silent", "no answer"];
  return ["other", text];
}

function explainConnection(
  error: Error & { code?: string },
  route: string,
  clusterName: string,
): Explained {
  const { code = "", message } = error;
  if (error instanceof HttpProxyError) return ["proxy refused", message];
  if (error instanceof OperatorError) return ["setting", message];
  if (error instanceof UpgradeRefusedError) return ["upgrade refused", message];
  if (error instanceof WebCertificateError) {
    return [
      "web certificate",
      `the web certificate is of an unknown authority, for another name or not valid now: ${message}`,
    ];
  }
  if (/WRONG_VERSION_NUMBER/.test(code)) {
    if (route.startsWith("upgrade")) {
      return ["upgrade refused", "what is behind the upgrade speaks no TLS"];
    }
    return ["not TLS", "what answers there speaks no TLS"];
  }
  if (/NO_APPLICATION_PROTOCOL/.test(code)) {
    return ["no protocol", "what answers there knows no gRPC"];
  }
  if (/PROTOCOL_VERSION/.test(code) || /peer is incompatible/.test(message)) {
    return ["old TLS", "what answers there speaks neither TLS 1.2 nor 1.3"];
  }
  if (/fatal alert/.test(message)) {
    return ["certificate refused", `the server refused it: ${message}`];
  }
  if (/ALTNAME/.test(code)) {
    return ["foreign", "the certificate there is not of an Auth Service"];
  }
  if (/CERT|ISSUER|SIGNATURE/.test(code)) {
    return [
      "foreign",
      `the certificate there is not from the cluster "${clusterName}", or not valid now: ${message}`,
    ];
  }
  if (/did not answer within/.test(message)) return ["silent", message];
  if (/ECONNRESET|EPIPE/.test(code) || /closed|disconnected/.test(message)) {
    return ["closed", "the connection was closed during the TLS handshake"];
  }
  return ["other", message];
}
