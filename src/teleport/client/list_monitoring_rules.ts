/**
 * Listing access monitoring rules, on servers of any age.
 *
 * Source: docs/design/teleport-api.md 1, 11.
 *
 * @module
 */

import { ACCESS_REQUEST_KIND } from "../../ports/auth_service.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import {
  AccessMonitoringRulesServiceService,
  type ListAccessMonitoringRulesRequest,
  type ListAccessMonitoringRulesResponse,
} from "../gen/access_monitoring_rules_service.ts";
import { convertMonitoringRule } from "./convert_rule.ts";
import { unless } from "./grpc_error.ts";
import type { Invoke } from "./lookup_calls.ts";

const RULES_PER_PAGE = 1000n;

/**
 * Lists the rules of one plugin; where the server cannot filter (15), those of all plugins.
 *
 * @returns `undefined` if the server knows no rules (14).
 */
export async function readMonitoringRules(
  invoke: Invoke,
  plugin: string,
  signal: AbortSignal,
): Promise<readonly MonitoringRule[] | undefined> {
  const { listAccessMonitoringRulesWithFilter, listAccessMonitoringRules } =
    AccessMonitoringRulesServiceService;
  const filter = { subjects: [ACCESS_REQUEST_KIND], notificationName: plugin };
  const filtered = readPages((page) =>
    invoke(listAccessMonitoringRulesWithFilter, { ...page, ...filter }, signal)
  );
  return await unless("UNIMPLEMENTED", filtered) ?? await unless(
    "UNIMPLEMENTED",
    readPages((page) => invoke(listAccessMonitoringRules, page, signal)),
  );
}

async function readPages(
  read: (
    page: ListAccessMonitoringRulesRequest,
  ) => Promise<ListAccessMonitoringRulesResponse>,
): Promise<readonly MonitoringRule[]> {
  const rules: MonitoringRule[] = [];
  let pageToken = "";
  do {
    const page = await read({ pageSize: RULES_PER_PAGE, pageToken });
    rules.push(...page.rules.map(convertMonitoringRule));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return rules;
}
