/**
 * An official plugin that ran before this one took over, and may die at any point.
 *
 * Source: docs/design/official-plugin.md 2; docs/design/plugin-data.md 2.
 *
 * @module
 */

import type { AccessRequest } from "../../src/ports/access_request.ts";
import { TeleportError } from "../../src/ports/teleport_error.ts";
import type { Cluster } from "./cluster.ts";
import type { DiscordServer } from "./discord_server.ts";
import type { Judge } from "./judge.ts";
import type { OfficialScript } from "./schedule.ts";

/** Its handler gives up after this time, whatever it has done by then. */
const DEADLINE_MS = 5000;

const KEYS = [
  "user",
  "roles",
  "request_reason",
  "resources",
  "reviews_count",
  "resolution",
  "resolve_reason",
  "messages",
];

/** Claims a request, posts it, records the messages; each only if it comes to that. */
export function runOfficialPlugin(
  world: { cluster: Cluster; discord: DiscordServer; judge: Judge },
  request: AccessRequest,
  channelIds: readonly string[],
  script: OfficialScript,
): void {
  const { cluster, discord, judge } = world;
  const { id } = request;
  const messages: string[] = [];
  const post = (i: number) => {
    const channelId = channelIds[i];
    if (i >= script.posts || channelId === undefined) return record();
    const message = discord.postOfficially(channelId, contentOf(request));
    judge.trace(`official: POST ${id} ${channelId}`);
    judge.postedOfficially(id, message);
    messages.push(`${channelId}/${message.id}`);
    if ((i + 2) * script.postMs < DEADLINE_MS) {
      cluster.time.after(script.postMs, () => post(i + 1));
    }
  };
  const record = () => {
    if (!script.records || messages.length === 0) return;
    judge.count("requests announced by the official plugin");
    judge.trace(`official: record ${id}`);
    // It reads, changes and compares in a loop until nobody else wrote in between.
    const stored = cluster.stored(id) ?? {};
    const expect = Object.fromEntries(KEYS.map((k) => [k, stored[k] ?? ""]));
    cluster.updateData(id, { messages: messages.join(",") }, expect);
  };
  cluster.time.after(script.claimAfterMs, () => {
    try {
      cluster.updateData(
        id,
        { user: request.user, roles: request.roles.join(",") },
        Object.fromEntries(KEYS.map((key) => [key, ""])),
      );
    } catch (error) {
      if (error instanceof TeleportError) return;
      throw error;
    }
    judge.count("requests claimed by the official plugin");
    judge.notices.claimedOfficially(id);
    judge.trace(`official: claim ${id}`);
    cluster.time.after(script.postMs, () => post(0));
  });
}

function contentOf(request: AccessRequest): string {
  return [
    "You have a new Role Request:",
    `*ID*: ${request.id}`,
    "*Cluster*: example.com",
    `*User*: ${request.user}`,
    "*Status*: ⏳ PENDING",
  ].join("\n");
}
