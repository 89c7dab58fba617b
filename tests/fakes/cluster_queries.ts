/**
 * How the stand-in reads requests of clients and looks up what they ask for.
 *
 * @module
 */

import { status } from "@grpc/grpc-js";
import { convertTime } from "../../src/teleport/client/convert.ts";
import type {
  ListAccessRequestsRequest,
  ListAccessRequestsResponse,
  ListResourcesRequest,
  PaginatedResource,
} from "../../src/teleport/gen/auth_service.ts";
import type { AccessRequestV3 } from "../../src/teleport/gen/types/access_request.ts";
import type { Metadata } from "../../src/teleport/gen/types/resource.ts";
import { type NewRequest, RefusedError } from "./cluster_state.ts";

/** Cuts a page out of requests; the key of a page is the request that it begins with. */
export function listPage(
  requests: readonly AccessRequestV3[],
  request: ListAccessRequestsRequest,
): ListAccessRequestsResponse {
  const limit = request.limit > 0 ? request.limit : 1000;
  if (limit > 16_000) {
    throw new RefusedError(
      status.INVALID_ARGUMENT,
      `page size of ${limit} is too large`,
    );
  }
  const sign = request.descending ? -1 : 1;
  const sorted = requests
    .map((message) => ({ message, key: createdKey(message) }))
    .sort((a, b) => a.key === b.key ? 0 : a.key < b.key ? -sign : sign);
  const start = request.startKey === ""
    ? 0
    : sorted.findIndex(({ key }) =>
      request.descending ? key <= request.startKey : key >= request.startKey
    );
  const from = start < 0 ? sorted.length : start;
  return {
    accessRequests: sorted.slice(from, from + limit)
      .map(({ message }) => message),
    nextKey: sorted[from + limit]?.key ?? "",
  };
}

/**
 * Finds resources by the only predicate that is in use: `resource.metadata.name == "…" || …`; without
 * one, all of a type.
 */
export function findResources(
  resources: readonly PaginatedResource[],
  request: ListResourcesRequest,
): PaginatedResource[] {
  const quoted = request.predicateExpression.match(/"(?:[^"\\]|\\.)*"/g);
  const names = new Set(quoted?.map((name): unknown => JSON.parse(name)));
  return resources.filter((resource) => {
    const [type, metadata] = describe(resource);
    return type === request.resourceType &&
      (request.predicateExpression === "" || names.has(metadata?.name));
  }).slice(0, request.limit || undefined);
}

/** Returns the type to list a resource by, and its metadata. */
function describe(
  resource: PaginatedResource,
): [type: string, metadata: Metadata | undefined] {
  const { node, appServer, databaseServer, kubernetesServer } = resource;
  const { userGroup, windowsDesktop } = resource;
  if (node) return ["node", node.metadata];
  if (appServer) {
    const isAccount = appServer.spec?.app?.spec?.identityCenter !== undefined;
    return [isAccount ? "aws_ic_account" : "app_server", appServer.metadata];
  }
  if (databaseServer) return ["db_server", databaseServer.metadata];
  if (kubernetesServer) return ["kube_server", kubernetesServer.metadata];
  if (userGroup) return ["user_group", userGroup.header?.metadata];
  return ["windows_desktop", windowsDesktop?.header?.metadata];
}

/** Sorts by creation, then by ID, as text. */
function createdKey({ metadata, spec }: AccessRequestV3): string {
  const seconds = String(spec?.created?.seconds ?? 0).padStart(12, "0");
  const nanos = String(spec?.created?.nanos ?? 0).padStart(9, "0");
  return `${seconds}.${nanos}/${metadata?.name}`;
}

/** Reads what a client may say about a request that it creates. */
export function readNewRequest({ spec }: AccessRequestV3): NewRequest {
  const maxDuration = convertTime(spec?.maxDuration);
  const requestExpires = convertTime(spec?.resourceExpiry);
  const accessStarts = convertTime(spec?.assumeStartTime);
  return {
    user: spec?.user ?? "",
    roles: spec?.roles ?? [],
    reason: spec?.requestReason ?? "",
    suggestedReviewers: spec?.suggestedReviewers ?? [],
    resources: (spec?.requestedResourceIds ?? []).map((id) => ({
      cluster: id.clusterName,
      kind: id.kind,
      name: id.name,
      subResource: id.subResourceName,
    })),
    ...maxDuration && { maxDuration, accessExpires: maxDuration },
    ...requestExpires && { requestExpires },
    ...accessStarts && { accessStarts },
  };
}
