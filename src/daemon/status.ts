/**
 * How the daemon is, as a probe, systemd or an admin is told.
 *
 * @module
 */

import type { GatewayStatus } from "../discord/gateway/gateway.ts";
import type { LongWait } from "../discord/rate_limit/long_waits.ts";
import type { Page } from "../lib/host/http_endpoint.ts";
import type { LogFields } from "../lib/log/log_record.ts";
import type { Workload } from "../reconcile/reconciler.ts";

/** What is known of the daemon at some moment. */
export interface DaemonState {
  /** Whether it watched at least once. */
  readonly hasBeenReady: boolean;
  readonly isStopping: boolean;
  /** Name of the cluster, as soon as it answered. */
  readonly cluster: string | undefined;
  readonly credentialsExpire: Date | undefined;
  readonly isWatching: boolean;
  /** Why it does not watch, as far as that was told. */
  readonly watchFailure: string | undefined;
  readonly isTokenRefused: boolean;
  readonly workload: Workload | undefined;
  /** Whether requests that were deleted while nobody watched may be unknown. */
  readonly missesDeletions: boolean;
  /** Whether the last reload, if there was one, was done. */
  readonly isReloadGood: boolean;
  /** How the Gateway is, by which clicks are heard; `undefined` where nobody listens for them. */
  readonly gateway: GatewayStatus | undefined;
  /** Calls that Discord keeps back for long. */
  readonly longWaits: readonly LongWait[];
}

/** What can keep the daemon from being ready. */
export const REASONS = [
  "starting",
  "stopping",
  "stream_lost",
  "credentials_expired",
  "token_refused",
] as const;

/** One thing that keeps it from being ready, with what else is known of it. */
export interface Reason {
  readonly reason: typeof REASONS[number];
  readonly detail: string;
}

/** Returns everything that keeps it from being ready; nothing means ready. */
export function reasonsOf(daemon: DaemonState, now: Date): readonly Reason[] {
  const reasons: Reason[] = [];
  if (daemon.isStopping) {
    reasons.push({ reason: "stopping", detail: "a stop was asked for" });
  } else if (!daemon.hasBeenReady) {
    reasons.push({ reason: "starting", detail: startingOn(daemon) });
  } else if (!daemon.isWatching) {
    const detail = daemon.watchFailure ?? "connecting to the Auth Service";
    reasons.push({ reason: "stream_lost", detail });
  }
  const { credentialsExpire } = daemon;
  if (credentialsExpire !== undefined && credentialsExpire <= now) {
    const time = credentialsExpire.toISOString();
    const detail = `the certificate expired at ${time}, renew it`;
    reasons.push({ reason: "credentials_expired", detail });
  }
  if (daemon.isTokenRefused) {
    const detail = "Discord refuses the bot token, waiting for a new one";
    reasons.push({ reason: "token_refused", detail });
  }
  return reasons;
}

function startingOn(daemon: DaemonState): string {
  if (daemon.credentialsExpire === undefined) return "waiting for credentials";
  const doing = daemon.cluster === undefined
    ? "connecting to the Auth Service"
    : "listing access requests";
  return daemon.watchFailure ?? doing;
}

/**
 * Returns the page for a readiness probe: 200, or 503 with the reasons. Clicks that are not heard and calls
 * that Discord keeps back are told, but no reason: a restart would not help.
 */
export function readyPage(daemon: DaemonState, now: Date): Page {
  const reasons = reasonsOf(daemon, now);
  const isReady = reasons.length === 0;
  const { gateway } = daemon;
  const review = gateway && {
    connected: isConnected(gateway),
    reason: gateway.reason,
  };
  const waits = waitsOf(daemon);
  return jsonPage(isReady, { ready: isReady, reasons, review, waits });
}

/** Returns for what Discord makes wait, and until when; `undefined` if that is nothing. */
function waitsOf(
  { longWaits }: DaemonState,
): readonly Record<string, unknown>[] | undefined {
  if (longWaits.length === 0) return undefined;
  return longWaits.map(({ route, channelId, until }) => ({
    route: route ?? "all",
    channel_id: channelId,
    until: until.toISOString(),
  }));
}

/** Returns the page for a liveness probe: 503 if something should have ended long ago. */
export function livePage(stalledIn: string | undefined): Page {
  const alive = stalledIn === undefined;
  return jsonPage(alive, { alive, stuck_in: stalledIn });
}

function jsonPage(isGood: boolean, content: Record<string, unknown>): Page {
  return {
    status: isGood ? 200 : 503,
    type: "application/json",
    body: `${JSON.stringify(content)}\n`,
  };
}

/** Returns one line for `systemctl status`. */
export function systemdStatus(daemon: DaemonState, now: Date): string {
  const reasons = reasonsOf(daemon, now);
  const state = reasons.length === 0
    ? `watching access requests of ${daemon.cluster}`
    : reasons.map(({ detail }) => detail).join("; ");
  const { workload, gateway } = daemon;
  const deaf = gateway === undefined || isConnected(gateway)
    ? ""
    : `; clicks are not heard: ${gateway.reason}`;
  const [wait] = daemon.longWaits;
  const held = wait === undefined
    ? ""
    : `; Discord keeps calls back until ${wait.until.toISOString()}`;
  if (workload === undefined) return state + deaf + held;
  const { requests, deliveries } = workload;
  return `${state}${deaf}${held} (requests in work: ${requests}, deliveries owed: ${deliveries})`;
}

/** Returns everything, for a line in the log. */
export function summaryOf(daemon: DaemonState, now: Date): LogFields {
  const reasons = reasonsOf(daemon, now);
  const { workload, gateway } = daemon;
  return {
    ready: reasons.length === 0,
    reasons: reasons.map(({ reason, detail }) => `${reason}: ${detail}`),
    cluster: daemon.cluster,
    credentials_expire: daemon.credentialsExpire?.toISOString(),
    clicks_heard: gateway && isConnected(gateway),
    clicks_reason: gateway?.reason,
    waits: waitsOf(daemon)?.map((wait) => Object.values(wait).join(" ")),
    requests_in_work: workload?.requests,
    queue_depth: workload?.queued,
    deliveries_owed: workload?.deliveries,
    oldest_owed_s: workload && Math.round(workload.oldestDeliveryMs / 1000),
    deliveries_given_up: workload?.givenUp,
  };
}

/** Whether clicks are heard. Nothing else depends on it. */
export function isConnected({ state }: GatewayStatus): boolean {
  return state === "connected";
}
