/**
 * Finds out by trying what the user of the plugin may do; nothing is changed, and no data are read.
 *
 * Source: docs/design/teleport-behaviour.md 5; the order of checks on the server was seen on 18.0.0.
 *
 * @module
 */

import { RESOURCE_KINDS } from "../../ports/access_request.ts";
import { ACCESS_REQUEST_KIND } from "../../ports/auth_service.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import { recoverTeleport } from "../../ports/recovery.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import {
  NO_REQUEST,
  type TeleportClient,
} from "../../teleport/client/teleport_client.ts";
import type { Probe, RuleProbes } from "../judge/judge_role.ts";

/** Kinds of resources that rules of a role know by names of their own. */
const RULED_KINDS = [...RESOURCE_KINDS].flatMap(([kind, { ruledAs }]) =>
  ruledAs === undefined ? [kind] : []
);

/** The Auth Service may take seconds until its cache is ready. */
const INIT_MS = 15_000;

/** A name that no role and no user has. */
const NOBODY = `teleport-discord-check-${NO_REQUEST}`;

/** Tries everything side by side. */
export async function probeRules(
  client: TeleportClient,
  signal: AbortSignal,
): Promise<RuleProbes> {
  let monitoringRules: readonly MonitoringRule[] | undefined;
  const attempts = {
    watch: probeWatch(client, signal),
    requestData: probe(() => client.getPluginData(NO_REQUEST)),
    listData: probe(() => client.getPluginData(NO_REQUEST, "access_list")),
    requests: seeRequests(client),
    // Nothing can be written: there is no such request, nor is this what is stored.
    updateData: probe(() =>
      client.updatePluginData(NO_REQUEST, {}, { "x-check": "1" })
    ),
    role: probe(() => client.getRoleLogins(NOBODY)),
    user: probe(() => client.getUser(NOBODY)),
    loginState: probe(() => client.getUserLoginState(NOBODY)),
    resources: seeResources(client),
    monitoring: probe(async () => {
      monitoringRules = await client.listMonitoringRules();
    }),
  };
  await Promise.allSettled(Object.values(attempts));
  return {
    watch: await attempts.watch,
    requestData: await attempts.requestData,
    listData: await attempts.listData,
    ...await attempts.requests,
    updateData: await attempts.updateData,
    role: await attempts.role,
    user: await attempts.user,
    loginState: await attempts.loginState,
    monitoring: await attempts.monitoring,
    monitoringRules,
    resources: await attempts.resources,
  };
}

/**
 * Tries what reviewing needs. Nothing can be reviewed: there is no such request.
 *
 * @returns Whether reviews may be submitted for others, and users listed: `list` and `read` on `user`.
 */
export async function probeReviewing(
  client: TeleportClient,
): Promise<{ readonly submit: Probe; readonly listUsers: Probe }> {
  const review = {
    requestId: NO_REQUEST,
    author: NOBODY,
    verdict: "deny",
    reason: "",
  } as const;
  const [submit, listUsers] = await Promise.all([
    probe(() => client.submitReview(review)),
    probe(() => client.listUsers()),
  ]);
  return { submit, listUsers };
}

async function probe(call: () => Promise<unknown>): Promise<Probe> {
  try {
    await call();
    return { kind: "granted" };
  } catch (error) {
    return judge(error);
  }
}

/** That what was asked for does not exist is said only to who may know. */
function judge(error: unknown): Probe {
  if (!(error instanceof TeleportError)) throw error;
  switch (recoverTeleport(error)) {
    case "gone":
    case "conflict":
      return { kind: "granted" };
    case "denied":
      return {
        kind: "denied",
        verb: /to perform action "(\w+)"/.exec(error.detail)?.[1],
      };
    default:
      return { kind: "unanswered", detail: error.detail };
  }
}

async function probeWatch(
  client: TeleportClient,
  signal: AbortSignal,
): Promise<Probe> {
  const begun = new AbortController();
  const end = AbortSignal.any([begun.signal, AbortSignal.timeout(INIT_MS)]);
  let kinds: readonly string[] | undefined;
  try {
    const either = AbortSignal.any([signal, end]);
    await client.within(either).watchEvents((event) => {
      if (event.kind === "init") kinds = event.kinds;
      begun.abort();
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!end.aborted) return judge(error);
  }
  if (kinds === undefined) {
    const detail = `no event within ${INIT_MS / 1000} s`;
    return { kind: "unanswered", detail };
  }
  return kinds.includes(ACCESS_REQUEST_KIND)
    ? { kind: "granted" }
    : { kind: "denied", verb: "read" };
}

async function seeRequests(
  client: TeleportClient,
): Promise<Pick<RuleProbes, "showsRequests" | "unknownFields">> {
  let showsRequests = false;
  const unknownFields = new Map<string, number>();
  try {
    for await (const page of client.listAccessRequests()) {
      showsRequests ||= page.length > 0;
      for (const { state, unknownFields: names } of page) {
        if (state !== "PENDING") continue;
        for (const name of names) {
          unknownFields.set(name, (unknownFields.get(name) ?? 0) + 1);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof TeleportError)) throw error;
  }
  return { showsRequests, unknownFields };
}

/** A kind that is refused, or unknown to the server, is one of which nothing can be seen. */
async function seeResources(
  client: TeleportClient,
): Promise<ReadonlyMap<string, boolean>> {
  const seen = await Promise.all(RULED_KINDS.map(async (kind) => {
    const seesAny = client.seesResources(kind).catch((error) => {
      if (!(error instanceof TeleportError)) throw error;
      return false;
    });
    return [kind, await seesAny] as const;
  }));
  return new Map(seen);
}
