/**
 * Access requests as Teleport describes them, free of any wire form.
 *
 * Source: teleport-wire.md, sections 2.3 and 2.5 (`types.AccessRequestV3`).
 *
 * @module
 */

/** State of a stored request; `UNKNOWN` is a state that this build does not know. */
export type RequestState =
  | "PENDING"
  | "APPROVED"
  | "DENIED"
  | "PROMOTED"
  | "UNKNOWN";

/**
 * Whether access to resources was asked for a short or a long time.
 * `UNDEFINED` is what `tsh` and `tctl` send, and every server before 18.1.
 */
export type RequestKind = "UNDEFINED" | "SHORT_TERM" | "LONG_TERM";

/** One reviewer's verdict. Reviews of a request are only ever appended. */
export interface AccessReview {
  /** Teleport user name of the reviewer. */
  readonly author: string;
  readonly proposedState: RequestState;
  /** Text that the reviewer typed; may be empty. */
  readonly reason: string;
  readonly created: Date;
}

/** A resource named by a resource request. */
export interface ResourceId {
  readonly cluster: string;
  readonly kind: string;
  readonly name: string;
  /** Kubernetes sub-resource such as `namespace/pod`; empty for everything else. */
  readonly subResource: string;
}

/** One access request. Text fields are exactly what people typed: escape before showing. */
export interface AccessRequest {
  readonly id: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly state: RequestState;
  readonly kind: RequestKind;
  readonly created: Date;
  /** When the request itself ends if nobody resolves it. */
  readonly requestExpires: Date | undefined;
  /** When the granted access ends. */
  readonly accessExpires: Date | undefined;
  /** The end of access that the requester asked for, if it was given; an absolute time. */
  readonly maxDuration: Date | undefined;
  readonly reason: string;
  readonly resolveReason: string;
  /** Oldest first. */
  readonly reviews: readonly AccessReview[];
  /** Text that the requester typed or the role suggests: never a Discord channel. */
  readonly suggestedReviewers: readonly string[];
  readonly resources: readonly ResourceId[];
  readonly systemAnnotations: Readonly<Record<string, readonly string[]>>;
  /** Title of the access list that a PROMOTED request was turned into. */
  readonly promotedTo: string | undefined;
}

/** Returns the text form `/<cluster>/<kind>/<name>[/<sub-resource>]` of a resource. */
export function formatResourceId(resource: ResourceId): string {
  const path = [resource.cluster, resource.kind, resource.name];
  if (resource.subResource !== "") path.push(resource.subResource);
  return `/${path.join("/")}`;
}
