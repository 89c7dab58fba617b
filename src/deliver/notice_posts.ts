/**
 * The posts of notices: what the requester is told, reminders, escalations, and what is said in threads.
 *
 * Source: docs/design/plugin-data.md 3; docs/design/reconciler.md 2, 3; docs/design/threads.md 3.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { FirstTimes } from "../lib/log/first_times.ts";
import type { Announcement } from "../message/announcement.ts";
import {
  isBeforeEndOf,
  isEscalationOf,
  isNews,
  isReminderOf,
  renderBeforeEnd,
  renderEscalation,
  renderNews,
  renderReminder,
} from "../message/notice_message.ts";
import {
  isThreadMessage,
  renderThreadMessage,
} from "../message/thread_message.ts";
import type { DiscordUsers } from "../people/discord_users.ts";
import { lookupHint } from "../ports/admin_hints.ts";
import { isDenial } from "../ports/recovery.ts";
import type { PluginData } from "../record/plugin_data.ts";
import { encodeTime } from "../record/plugin_data_codec.ts";
import { parseVerdict } from "../record/shown_facts.ts";
import type { InFlightDelivery } from "./in_flight.ts";
import { type Notice, noticeFor, withSettled } from "./due/notices.ts";
import { type Post, type PostOnce, searchFromCreation } from "./post_once.ts";
import type { Reminder } from "./due/reminders.ts";
import { CLOCK_SKEW_MS } from "./places/search_channel.ts";
import { snowflakeAt } from "./due/snowflake.ts";
import type { ThreadCalls } from "./thread_calls.ts";
import type { ThreadCall } from "./due/thread_steps.ts";

/** Makes the posts of notices. Each rejects with what the call failed with. */
export class NoticePosts {
  readonly #discordUsers: DiscordUsers;
  readonly #posts: PostOnce;
  readonly #threads: ThreadCalls;
  /** Of whom it was said that they cannot be told, and why. */
  readonly #untold = new FirstTimes();

  constructor(
    discordUsers: DiscordUsers,
    posts: PostOnce,
    threads: ThreadCalls,
  ) {
    this.#discordUsers = discordUsers;
    this.#posts = posts;
    this.#threads = threads;
  }

  /** Returns the notice of a delivery, if it is due. */
  noticeOf(delivery: InFlightDelivery, data: PluginData): Notice | undefined {
    const { subject, terms } = delivery;
    return subject.kind === "announce"
      ? undefined
      : noticeFor(data, subject, terms);
  }

  /**
   * Returns the recipient of a notice; `undefined` if there is none.
   *
   * @throws {TeleportError} If the requester cannot be looked up.
   */
  async recipientOf(
    delivery: InFlightDelivery,
    notice: Notice,
    { user }: PluginData,
  ): Promise<string | undefined> {
    if ("recipient" in notice) return notice.recipient;
    let id: string | undefined;
    try {
      id = await this.#discordUsers.find(user);
    } catch (error) {
      if (isDenial(error) && this.#untold.add(`denied ${user}`)) {
        delivery.logger.warn("may not look up the requester, will retry", {
          user,
          hint: `name one below [users], or ${lookupHint("user")}`,
        });
      }
      throw error;
    }
    if (id !== undefined) return `user:${id}`;
    if (this.#untold.add(`nameless ${user}`)) {
      delivery.logger.info("requester has no Discord user, telling nobody", {
        user,
        hint: "name one below [users], or set the user trait",
      });
    }
    return undefined;
  }

  /** Sends a notice; returns whether Discord was called for it. */
  async send(
    delivery: InFlightDelivery,
    notice: Notice,
    recipient: string,
  ): Promise<boolean> {
    if ("step" in notice) return await this.#threads.send(delivery, notice);
    const post = this.#postOf(delivery, notice, recipient);
    return await this.#posts.post(delivery, post);
  }

  /** Records that a notice is not to be sent any more. */
  async settle(delivery: InFlightDelivery, notice: Notice): Promise<void> {
    await delivery.record((data) => withSettled(data, notice, delivery.terms));
  }

  #postOf(
    delivery: InFlightDelivery,
    notice: PostedNotice,
    recipient: string,
  ): Post {
    const own = ownPart(delivery, notice, recipient);
    return {
      purpose: notice.kind,
      recipient,
      ...own,
      // Meanwhile a thread may have been made, or have gone: then another one is due.
      isOwed: (data) =>
        isDeepStrictEqual(this.noticeOf(delivery, data), notice),
      render: (data) => {
        const message = own.render(data);
        if (!delivery.minimal) return message;
        const { replyTo: _, ...alone } = message;
        return { ...alone, embeds: [] };
      },
      recorded: ({ messageId }) => (data) =>
        withSettled(data, notice, delivery.terms, messageId),
    };
  }
}

/** A notice that is a message; what threads need is more than that. */
type PostedNotice = Exclude<Notice, ThreadCall>;

/** Returns that part of a post which notices of its kind have for themselves. */
function ownPart(
  delivery: InFlightDelivery,
  notice: PostedNotice,
  recipient: string,
): Omit<Post, "purpose" | "recipient" | "isOwed" | "recorded"> {
  const { request } = delivery;
  const shown = (data: PluginData) => delivery.announcement(recipient, data);
  switch (notice.kind) {
    case "tell-requester": {
      const { told, verdict } = notice;
      return {
        generation: verdict,
        render: (data) => renderNews(shown(data), parseVerdict(told).reviews),
        isSame: ({ content }, data) => isNews(content, shown(data)),
        searchStart: (data) => searchFromCreation(request, data),
      };
    }
    case "before-end": {
      const { end } = notice;
      const { beforeEndMs = 0 } = delivery.terms.notices;
      const from = new Date(end.getTime() - beforeEndMs);
      return {
        generation: encodeTime(end),
        render: (data) => renderBeforeEnd(shown(data), request.latest),
        isSame: ({ content }) => isBeforeEndOf(content, request.id, end),
        // The configuration may have been another one.
        searchStart: () => ({ from, isCertain: false }),
      };
    }
    case "remind":
      return reminderPart(delivery, notice, shown);
    case "thread": {
      const { text, message: { messageId } } = notice;
      return {
        channelId: messageId,
        generation: text.kind === "outcome" ? text.verdict : text.number,
        render: (data) => renderThreadMessage(shown(data), text),
        isSame: ({ content }, data) =>
          isThreadMessage(content, shown(data), text),
        searchStart: () => ({ from: { messageId }, isCertain: true }),
      };
    }
    case "escalate": {
      const { afterSeconds, mentions } = notice;
      const { channelId, messageId } = notice.message;
      const sinceOf = ({ created }: PluginData) =>
        created && new Date(created.getTime() + afterSeconds * 1000);
      return {
        channelId,
        generation: afterSeconds,
        render: (data) => ({
          ...renderEscalation({ ...shown(data), mentions }, sinceOf(data)),
          replyTo: messageId,
        }),
        isSame: ({ content }, data) =>
          isEscalationOf(content, request.id, sinceOf(data)),
        searchStart: () => ({ from: { messageId }, isCertain: true }),
      };
    }
  }
}

function reminderPart(
  delivery: InFlightDelivery,
  { message, generation, threadId, mayMove, number, dueMs, after }: Reminder,
  shown: (data: PluginData) => Announcement,
): ReturnType<typeof ownPart> {
  const { channelId, messageId } = message;
  // What was posted earlier is the reminder before.
  const from = number === 1 ? after : laterOf(after, dueMs - CLOCK_SKEW_MS);
  return {
    channelId: threadId ?? channelId,
    // It may have been posted there before there was a thread.
    ...(threadId !== undefined && threadId !== channelId &&
      { alsoIn: channelId }),
    mayMove,
    generation: number === 1 ? generation : `${generation}#${number}`,
    render: (data) => ({
      ...renderReminder(shown(data)),
      ...(threadId === undefined && { replyTo: messageId }),
    }),
    isSame: ({ id, content }) =>
      BigInt(id) > BigInt(from) && isReminderOf(content, delivery.request.id),
    searchStart: () => ({ from: { messageId: from }, isCertain: true }),
  };
}

/** Returns the later of a message and a time, as an ID. */
function laterOf(messageId: string, ms: number): string {
  const least = snowflakeAt(ms);
  return BigInt(messageId) > least ? messageId : String(least);
}
