/**
 * The resources that a request asks for: how they are listed, and what an answer tells.
 *
 * Source: docs/design/teleport-api.md 9.
 *
 * @module
 */

import {
  formatResourceId,
  type Resource,
  RESOURCE_KINDS,
  type ResourceId,
} from "../../ports/access_request.ts";
import {
  ListResourcesRequest,
  type PaginatedResource,
} from "../gen/auth_service.ts";
import type { Metadata } from "../gen/types/resource.ts";

const PAGE_LIMIT = 1000;

/**
 * Groups the resources that can be looked up, by kind.
 *
 * Resources of leaf clusters are left out: the own Auth Service would answer with a resource of its
 * own that happens to have the same name.
 */
export function groupResources(
  resources: readonly ResourceId[],
  clusterName: string,
): Map<string, ResourceId[]> {
  return Map.groupBy(
    resources.filter(({ cluster, kind }) =>
      cluster === clusterName && RESOURCE_KINDS.has(kind)
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
    resourceType: RESOURCE_KINDS.get(kind)?.listedAs ?? kind,
    limit: PAGE_LIMIT,
    startKey,
    predicateExpression: terms.join(" || "),
    useSearchAsRoles: true,
    usePreviewAsRoles: true,
  });
}

/** Returns the call that shows whether any resource of a kind can be seen. */
export function listOne(kind: string): ListResourcesRequest {
  return { ...listByName(kind, [], ""), limit: 1 };
}

/** Adds the resources that an answer holds to `found`, by `formatResourceId`. */
export function collectResources(
  found: Map<string, Resource>,
  answer: readonly PaginatedResource[],
  wanted: readonly ResourceId[],
): void {
  for (const listed of answer) {
    const metadata = metadataOf(listed);
    if (metadata === undefined) continue;
    const resource = {
      friendlyName: friendlyName(metadata, ownName(listed)),
      labels: new Map([...metadata.labels, ...commandLabels(listed)]),
    };
    for (const id of wanted) {
      if (id.name === metadata.name) found.set(formatResourceId(id), resource);
    }
  }
}

/** Each kind of resource keeps it somewhere else. */
function metadataOf(resource: PaginatedResource): Metadata | undefined {
  const { node, appServer, databaseServer, kubernetesServer } = resource;
  return node?.metadata ?? appServer?.spec?.app?.metadata ??
    databaseServer?.spec?.database?.metadata ??
    kubernetesServer?.spec?.cluster?.metadata ??
    resource.userGroup?.header?.metadata ??
    resource.windowsDesktop?.header?.metadata;
}

/** Returns what people call a resource, where that is not its name. */
function ownName({ node, appServer }: PaginatedResource): string | undefined {
  const app = appServer?.spec?.app;
  const isAccount = app?.spec?.identityCenter !== undefined;
  return node?.spec?.hostname ??
    (isAccount ? app?.metadata?.description : undefined);
}

/** Returns the labels that a node works out by running commands. */
function commandLabels({ node }: PaginatedResource): [string, string][] {
  return [...node?.spec?.cmdLabels ?? []]
    .map(([name, { result }]) => [name, result]);
}

/** Applies the rule for resources from Okta, which goes before the rule of the kind. */
function friendlyName(
  { labels, description }: Metadata,
  ownName: string | undefined,
): string | undefined {
  const name = labels.get("teleport.dev/origin") === "okta"
    ? labels.get("teleport.internal/okta-app-name") ||
      labels.get("teleport.internal/okta-group-name") ||
      labels.get("teleport.internal/okta-role-name") ||
      description
    : ownName;
  return name || undefined;
}
