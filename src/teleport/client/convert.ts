/**
 * Generated messages to domain values.
 *
 * @module
 */

import {
  type AccessRequest,
  type AccessReview,
  numberedState,
  type RequestedResource,
  type RequestKind,
  type ResourceConstraints,
} from "../../ports/access_request.ts";
import {
  ACCESS_REQUEST_KIND,
  MONITORING_RULE_KIND,
  type ServerInfo,
  type StoredEntries,
  type WatchEvent,
} from "../../ports/auth_service.ts";
import type { NamedUser } from "../../ports/user.ts";
import {
  type Event,
  Operation,
  type PingResponse,
} from "../gen/auth_service.ts";
import type { Timestamp } from "../gen/google/protobuf/timestamp.ts";
import {
  AccessRequestKind,
  AccessRequestSpecV3,
  type AccessRequestV3,
  type AccessReview as AccessReviewMessage,
  type ResourceConstraints as ConstraintsMessage,
  type ResourceID,
} from "../gen/types/access_request.ts";
import type { PluginDataV3 } from "../gen/types/plugin_data.ts";
import type { UserV2 } from "../gen/types/user.ts";
import { convertMonitoringRule } from "./convert_rule.ts";
import { unknownFieldsOf, unknownInConstraints } from "./unknown_fields.ts";

/** Converts a message of the event stream; what this build cannot use becomes `unknown`. */
export function convertEvent(event: Event): WatchEvent {
  const { type, accessRequest, accessMonitoringRule, watchStatus } = event;
  switch (type) {
    case Operation.INIT: {
      const kinds = watchStatus?.spec?.kinds.map((kind) => kind.kind);
      // docs/design/teleport-behaviour.md 4: without a status all kinds count as accepted.
      return {
        kind: "init",
        kinds: kinds ?? [ACCESS_REQUEST_KIND, MONITORING_RULE_KIND],
      };
    }
    case Operation.PUT:
      if (accessRequest?.metadata?.name) {
        return { kind: "put", request: convertAccessRequest(accessRequest) };
      }
      if (accessMonitoringRule?.metadata?.name) {
        const rule = convertMonitoringRule(accessMonitoringRule);
        return { kind: "put rule", rule };
      }
      return { kind: "unknown", detail: "PUT of another resource" };
    case Operation.DELETE: {
      const { kind, metadata } = event.resourceHeader ?? {};
      const name = metadata?.name;
      if (name && kind === ACCESS_REQUEST_KIND) {
        return { kind: "delete", requestId: name };
      }
      if (name && kind === MONITORING_RULE_KIND) {
        return { kind: "delete rule", name };
      }
      return { kind: "unknown", detail: "DELETE of another resource" };
    }
    default:
      return { kind: "unknown", detail: `operation ${type satisfies never}` };
  }
}

/** Converts an access request. */
export function convertAccessRequest(message: AccessRequestV3): AccessRequest {
  const spec = message.spec ?? AccessRequestSpecV3.create();
  return {
    id: message.metadata?.name ?? "",
    user: spec.user,
    roles: spec.roles,
    state: numberedState(spec.state),
    kind: KINDS[spec.requestKind] ?? "UNDEFINED",
    created: convertTime(spec.created) ?? new Date(0),
    requestExpires: convertTime(spec.resourceExpiry) ??
      convertTime(message.metadata?.expires),
    accessStarts: convertTime(spec.assumeStartTime),
    accessExpires: convertTime(spec.expires),
    maxDuration: convertMaxDuration(spec),
    reason: spec.requestReason,
    resolveReason: spec.resolveReason,
    reviews: spec.reviews.map(convertReview),
    suggestedReviewers: spec.suggestedReviewers,
    resources: convertResources(spec),
    systemAnnotations: Object.fromEntries(
      [...spec.systemAnnotations?.values ?? []]
        .map(([key, { values }]) => [key, values]),
    ),
    // The access list is present and empty on every request that reviews resolved.
    promotedTo: spec.accessList?.name ? spec.accessList.title : undefined,
    unknownFields: findUnknown(spec),
  };
}

/**
 * Converts a time. Source: docs/design/teleport-api.md 2: 0001-01-01 means "not set".
 *
 * @returns `undefined` also for a time that a `Date` cannot hold.
 */
export function convertTime(time: Timestamp | undefined): Date | undefined {
  if (time === undefined || time.seconds === ZERO_TIME_SECONDS) {
    return undefined;
  }
  const date = new Date(
    Number(time.seconds) * 1000 + Math.floor(time.nanos / 1e6),
  );
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * Takes the data of one plugin out of what all plugins stored for a request.
 *
 * @returns `undefined` if that plugin stored nothing.
 */
export function convertPluginData(
  message: PluginDataV3,
  plugin: string,
): StoredEntries | undefined {
  const data = message.spec?.entries.get(plugin)?.data;
  if (data === undefined) return undefined;
  return {
    entries: Object.fromEntries(data),
    expires: convertTime(message.metadata?.expires),
  };
}

/** Converts the answer of `Ping`. */
export function convertPing(message: PingResponse): ServerInfo {
  const takesReviews = message.serverFeatures?.advancedAccessWorkflows ?? false;
  return {
    clusterName: message.clusterName,
    serverVersion: message.serverVersion,
    webAddress: takesReviews ? message.proxyPublicAddr : "",
    takesReviews,
  };
}

/** Converts a user. */
export function convertUser(user: UserV2): NamedUser {
  const traits = user.spec?.traits?.values ?? [];
  return {
    name: user.metadata?.name ?? "",
    traits: new Map([...traits].map(([key, { values }]) => [key, values])),
  };
}

const ZERO_TIME_SECONDS = -62_135_596_800n;

const KINDS: Readonly<Record<number, RequestKind>> = {
  [AccessRequestKind.SHORT_TERM]: "SHORT_TERM",
  [AccessRequestKind.LONG_TERM]: "LONG_TERM",
};

/** Returns the end of access that was asked for; the server fills in `expires` if nobody asked. */
function convertMaxDuration(spec: AccessRequestSpecV3): Date | undefined {
  const { maxDuration, expires } = spec;
  const unasked = maxDuration?.seconds === expires?.seconds &&
    maxDuration?.nanos === expires?.nanos;
  return unasked ? undefined : convertTime(maxDuration);
}

/** A kind of request, or a time, that this build does not know is as good as an unknown field. */
function findUnknown(spec: AccessRequestSpecV3): string[] {
  const found = unknownFieldsOf(spec);
  const { requestKind, assumeStartTime } = spec;
  if (requestKind !== AccessRequestKind.UNDEFINED && !(requestKind in KINDS)) {
    found.push("AccessRequestSpecV3.24");
  }
  const isTime = assumeStartTime === undefined ||
    assumeStartTime.seconds === ZERO_TIME_SECONDS ||
    convertTime(assumeStartTime) !== undefined;
  return isTime ? found : [...found, "AccessRequestSpecV3.21"];
}

function convertResources(spec: AccessRequestSpecV3): RequestedResource[] {
  const accessIds = spec.requestedResourceAccessIds;
  if (accessIds.length === 0) {
    return spec.requestedResourceIds.map((id) => convertResource(id));
  }
  let chars = 0;
  return accessIds.flatMap(({ id, constraints }) => {
    if (id === undefined) return [];
    const resource = convertResource(id, constraints);
    for (const value of resource.constraints?.values ?? []) {
      chars += value.length;
    }
    return [
      chars > MAX_CONSTRAINT_CHARS && resource.constraints !== undefined
        ? { ...resource, constraints: NOT_UNDERSTOOD }
        : resource,
    ];
  });
}

/** Constraints beyond this are too long to be stored beside a request, and to be read by anybody. */
const MAX_CONSTRAINT_CHARS = 50_000;

const NOT_UNDERSTOOD: ResourceConstraints = { kind: "unknown", values: [] };

function convertResource(
  id: ResourceID,
  constraints?: ConstraintsMessage,
): RequestedResource {
  return {
    cluster: id.clusterName,
    kind: id.kind,
    name: id.name,
    subResource: id.subResourceName,
    ...constraints !== undefined && {
      constraints: convertConstraints(constraints),
    },
  };
}

/** Only what is understood as a whole is shown: half of it would say less than is asked for. */
function convertConstraints(message: ConstraintsMessage): ResourceConstraints {
  const { awsConsole, ssh, windowsDesktop } = message;
  const kinds: readonly (ResourceConstraints | undefined)[] = [
    awsConsole && { kind: "aws_console", values: awsConsole.roleArns },
    ssh && { kind: "ssh", values: ssh.logins },
    windowsDesktop &&
    { kind: "windows_desktop", values: windowsDesktop.logins },
  ];
  const [only, other] = kinds.filter((each) => each !== undefined);
  const isUnderstood = other === undefined && only !== undefined &&
    only.values.length > 0 && unknownInConstraints(message).length === 0;
  return isUnderstood ? only : NOT_UNDERSTOOD;
}

function convertReview(review: AccessReviewMessage): AccessReview {
  return {
    author: review.author,
    proposedState: numberedState(review.proposedState),
    reason: review.reason,
    created: convertTime(review.created) ?? new Date(0),
    proposedStart: convertTime(review.assumeStartTime),
  };
}
