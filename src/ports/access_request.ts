/**
 * Access requests and the resources they ask for, as Teleport describes them, free of any wire form.
 *
 * Source: docs/design/teleport-api.md 4, 6 (`types.AccessRequestV3`).
 *
 * @module
 */

/** The states of a stored request, at the numbers that Teleport gives them. */
const STATES = [
  "UNKNOWN",
  "PENDING",
  "APPROVED",
  "DENIED",
  "PROMOTED",
] as const;

/** State of a stored request; `UNKNOWN` is a state that this build does not know. */
export type RequestState = typeof STATES[number];

/** A state of a request that waits for nobody any more. */
export type FinalState = Exclude<RequestState, "PENDING">;

/** Returns the state that Teleport sends, and `tctl get` prints, as this number. */
export function numberedState(number: number): RequestState {
  return STATES[number] ?? "UNKNOWN";
}

/** Returns the final state of this name; `UNKNOWN` if there is none. */
export function namedFinalState(name: string): FinalState {
  const state = STATES.find((each) => each === name);
  return state === undefined || state === "PENDING" ? "UNKNOWN" : state;
}

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
  /** When the reviewer wants the access to begin; `undefined` if the reviewer did not say. */
  readonly proposedStart: Date | undefined;
}

/** A resource of a cluster. */
export interface ResourceId {
  readonly cluster: string;
  readonly kind: string;
  readonly name: string;
  /** Kubernetes sub-resource such as `namespace/pod`; empty for everything else. */
  readonly subResource: string;
}

/** What may be reached on a resource; `unknown` are constraints that this build cannot show. */
export type ConstraintKind =
  | "aws_console"
  | "ssh"
  | "windows_desktop"
  | "unknown";

/** What the access to one resource is narrowed to: only these roles or logins there. */
export interface ResourceConstraints {
  readonly kind: ConstraintKind;
  /** ARNs of roles, or logins; empty only for `unknown`. */
  readonly values: readonly string[];
}

/** A resource named by a resource request. */
export interface RequestedResource extends ResourceId {
  /** Absent where the access is not narrowed. */
  readonly constraints?: ResourceConstraints;
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
  /** When the granted access begins; `undefined` if that is as soon as it is granted. */
  readonly accessStarts: Date | undefined;
  /** When the granted access ends, whenever it begins. */
  readonly accessExpires: Date | undefined;
  /** The end of access that the requester asked for, if it was given; an absolute time. */
  readonly maxDuration: Date | undefined;
  readonly reason: string;
  readonly resolveReason: string;
  /** Oldest first. */
  readonly reviews: readonly AccessReview[];
  /** Text that the requester typed or the role suggests: never a Discord channel. */
  readonly suggestedReviewers: readonly string[];
  readonly resources: readonly RequestedResource[];
  readonly systemAnnotations: Readonly<Record<string, readonly string[]>>;
  /** Title of the access list that a PROMOTED request was turned into. */
  readonly promotedTo: string | undefined;
  /**
   * What the request holds beside all this, as `message.number`, where it may widen what is granted: parts
   * that only newer servers send. Nobody can be asked to approve them here, since nothing shows them.
   */
  readonly unknownFields: readonly string[];
}

/** Whether some part of what a request asks for cannot be shown by this build. */
export function hasHiddenParts(
  { unknownFields, resources }: Pick<
    AccessRequest,
    "unknownFields" | "resources"
  >,
): boolean {
  return unknownFields.length > 0 ||
    resources.some(({ constraints }) => constraints?.kind === "unknown");
}

/** Returns the text form `/<cluster>/<kind>/<name>[/<sub-resource>]` of a resource. */
export function formatResourceId(resource: ResourceId): string {
  const path = [resource.cluster, resource.kind, resource.name];
  if (resource.subResource !== "") path.push(resource.subResource);
  return `/${path.join("/")}`;
}

/** What the cluster tells about one of its resources. */
export interface Resource {
  /** Name for people; `undefined` if it has no other than its ID. */
  readonly friendlyName: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
}

/** What is known of one kind of resource. */
export interface ResourceKind {
  /** Type under which such resources are listed, if not the kind itself. */
  readonly listedAs?: string;
  /** What a rule of a role calls them, if not as they are listed. */
  readonly ruledAs?: string;
  /** Where a role says which of them it reaches. */
  readonly labels: string;
  /** Whether one can have a name for people. */
  readonly isNameable?: boolean;
}

/** The kinds of resources that can be looked up. */
export const RESOURCE_KINDS: ReadonlyMap<string, ResourceKind> = new Map([
  ["node", { labels: "node_labels", isNameable: true }],
  ["app", { listedAs: "app_server", labels: "app_labels", isNameable: true }],
  ["db", { listedAs: "db_server", labels: "db_labels" }],
  ["kube_cluster", { listedAs: "kube_server", labels: "kubernetes_labels" }],
  ["windows_desktop", { labels: "windows_desktop_labels" }],
  ["user_group", { labels: "group_labels", isNameable: true }],
  ["aws_ic_account", {
    ruledAs: "app_server",
    labels: "app_labels",
    isNameable: true,
  }],
]);
