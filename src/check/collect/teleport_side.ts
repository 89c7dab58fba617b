/**
 * Looks at Teleport: the routes to the Auth Service, its version, and what the user of the plugin may do.
 *
 * @module
 */

import type { DraftValues } from "../../config/config.ts";
import { findHttpProxy, type ReadEnv } from "../../lib/net/http_proxy.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import { signCommand } from "../../ports/admin_hints.ts";
import { concernsRouting } from "../../ports/auth_service.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import { type PreparedRule, prepareRule } from "../../route/routing_rule.ts";
import { TeleportClient } from "../../teleport/client/teleport_client.ts";
import { type Dialed, Dialer } from "../../teleport/connect/dialer.ts";
import type { Credentials } from "../../teleport/credentials/identity.ts";
import { formatHostPort } from "../../teleport/routes/auth_route.ts";
import { createWebTrust } from "../../teleport/routes/web_trust.ts";
import {
  judgeRenewal,
  type Renewal,
  rolesGivenSince,
} from "../judge/judge_certificate.ts";
import { judgeMonitoringRules } from "../judge/judge_monitoring_rules.ts";
import { judgeReviewRules } from "../judge/judge_reviewing.ts";
import { judgeRules } from "../judge/judge_role.ts";
import { judgeRoutes, type Route } from "../judge/judge_routes.ts";
import { judgeServer } from "../judge/judge_server.ts";
import { type Finding, found } from "../report/finding.ts";
import { type CheckContext, noAnswer } from "./check_host.ts";
import type { Start, TeleportStart } from "./local_setup.ts";
import { probeReviewing, probeRules } from "./role_probes.ts";

const CONNECTION = {
  id: "teleport.connection",
  subject: "connection to the Auth Service",
} as const;

const RULES_SKIPPED: Finding = {
  id: "teleport.rule",
  subject: "rules of the role",
  ...found.skipped(
    "skipped because there is no connection to the Auth Service",
  ),
};

/** What was found on the side of Teleport. */
export interface TeleportSide {
  readonly findings: readonly Finding[];
  /** The access monitoring rules that concern this plugin, as far as they are known. */
  readonly monitoringRules: readonly PreparedRule[];
}

/** Looks at everything on the side of Teleport, as far as the set-up lets it. */
export async function examineTeleport(
  start: Start<TeleportStart>,
  context: CheckContext,
): Promise<TeleportSide> {
  const findings = [...start.findings];
  if ("missing" in start) {
    const outcome = found.skipped(`skipped because ${start.missing}`);
    return unseen([...findings, { ...CONNECTION, ...outcome }]);
  }
  const { values: { teleport }, credentials } = start;
  const { clock, env, callMs: attemptMs, signal } = context;
  await using channels = new AsyncDisposableStack();
  try {
    const trust = createWebTrust(teleport.webCaPath, env);
    const options = { ...teleport.addr, clock, env, trust, attemptMs };
    const { open, error } = await new Dialer(options)
      .explore(credentials, signal);
    for (const { channel } of open) channels.use(channel);
    const { isDefault = false } = teleport.addr;
    const routes = open.map(describeOpen);
    findings.push(
      ...nameProxy(teleport, env),
      ...judgeRoutes(routes, error.faults, error.hint, isDefault),
    );
    const [best] = open;
    if (best === undefined) return unseen(findings);
    const client = new TeleportClient(best.channel, signal);
    const side = await examineServer(start, client, signal);
    return { ...side, findings: [...findings, ...side.findings] };
  } catch (error) {
    return unseen([...findings, explainFailure(error, context)]);
  }
}

/** Says whether an HTTP proxy is between them: the environment names it, not the configuration. */
function nameProxy(
  { addr: { host, port = 443 } }: DraftValues["teleport"],
  env: ReadEnv,
): Finding[] {
  const proxy = findHttpProxy(host, port, env);
  return proxy === undefined ? [] : [{
    id: "teleport.proxy",
    subject: `HTTP proxy ${formatHostPort(proxy)}`,
    ...found.info(
      "is on each route to Teleport, because the environment names it",
    ),
  }];
}

function describeOpen({ via: { address, route } }: Dialed): Route {
  return { address: formatHostPort(address), route: route.name };
}

async function examineServer(
  { values: { review, discord }, credentials }: TeleportStart,
  client: TeleportClient,
  signal: AbortSignal,
): Promise<TeleportSide> {
  const [server, renewal, probes, reviewing] = await Promise.all([
    client.ping(),
    findRenewal(credentials, client),
    probeRules(client, signal),
    review.enabled ? probeReviewing(client) : undefined,
  ]);
  const { resources, monitoringRules: listed = [] } = probes;
  const monitoringRules = listed.filter(concernsRouting)
    .map((rule) => prepareRule(rule));
  const findings = [
    judgeServer(server),
    ...judgeRenewal(credentials.userName, renewal),
    ...judgeRules(probes, renewal),
    ...reviewing === undefined ? [] : judgeReviewRules(
      server.takesReviews,
      reviewing.submit,
      discord.userIdTrait === undefined ? undefined : reviewing.listUsers,
      renewal,
    ),
    ...judgeMonitoringRules(monitoringRules, server.serverVersion, resources),
  ];
  return { findings, monitoringRules };
}

/** Finds out what another certificate would bring; `undefined` if nothing, or if that cannot be known. */
async function findRenewal(
  credentials: Credentials,
  client: TeleportClient,
): Promise<Renewal | undefined> {
  const { userName, roles: inCertificate } = credentials;
  try {
    // Whoever may read nothing else may read what is known of them.
    const ofUser = await client.getUserRoles(userName) ?? [];
    const roles = rolesGivenSince(inCertificate, ofUser);
    return roles.length === 0
      ? undefined
      : { roles, command: signCommand(credentials) };
  } catch (error) {
    if (!(error instanceof TeleportError)) throw error;
    return undefined;
  }
}

/** Returns what is known where the Auth Service could not be asked. */
function unseen(findings: readonly Finding[]): TeleportSide {
  return { findings: [...findings, RULES_SKIPPED], monitoringRules: [] };
}

function explainFailure(error: unknown, context: CheckContext): Finding {
  const isFault = error instanceof OperatorError && !context.signal.aborted;
  return {
    ...CONNECTION,
    ...isFault
      ? found.failed(error.message, error.hint)
      : noAnswer(error, context),
  };
}
