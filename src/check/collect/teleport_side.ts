/**
 * Looks at Teleport: the ways to the Auth Service, its version, and what the user of the plugin may do.
 *
 * @module
 */

import type { DraftValues } from "../../config/config.ts";
import { findHttpProxy } from "../../lib/net/http_proxy.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import { concernsRouting, prepareRule } from "../../route/routing_rule.ts";
import { TimeZones } from "../../route/schedule.ts";
import type { TeleportClient } from "../../teleport/client/teleport_client.ts";
import { Dialer, type Exploration } from "../../teleport/connect/dialer.ts";
import { formatHostPort } from "../../teleport/routes/auth_route.ts";
import { createWebTrust } from "../../teleport/routes/web_trust.ts";
import {
  judgeMonitoringRules,
  type NamedRule,
} from "../judge/judge_monitoring_rules.ts";
import { judgeReviewRules } from "../judge/judge_reviewing.ts";
import { judgeRules } from "../judge/judge_role.ts";
import { judgeWays, type WayFacts } from "../judge/judge_routes.ts";
import { judgeServer } from "../judge/judge_server.ts";
import type { Finding } from "../report/finding.ts";
import type { CheckContext } from "./check_host.ts";
import type { Start, TeleportStart } from "./local_setup.ts";
import { probeReviewing, probeRules } from "./role_probes.ts";

const CONNECTION = {
  id: "teleport.connection",
  subject: "connection to the Auth Service",
} as const;

/** What was found on the side of Teleport. */
export interface TeleportSide {
  readonly findings: readonly Finding[];
  /** The access monitoring rules that concern this plugin, as far as they are known. */
  readonly monitoringRules: readonly NamedRule[];
}

/** Looks at everything on the side of Teleport, as far as the set-up lets it. */
export async function examineTeleport(
  { findings, needed }: Start<TeleportStart>,
  context: CheckContext,
): Promise<TeleportSide> {
  if ("missing" in needed) {
    const detail = `skipped because ${needed.missing}`;
    return without([
      ...findings,
      { ...CONNECTION, status: "skipped", detail },
      rulesSkipped(),
    ]);
  }
  const side = await examineConnection(needed.value, context);
  return { ...side, findings: [...findings, ...side.findings] };
}

async function examineConnection(
  { values, credentials }: TeleportStart,
  context: CheckContext,
): Promise<TeleportSide> {
  let exploration: Exploration;
  try {
    exploration = await dialerFor(values, context)
      .explore(credentials, context.signal);
  } catch (error) {
    return without([explainFailure(error, context), rulesSkipped()]);
  }
  const { open, error } = exploration;
  const findings = [
    ...nameProxy(values, context),
    ...judgeWays(waysOf(exploration), error?.hint),
  ];
  const [best] = open;
  if (best === undefined) return without([...findings, rulesSkipped()]);
  try {
    const side = await examineServer(values, best.client, context);
    return { ...side, findings: [...findings, ...side.findings] };
  } catch (error) {
    const failure = explainFailure(error, context);
    return without([...findings, failure, rulesSkipped()]);
  } finally {
    await Promise.all(open.map(({ client }) => client.close()));
  }
}

/** Says whether an HTTP proxy is on the way: the environment names it, not the configuration. */
function nameProxy(
  { teleport }: DraftValues,
  { env }: CheckContext,
): Finding[] {
  const { host, port = 443 } = teleport.addr;
  const proxy = findHttpProxy(host, port, env);
  return proxy === undefined ? [] : [{
    id: "teleport.proxy",
    subject: `HTTP proxy ${formatHostPort(proxy)}`,
    status: "info",
    detail: "is on each way to Teleport, because the environment names it",
  }];
}

function dialerFor(
  { teleport }: DraftValues,
  { clock, env, callMs }: CheckContext,
): Dialer {
  return new Dialer({
    ...teleport.addr,
    clock,
    env,
    trust: createWebTrust(teleport.webCaPath, env),
    attemptMs: callMs,
  });
}

function waysOf({ open, faults }: Exploration): WayFacts[] {
  return [
    ...open.map(({ way }) => ({
      address: formatHostPort(way.address),
      route: way.route.name,
      fault: undefined,
    })),
    ...faults.map(({ address, route, kind, message }) => ({
      address,
      route,
      fault: { kind, text: message },
    })),
  ];
}

async function examineServer(
  { review, discord }: DraftValues,
  client: TeleportClient,
  { clock, signal }: CheckContext,
): Promise<TeleportSide> {
  const [server, probes, reviewing] = await Promise.all([
    client.ping(signal),
    probeRules(client, clock, signal),
    review.enabled ? probeReviewing(client, signal) : undefined,
  ]);
  const zones = new TimeZones();
  const monitoringRules = (probes.monitoringRules ?? [])
    .filter(concernsRouting)
    .map((rule) => ({ ...prepareRule(rule, zones), name: rule.name }));
  const findings = [
    judgeServer(server),
    ...judgeRules(probes),
    ...reviewing === undefined ? [] : judgeReviewRules(
      reviewing.submit,
      discord.userIdTrait === undefined ? undefined : reviewing.listUsers,
    ),
    ...judgeMonitoringRules(monitoringRules, probes.resources),
  ];
  return { findings, monitoringRules };
}

function without(findings: readonly Finding[]): TeleportSide {
  return { findings, monitoringRules: [] };
}

function explainFailure(error: unknown, { signal }: CheckContext): Finding {
  if (signal.aborted) {
    const detail = `${signal.reason.message}`;
    return { ...CONNECTION, status: "unanswered", detail };
  }
  if (error instanceof OperatorError) {
    const { message: detail, hint: remedy } = error;
    return { ...CONNECTION, status: "failed", detail, remedy };
  }
  if (!(error instanceof TeleportError)) throw error;
  return { ...CONNECTION, status: "unanswered", detail: error.message };
}

function rulesSkipped(): Finding {
  return {
    id: "teleport.rule",
    subject: "rules of the role",
    status: "skipped",
    detail: "skipped because there is no connection to the Auth Service",
  };
}
