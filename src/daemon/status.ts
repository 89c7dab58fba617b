/**
 * How the daemon is, in the words of those who ask: a probe, systemd, an admin.
 *
 * @module
 */

import type { Page } from "../lib/host/http_endpoint.ts";
import type { LogFields } from "../lib/log/log_record.ts";
import type { Work } from "../reconcile/measures.ts";

/** What is known of the daemon at some moment. */
export interface Facts {
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
  readonly work: Work | undefined;
  /** Whether clicks are heard; `undefined` where nobody listens for them. */
  readonly clicks: ClickFacts | undefined;
  /** Calls that Discord keeps back for long. */
  readonly longWaits: readonly LongWait[];
}

/** Calls that Discord keeps back for long. */
export interface LongWait {
  /** Method and path template; `undefined` if it is all calls. */
  readonly route: string | undefined;
  readonly channelId: string | undefined;
  readonly until: Date;
}

/** Whether Discord's Gateway tells of clicks. It is in the way of nothing else. */
export interface ClickFacts {
  readonly isConnected: boolean;
  /** Why it is not; empty while it is. */
  readonly reason: string;
}

/** What can be in the way of the work. */
export const REASONS = [
  "starting",
  "stopping",
  "stream_lost",
  "credentials_expired",
  "token_refused",
] as const;

/** One thing that is in the way, with what else is known of it. */
export interface Reason {
  readonly reason: typeof REASONS[number];
  readonly detail: string;
}

/** Returns everything that is in the way of the work; nothing means ready. */
export function reasonsOf(facts: Facts, now: Date): readonly Reason[] {
  const reasons: Reason[] = [];
  if (facts.isStopping) {
    reasons.push({ reason: "stopping", detail: "a stop was asked for" });
  } else if (!facts.hasBeenReady) {
    reasons.push({ reason: "starting", detail: startingOn(facts) });
  } else if (!facts.isWatching) {
    const detail = facts.watchFailure ?? "connecting to the Auth Service";
    reasons.push({ reason: "stream_lost", detail });
  }
  const { credentialsExpire } = facts;
  if (credentialsExpire !== undefined && credentialsExpire <= now) {
    const time = credentialsExpire.toISOString();
    const detail = `the certificate expired at ${time}, renew it`;
    reasons.push({ reason: "credentials_expired", detail });
  }
  if (facts.isTokenRefused) {
    const detail = "Discord refuses the bot token, waiting for a new one";
    reasons.push({ reason: "token_refused", detail });
  }
  return reasons;
}

function startingOn(facts: Facts): string {
  if (facts.credentialsExpire === undefined) return "waiting for credentials";
  const doing = facts.cluster === undefined
    ? "connecting to the Auth Service"
    : "listing access requests";
  return facts.watchFailure ?? doing;
}

/**
 * Returns the page for a readiness probe: 200, or 503 with the reasons. Clicks that are not heard and calls
 * that Discord keeps back are told, but no reason: a restart would not help.
 */
export function readyPage(facts: Facts, now: Date): Page {
  const reasons = reasonsOf(facts, now);
  const isReady = reasons.length === 0;
  const { clicks } = facts;
  const review = clicks && {
    connected: clicks.isConnected,
    reason: clicks.reason,
  };
  return {
    status: isReady ? 200 : 503,
    type: "application/json",
    body: `${
      JSON.stringify({ ready: isReady, reasons, review, waits: waitsOf(facts) })
    }\n`,
  };
}

/** Returns for what Discord makes wait, and until when; `undefined` if that is nothing. */
function waitsOf(
  { longWaits }: Facts,
): readonly Record<string, unknown>[] | undefined {
  if (longWaits.length === 0) return undefined;
  return longWaits.map(({ route, channelId, until }) => ({
    route: route ?? "all",
    channel_id: channelId,
    until: until.toISOString(),
  }));
}

/** Returns the page for a liveness probe: 503 if something should have ended long ago. */
export function livePage(stuckIn: string | undefined): Page {
  return stuckIn === undefined
    ? { status: 200, type: "application/json", body: '{"alive":true}\n' }
    : {
      status: 503,
      type: "application/json",
      body: `${JSON.stringify({ alive: false, stuck_in: stuckIn })}\n`,
    };
}

/** Returns one line for `systemctl status`. */
export function statusLine(facts: Facts, now: Date): string {
  const reasons = reasonsOf(facts, now);
  const state = reasons.length === 0
    ? `watching access requests of ${facts.cluster}`
    : reasons.map(({ detail }) => detail).join("; ");
  const { work, clicks } = facts;
  const deaf = clicks === undefined || clicks.isConnected
    ? ""
    : `; clicks are not heard: ${clicks.reason}`;
  const [wait] = facts.longWaits;
  const held = wait === undefined
    ? ""
    : `; Discord keeps calls back until ${wait.until.toISOString()}`;
  if (work === undefined) return state + deaf + held;
  const { requests, deliveries } = work;
  return `${state}${deaf}${held} (requests in work: ${requests}, deliveries owed: ${deliveries})`;
}

/** Returns everything, for a line in the log. */
export function summaryOf(facts: Facts, now: Date): LogFields {
  const reasons = reasonsOf(facts, now);
  const { work } = facts;
  return {
    ready: reasons.length === 0,
    reasons: reasons.map(({ reason, detail }) => `${reason}: ${detail}`),
    cluster: facts.cluster,
    credentials_expire: facts.credentialsExpire?.toISOString(),
    ...(facts.clicks === undefined ? {} : {
      clicks_heard: facts.clicks.isConnected,
      clicks_reason: facts.clicks.reason,
    }),
    waits: waitsOf(facts)?.map((wait) => Object.values(wait).join(" ")),
    ...(work === undefined ? {} : {
      requests_in_work: work.requests,
      queue_depth: work.queued,
      deliveries_owed: work.deliveries,
      oldest_owed_s: Math.round(work.oldestDeliveryMs / 1000),
      deliveries_given_up: work.givenUp,
    }),
  };
}
