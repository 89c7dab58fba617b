/**
 * Logins and resource names, put into what is stored.
 *
 * @module
 */

import {
  type AccessRequest,
  formatResourceId,
} from "../ports/access_request.ts";
import { missingLogins } from "../record/missing.ts";
import type { PluginData } from "../record/plugin_data.ts";
import { digestOf, isShown } from "../record/shown_facts.ts";

/** What could be looked up about a request. */
export interface Enrichment {
  /** Logins by role; `undefined` if some role could not be read. */
  readonly loginsByRole: ReadonlyMap<string, readonly string[]> | undefined;
  /** Friendly names by the text form of the resource ID, as far as there are any. */
  readonly resourceNames: ReadonlyMap<string, string>;
}

/** Returns the data with what was found out since; it is the same object if that is nothing. */
export function enrich(
  data: PluginData,
  request: AccessRequest,
  enrichment: Enrichment,
): PluginData {
  const named = nameResources(request, enrichment);
  const isBetter = named.length === data.resources.length &&
    countUnnamed(named) < countUnnamed(data.resources);
  const improved = {
    ...data,
    loginsByRole: betterLogins(data.loginsByRole, enrichment.loginsByRole),
    resources: isBetter ? named : data.resources,
  };
  return isShown(digestOf(data), improved) ? data : improved;
}

function betterLogins(
  known: PluginData["loginsByRole"],
  found: PluginData["loginsByRole"],
): PluginData["loginsByRole"] {
  const order = ["logins", "login traits", undefined];
  const isBetter = order.indexOf(missingLogins(found)) >
    order.indexOf(missingLogins(known));
  return isBetter ? found : known;
}

/** A friendly name does not begin with a slash, the text form of a resource ID does. */
function countUnnamed(resources: readonly string[]): number {
  return resources.filter((name) => name.startsWith("/")).length;
}

export function nameResources(
  request: AccessRequest,
  enrichment: Enrichment,
): string[] {
  return request.resources.map((resource) => {
    const id = formatResourceId(resource);
    return enrichment.resourceNames.get(id) ?? id;
  });
}
