/**
 * Names for people of the resources that a request asks for.
 *
 * Source: teleport-wire.md 2.9.
 *
 * @module
 */

import { formatResourceId, type ResourceId } from "../domain/access_request.ts";
import {
  ListResourcesRequest,
  type PaginatedResource,
} from "./gen/auth_service.ts";
import type { Metadata } from "./gen/types/resource.ts";

/** Resource kinds that can have a name for people, and the type to list for each. */
const LISTED_TYPES: Readonly<Record<string, string>> = {
  node: "node",
  app: "app_server",
  user_group: "user_group",
};

const PAGE_LIMIT = 1000;

/**
 * Groups the resources whose name can be looked up, by kind.
 *
 * Resources of leaf clusters are left out: the own Auth Service would answer with a resource of its
 * own that happens to have the same name.
 */
export function groupNamedResources(
  resources: readonly ResourceId[],
  clusterName: string,
): Map<string, ResourceId[]> {
  return Map.groupBy(
    resources.filter(({ cluster, kind }) =>
      cluster === clusterName && Object.hasOwn(LISTED_TYPES, kind)
    ),
    ({ kind }) => kind,
  );
}

/** Returns the call that lists these resources, all of one kind. */
export function listByName(
  kind: string,
  resources: readonly ResourceId[],
  startKey: string,
): ListResourcesRequest {
  const terms = resources.map(({ name }) =>
    // Teleport reads Go string literals, and a JSON string is one.
    `resource.metadata.name == ${JSON.stringify(name)}`
  );
  return ListResourcesRequest.create({
    resourceType: LISTED_TYPES[kind] ?? kind,
    limit: PAGE_LIMIT,
    startKey,
    predicateExpression: terms.join(" || "),
    useSearchAsRoles: true,
    usePreviewAsRoles: true,
  });
}

/** Adds the names that an answer holds to `names`, by `formatResourceId`. */
export function collectNames(
  names: Map<string, string>,
  answer: readonly PaginatedResource[],
  wanted: readonly ResourceId[],
): void {
  for (const listed of answer.map(describe)) {
    if (listed?.friendlyName === undefined) continue;
    for (const resource of wanted) {
      if (resource.name !== listed.name) continue;
      names.set(
        formatResourceId(resource),
        `${resource.kind}/${listed.friendlyName}`,
      );
    }
  }
}

interface ListedResource {
  readonly name: string;
  readonly friendlyName: string | undefined;
}

function describe(resource: PaginatedResource): ListedResource | undefined {
  const { node, appServer, userGroup } = resource;
  if (node !== undefined) {
    return named(node.metadata, node.spec?.hostname);
  }
  if (appServer !== undefined) {
    const app = appServer.spec?.app;
    const identityCenter = app?.spec?.identityCenter !== undefined;
    return named(
      app?.metadata,
      identityCenter ? app?.metadata?.description : undefined,
    );
  }
  return named(userGroup?.header?.metadata, undefined);
}

/** Applies the rule for resources from Okta, which goes before the rule of the kind. */
function named(
  metadata: Metadata | undefined,
  ownName: string | undefined,
): ListedResource | undefined {
  if (metadata === undefined) return undefined;
  const { name, labels } = metadata;
  const friendlyName = labels.get("teleport.dev/origin") === "okta"
    ? labels.get("teleport.internal/okta-app-name") ||
      labels.get("teleport.internal/okta-group-name") ||
      labels.get("teleport.internal/okta-role-name") ||
      metadata.description
    : ownName;
  return { name, friendlyName: friendlyName || undefined };
}
