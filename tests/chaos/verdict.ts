/**
 * What must hold in the end, when nothing has been wrong for a long time.
 *
 * @module
 */

import type { AccessRequest } from "../../src/ports/access_request.ts";
import { decodePluginData } from "../../src/record/plugin_data_codec.ts";
import type { Cluster, Ending } from "./cluster.ts";
import {
  BOT_ID,
  CHANNELS,
  type DiscordServer,
  type Message,
} from "./discord_server.ts";
import { idOf, type Judge, reviewsOf, stateOf } from "./judge.ts";
import { USER_ID } from "./messenger_port.ts";
import type { RequestPlan } from "./schedule.ts";

/** Fails the run if a message is missing, repeated or wrong. */
export function verdict(
  cluster: Cluster,
  discord: DiscordServer,
  judge: Judge,
): void {
  judge.notices.verdict(discord);
  judge.ends.verdict(discord);
  judge.escalations.verdict(discord);
  for (const id of cluster.ids) {
    const messages = new Map(
      CHANNELS.map((channel) => [channel, messagesOf(discord, channel, id)]),
    );
    checkDeliveries(cluster, judge, id, messages);
    for (const [channelId, all] of messages) {
      const live = all.filter((message) => !message.deleted);
      if (live.length > 1) judge.fail(`${id} stands twice in ${channelId}`);
      if (!judge.isReachable(channelId)) continue;
      for (const message of live) checkMessage(cluster, judge, id, message);
    }
  }
}

/** Each announcement of access that is over says so, as long as its plugin data is there to know it by. */
export function checkEnds(
  cluster: Cluster,
  discord: DiscordServer,
  judge: Judge,
): void {
  for (const id of cluster.ids) {
    for (const channel of CHANNELS) {
      if (!judge.isReachable(channel)) continue;
      for (const message of messagesOf(discord, channel, id)) {
        if (message.deleted || isOrphan(cluster, message)) continue;
        if (judge.overtaken.has(`${id} ${channel}`)) continue;
        judge.ends.checkMessage(id, message);
      }
    }
  }
}

/**
 * A channel holds exactly one message about a request, and it is right; none, if a person deleted it or
 * the request may have ended before it was announced.
 */
export function checkChannel(
  cluster: Cluster,
  discord: DiscordServer,
  judge: Judge,
  id: string,
  channelId: string,
  plan: RequestPlan,
): void {
  if (!judge.isReachable(channelId)) return;
  const live = messagesOf(discord, channelId, id).filter((m) => !m.deleted);
  const mayBeNone = plan.steps.some((step) =>
    step.kind === "delete message" || step.afterMs < 8000
  );
  if (live.length > 1 || (live.length === 0 && !mayBeNone)) {
    judge.fail(`${id} stands ${live.length} times in ${channelId}`);
  }
  for (const message of live) checkMessage(cluster, judge, id, message);
}

function messagesOf(
  discord: DiscordServer,
  channelId: string,
  id: string,
): Message[] {
  return discord.messages(channelId).filter((message) =>
    message.authorId === BOT_ID && idOf(message.content) === id
  );
}

/** Whoever was to be told has been told, and nobody else. */
function checkDeliveries(
  cluster: Cluster,
  judge: Judge,
  id: string,
  messages: ReadonlyMap<string, readonly Message[]>,
): void {
  const request = cluster.current(id);
  const entries = cluster.stored(id);
  const [role = "nobody"] = cluster.last(id)?.roles ?? [];
  if (role === "nobody") return;
  if (entries === undefined) {
    if (request?.state === "PENDING") {
      judge.fail(`${id} is pending and was never announced`);
    }
    return;
  }
  const { deliveries, own } = decodePluginData(entries);
  if (request?.state === "PENDING" && deliveries.size === 0) {
    judge.fail(`${id} is pending and nobody was told`);
  }
  for (const [recipient, delivery] of deliveries) {
    const channelId = recipient === `user:${USER_ID}`
      ? CHANNELS.at(-1) ?? ""
      : recipient;
    if (!judge.isReachable(channelId)) continue;
    const inChannel = messages.get(channelId) ?? [];
    const subject = `${id} ${channelId}`;
    switch (delivery.kind) {
      case "owed":
        judge.fail(`${id} is still owed to ${recipient}`);
        break;
      case "dropped":
        if (request?.state === "PENDING") {
          judge.fail(`${id} is pending and was dropped for ${recipient}`);
        }
        if (
          inChannel.some((m) => !m.deleted) && !judge.overtaken.has(subject)
        ) judge.fail(`${id} was dropped but stands in ${channelId}`);
        break;
      case "posted": {
        const { messageId } = delivery.message;
        const message = inChannel.find((m) => m.id === messageId);
        if (message === undefined) {
          judge.fail(`${id}: recorded message is not in ${channelId}`);
        } else if (
          own && delivery.shows !== "gone" && message.deleted === false &&
          delivery.shows === "?"
        ) judge.fail(`${id}: nobody knows what ${channelId} shows`);
      }
    }
  }
}

/** What a message shows is what is. */
function checkMessage(
  cluster: Cluster,
  judge: Judge,
  id: string,
  message: Message,
): void {
  const last = cluster.last(id);
  if (last === undefined) return;
  if (isOrphan(cluster, message)) return;
  const ending = cluster.endings.get(id);
  const state = stateOf(message.content);
  const wanted = statesOf(last, ending);
  if (!wanted.includes(state)) {
    judge.fail(
      `${id} shows ${state} in ${message.channelId}, but is ${wanted}`,
    );
  }
  judge.ends.checkMessage(id, message);
  const isCertain = ending === undefined || ending.known;
  if (!isCertain) return;
  const reviews = reviewsOf(message.content);
  if (reviews !== countsOf(last)) {
    judge.fail(
      `${id} shows reviews "${reviews}", but has "${countsOf(last)}"`,
    );
  }
  const { resolveReason } = last;
  if (resolveReason === "" || last.reason !== "") return;
  const isShown = message.content.includes(resolveReason);
  const saysHidden = /\((?:hidden|숨김)\)$/m.test(message.content);
  if (saysHidden) judge.count("hidden reasons");
  if (isShown === saysHidden) {
    judge.fail(`${id} does not show the reason "${resolveReason}"`);
  }
  const hides = recordedToHide(cluster.stored(id), message);
  if (hides !== undefined && hides !== saysHidden) {
    judge.fail(`${id} is recorded to hide reasons: ${hides}`);
  }
}

/** Whether a message is recorded to hide what reviewers wrote; `undefined` if that is not known. */
function recordedToHide(
  entries: Readonly<Record<string, string>> = {},
  { id }: Message,
): boolean | undefined {
  for (const delivery of decodePluginData(entries).deliveries.values()) {
    if (delivery.kind !== "posted" || delivery.message.messageId !== id) {
      continue;
    }
    return delivery.shows === "?"
      ? undefined
      : delivery.hides?.includes("review_reasons") === true;
  }
  return undefined;
}

/** States that may be shown: what happened while nobody watched cannot be known once the request is gone. */
function statesOf(last: AccessRequest, ending: Ending | undefined): string[] {
  if (ending === undefined) return [last.state];
  if (last.state === "PENDING") return ["EXPIRED"];
  return ending.known ? [last.state] : [last.state, "APPROVED", "EXPIRED"];
}

function countsOf({ reviews }: AccessRequest): string {
  const count = (state: string) =>
    reviews.filter((review) => review.proposedState === state).length;
  return reviews.length === 0
    ? ""
    : `✅ ${count("APPROVED")} ❌ ${count("DENIED")}`;
}

/** An official plugin died before it recorded this message, and then the request was resolved. */
function isOrphan(cluster: Cluster, message: Message): boolean {
  if (!message.official) return false;
  const stored = cluster.stored(idOf(message.content));
  return !(stored?.["messages"] ?? "").includes(message.id);
}
