/**
 * What `rules test` asks a cluster for.
 *
 * @module
 */

import { limitTime } from "../../check/collect/check_host.ts";
import type { Config } from "../../config/config.ts";
import { systemClock } from "../../lib/async/clock.ts";
import { createStderrLogger } from "../../lib/log/logger.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import { TeleportLookups } from "../../people/teleport_lookups.ts";
import type { AccessRequest } from "../../ports/access_request.ts";
import { MONITORING_RULE_HINT } from "../../ports/admin_hints.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import { TeleportClient } from "../../teleport/client/teleport_client.ts";
import { Dialer } from "../../teleport/connect/dialer.ts";
import { loadCredentials } from "../../teleport/credentials/identity_files.ts";
import { createWebTrust } from "../../teleport/routes/web_trust.ts";

/** How long everything together may take. */
const LIMIT_MS = 60_000;

/** A connection to the Auth Service. */
export interface Cluster {
  readonly client: TeleportClient;
  readonly teleportLookups: TeleportLookups;
}

/**
 * Connects as the plugin does.
 *
 * @param owned Gets what has to be closed in the end.
 * @throws {OperatorError} If the credentials cannot be used, or no route works.
 */
export async function connect(
  { teleport }: Config,
  stop: AbortSignal,
  owned: AsyncDisposableStack,
): Promise<Cluster> {
  const clock = systemClock;
  const { signal } = owned.use(limitTime({ clock, limitMs: LIMIT_MS }, stop));
  // What is missing shows in the report; why, here.
  const logger = owned.use(createStderrLogger("warning", clock));
  const env = (name: string) => Deno.env.get(name);
  const trust = createWebTrust(teleport.webCaPath, env);
  const dialer = new Dialer({ ...teleport.addr, env, clock, trust });
  const credentials = await loadCredentials(teleport.credentials, new Date());
  const { channel } = await dialer.connect(credentials, signal);
  const client = new TeleportClient(owned.use(channel), signal);
  const options = { auth: client, clock, logger, signal };
  return { client, teleportLookups: new TeleportLookups(options) };
}

/** @throws {OperatorError} If there is no such request. */
export async function findRequest(
  { client }: Cluster,
  id: string,
): Promise<AccessRequest> {
  const request = await client.getAccessRequest(id);
  if (request !== undefined) return request;
  throw new OperatorError(`Cannot find the access request ${id}`, {
    hint: "see which there are with `tctl requests ls`; the role of the " +
      "plugin needs access_request: list, read",
  });
}

/** Lists all rules. */
export async function listRules(
  { client }: Cluster,
): Promise<readonly MonitoringRule[]> {
  try {
    return await client.listMonitoringRules() ?? [];
  } catch (error) {
    const isDenied = error instanceof TeleportError &&
      error.code === "PERMISSION_DENIED";
    if (!isDenied) throw error;
    throw new OperatorError(error.message, { hint: MONITORING_RULE_HINT });
  }
}
