/**
 * The post that announces a request to one recipient, and its record.
 *
 * Source: docs/design/reconciler.md 2, 3; docs/design/forums.md 4.
 *
 * @module
 */

import { isAnnouncementOf } from "../message/announcement_message.ts";
import { threadName } from "../message/thread_message.ts";
import { type HiddenFields, NOTHING_HIDDEN } from "../record/hidden_fields.ts";
import {
  isForumPost,
  type PluginData,
  SHOWS_UNKNOWN,
  withDelivery,
  withTag,
  withThread,
} from "../record/plugin_data.ts";
import { digestOf } from "../record/shown_facts.ts";
import { taskFor } from "./due/due.ts";
import { NEW_THREAD } from "./due/thread_steps.ts";
import { renderAnnouncement } from "./edit_message.ts";
import type { AnnouncementDelivery } from "./in_flight.ts";
import {
  type Post,
  type PostedMessage,
  searchFromCreation,
} from "./post_once.ts";

/** Returns the post that announces a request to one recipient. */
export function announcementPost(
  delivery: AnnouncementDelivery,
  generation: number,
): Post {
  const { request, subject: { recipient } } = delivery;
  /** What the message hides that was rendered last. */
  let hides = NOTHING_HIDDEN;
  return {
    purpose: "announce",
    recipient,
    generation,
    isOwed: (data) => {
      const task = taskFor(data, recipient, delivery.terms);
      return task?.kind === "post" && task.generation === generation;
    },
    render: (data) => {
      hides = delivery.terms.hiddenFor(recipient);
      return renderAnnouncement(delivery, data);
    },
    nameInForum: (data) =>
      threadName(delivery.announcement(recipient, data), delivery.minimal),
    isSame: ({ content }) => isAnnouncementOf(content, request.id),
    searchStart: (data) => {
      const owed = data.deliveries.get(recipient);
      const since = owed?.kind === "owed" ? owed.since : undefined;
      return since === undefined
        ? searchFromCreation(request, data)
        : { from: since, isCertain: false };
    },
    recorded: (message) => (data) =>
      withPosted(data, delivery, message, generation, hides),
    explain: (message, stored) =>
      explainPosted(delivery, message, stored, generation),
  };
}

/**
 * Returns the data with the message, and with the thread that goes with it: to be made, where there is to be one at a
 * message in a channel, or the one that a post of a forum is, with its tag if that is known.
 */
function withPosted(
  data: PluginData,
  { subject: { recipient }, terms }: AnnouncementDelivery,
  message: PostedMessage,
  generation: number,
  hides: HiddenFields,
): PluginData {
  const { channelId, messageId, sent, isTagged } = message;
  const now = data.deliveries.get(recipient);
  if (now?.kind === "posted") {
    // Somebody else recorded it in between, and may have edited it since.
    return now.message.messageId === messageId
      ? withDelivery(data, recipient, { ...now, shows: SHOWS_UNKNOWN })
      : data;
  }
  if (now?.kind === "owed" && isDeleted(message, now.generation, generation)) {
    return data;
  }
  const posted = withDelivery(data, recipient, {
    kind: "posted",
    message: { channelId, messageId },
    generation: now?.kind === "owed" ? now.generation : 1,
    shows: sent === undefined ? SHOWS_UNKNOWN : digestOf(sent),
    hides,
  });
  if (isForumPost(message)) {
    const open = withThread(posted, recipient, NEW_THREAD);
    return isTagged ? withTag(open, recipient, "PENDING") : open;
  }
  const isWanted = terms.notices.threads && !recipient.startsWith("user:") &&
    !data.threads.has(recipient);
  return isWanted ? withThread(posted, recipient, { kind: "wanted" }) : posted;
}

/** A person deleted the message, which another process found out: that one posts the next. */
function isDeleted(
  { origin }: PostedMessage,
  stored: number,
  posted: number,
): boolean {
  return origin === "posted" && stored > posted;
}

function explainPosted(
  { subject: { recipient }, logger }: AnnouncementDelivery,
  message: PostedMessage,
  stored: PluginData | undefined,
  generation: number,
): void {
  const { channelId, messageId } = message;
  const fields = { channel_id: channelId, message_id: messageId };
  const now = stored?.deliveries.get(recipient);
  if (
    now !== undefined && now.kind !== "dropped" &&
    isDeleted(message, now.generation, generation)
  ) {
    logger.info("message was deleted before it was recorded", fields);
  } else if (now?.kind !== "posted") {
    logger.warn(
      "message can no longer be followed: its plugin data is gone",
      fields,
    );
  } else if (now.message.messageId !== messageId) {
    logger.warn("another process posted the same request", fields);
  }
}
