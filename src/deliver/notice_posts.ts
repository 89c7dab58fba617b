/**
 * The calls of notices: telling the requester, and reminding.
 *
 * Source: docs/design/plugin-data.md 3; docs/design/reconciler.md 2, 3.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { FirstTimes } from "../lib/log/first_times.ts";
import { announcementOf } from "../message/announcement.ts";
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
import type { DiscordUsers } from "../people/discord_users.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import { lookupHint } from "../ports/admin_hints.ts";
import type { DiscordApiError } from "../ports/discord_error.ts";
import { isDenial } from "../ports/recovery.ts";
import type { PluginData } from "../record/plugin_data.ts";
import { encodeTime } from "../record/plugin_data_codec.ts";
import type { Change } from "../record/request_record.ts";
import { parseVerdict } from "../record/shown_facts.ts";
import type { InFlightDelivery } from "./in_flight.ts";
import { type EndNotice, withEndTold } from "./due/access_end.ts";
import { type EscalationCall, withCalled } from "./due/escalations.ts";
import { type Notice, noticeFor } from "./due/notices.ts";
import { type Post, type PostOnce, searchFromCreation } from "./post_once.ts";
import { type Reminder, withReminder } from "./due/reminders.ts";
import type { Forums } from "./places/forums.ts";
import { CLOCK_SKEW_MS } from "./places/search_channel.ts";
import { snowflakeAt } from "./due/snowflake.ts";
import { ThreadCalls, type ThreadCallsOptions } from "./thread_calls.ts";
import { threadAt, type ThreadNotice } from "./due/thread_steps.ts";

/** What {@linkcode NoticePosts} need. */
export interface NoticePostsOptions extends ThreadCallsOptions {
  readonly clock: Clock;
  readonly people: () => PeopleConfig;
  readonly discordUsers: DiscordUsers;
}

/** Makes the calls of notices. Each rejects with what the call failed with. */
export class NoticePosts {
  readonly #options: NoticePostsOptions;
  readonly #posts: PostOnce;
  readonly #threads: ThreadCalls;
  /** Of whom it was said that they cannot be told, and why. */
  readonly #untold = new FirstTimes();

  constructor(
    options: NoticePostsOptions,
    posts: PostOnce,
    forums: Forums,
  ) {
    this.#options = options;
    this.#posts = posts;
    this.#threads = new ThreadCalls(options, posts, forums);
  }

  /** Returns the notice of a delivery, if it is due. */
  noticeOf(delivery: InFlightDelivery, data: PluginData): Notice | undefined {
    const { subject, terms } = delivery;
    return subject.kind === "announcement"
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
      id = await this.#options.discordUsers.find(user);
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
    if (notice.kind === "thread") {
      return await this.#threads.send(delivery, notice);
    }
    const post = this.#postOf(delivery, notice, recipient);
    return await this.#posts.post(delivery, post);
  }

  #postOf(
    delivery: InFlightDelivery,
    notice: Exclude<Notice, ThreadNotice>,
    recipient: string,
  ): Post {
    switch (notice.kind) {
      case "tell":
        return this.#news(delivery, notice, recipient);
      case "before end":
        return this.#beforeEnd(delivery, notice, recipient);
      case "remind":
        return this.#reminder(delivery, notice);
      case "escalate":
        return this.#call(delivery, notice);
    }
  }

  /** Records that a notice is not to be sent any more. */
  async settle(delivery: InFlightDelivery, notice: Notice): Promise<void> {
    if (notice.kind === "thread") {
      return await this.#threads.settle(delivery, notice);
    }
    const { record } = delivery.request;
    await record.persist(this.#settled(notice), delivery.onUnrecorded);
  }

  /** Whether Discord refused a notice for good, which is recorded then. */
  async isRefusedForGood(
    delivery: InFlightDelivery,
    notice: Notice,
    error: DiscordApiError,
  ): Promise<boolean> {
    switch (notice.kind) {
      case "tell":
      case "before end":
      case "escalate":
        return false;
      case "remind":
        // Without its thread, it goes to the channel.
        return await this.#threads.leaveIfRefused(delivery, notice, error);
      case "thread":
        return await this.#threads.endIfRefused(delivery, notice, error);
    }
  }

  #threadAt(
    { request }: InFlightDelivery,
    recipient: string,
  ): string | undefined {
    const { data } = request.record.snapshot ?? {};
    return data === undefined ? undefined : threadAt(data, recipient);
  }

  /** @param messageId The message that it became, if there is one. */
  #settled(notice: Exclude<Notice, ThreadNotice>, messageId?: string): Change {
    const { clock, people } = this.#options;
    return (data) => {
      switch (notice.kind) {
        case "tell":
          if (data.told !== notice.told) return data;
          return { ...data, told: notice.verdict };
        case "before end":
          return withEndTold(data, notice.end);
        case "remind": {
          const repeats = people().notices.remindAfterMs.length > 1;
          const now = new Date(clock.now());
          return withReminder(data, notice, messageId, repeats, now);
        }
        case "escalate":
          return withCalled(data, notice);
      }
    };
  }

  #news(
    delivery: InFlightDelivery,
    notice: Notice & { kind: "tell" },
    recipient: string,
  ): Post {
    const { facts } = this.#options;
    const { request } = delivery;
    const shown = (data: PluginData) =>
      announcementOf(request.id, recipient, data, request.latest, facts);
    return {
      purpose: "tell-requester",
      recipient,
      generation: notice.verdict,
      isOwed: (data) => this.#isSame(delivery, data, notice),
      render: (data) => {
        const message = renderNews(
          shown(data),
          parseVerdict(notice.told).reviews,
        );
        return delivery.minimal ? { ...message, embeds: [] } : message;
      },
      isSame: ({ content }) => {
        const { data } = request.record.snapshot ?? {};
        return data !== undefined && isNews(content, shown(data));
      },
      searchStart: (data) => searchFromCreation(request, data),
      recorded: () => this.#settled(notice),
    };
  }

  #beforeEnd(
    delivery: InFlightDelivery,
    notice: EndNotice,
    recipient: string,
  ): Post {
    const { end } = notice;
    const { request } = delivery;
    return {
      purpose: "before-end",
      recipient,
      generation: encodeTime(end),
      isOwed: (data) => this.#isSame(delivery, data, notice),
      render: (data) =>
        renderBeforeEnd(
          announcementOf(
            request.id,
            recipient,
            data,
            request.latest,
            this.#options.facts,
          ),
          request.latest,
        ),
      isSame: ({ content }) => isBeforeEndOf(content, request.id, end),
      searchStart: () => {
        const { beforeEndMs = 0 } = delivery.terms.notices;
        const from = new Date(end.getTime() - beforeEndMs);
        // The configuration may have been another one.
        return { from, isCertain: false };
      },
      recorded: () => this.#settled(notice),
    };
  }

  #reminder(
    delivery: InFlightDelivery,
    notice: Reminder,
  ): Post {
    const { recipient, number, dueMs, after } = notice;
    const { message: { channelId, messageId }, generation } = notice.delivery;
    const thread = this.#threadAt(delivery, recipient);
    // What was posted earlier is the reminder before.
    const from = number === 1 ? after : laterOf(after, dueMs - CLOCK_SKEW_MS);
    return {
      purpose: "remind",
      recipient,
      channelId: thread ?? channelId,
      // It may have been posted there before there was a thread.
      ...(thread !== undefined && thread !== channelId &&
        { alsoIn: channelId }),
      mayMove: delivery.terms.notices.threads,
      generation: number === 1 ? generation : `${generation}#${number}`,
      // Meanwhile a thread may have been made, or have gone: then it goes elsewhere.
      isOwed: (data) =>
        this.#isSame(delivery, data, notice) &&
        threadAt(data, recipient) === thread,
      render: (data) => {
        const { id, latest } = delivery.request;
        const { facts } = this.#options;
        const message = renderReminder(
          announcementOf(id, notice.recipient, data, latest, facts),
        );
        return delivery.minimal || thread !== undefined
          ? message
          : { ...message, replyTo: messageId };
      },
      isSame: ({ id, content }) =>
        BigInt(id) > BigInt(from) && isReminderOf(content, delivery.request.id),
      searchStart: () => ({ from: { messageId: from }, isCertain: true }),
      recorded: (message) => this.#settled(notice, message.messageId),
    };
  }

  #call(delivery: InFlightDelivery, call: EscalationCall): Post {
    const { request } = delivery;
    const { recipient, afterSeconds, mentions } = call;
    const { message: { channelId, messageId } } = call.delivery;
    const sinceOf = ({ created }: PluginData) =>
      created && new Date(created.getTime() + afterSeconds * 1000);
    return {
      purpose: "escalate",
      recipient,
      channelId,
      generation: afterSeconds,
      isOwed: (data) => this.#isSame(delivery, data, call),
      render: (data) => {
        const { facts } = this.#options;
        const { id, latest } = request;
        const shown = announcementOf(id, recipient, data, latest, facts);
        const message = renderEscalation({ ...shown, mentions }, sinceOf(data));
        return delivery.minimal ? message : { ...message, replyTo: messageId };
      },
      isSame: ({ content }) => {
        const { data } = request.record.snapshot ?? {};
        return data !== undefined &&
          isEscalationOf(content, request.id, sinceOf(data));
      },
      searchStart: () => ({ from: { messageId }, isCertain: true }),
      recorded: () => this.#settled(call),
    };
  }

  /** Whether this very notice is still due. */
  #isSame(
    delivery: InFlightDelivery,
    data: PluginData,
    notice: Exclude<Notice, ThreadNotice>,
  ): boolean {
    const now = this.noticeOf(delivery, data);
    switch (notice.kind) {
      case "tell":
        return now?.kind === "tell" && now.told === notice.told &&
          now.verdict === notice.verdict;
      case "before end":
        return now?.kind === "before end" &&
          now.end.getTime() === notice.end.getTime();
      case "remind":
        return now?.kind === "remind" && now.number === notice.number &&
          now.delivery.message.messageId === notice.delivery.message.messageId;
      case "escalate":
        return now?.kind === "escalate" &&
          now.afterSeconds === notice.afterSeconds &&
          now.delivery.message.messageId === notice.delivery.message.messageId;
    }
  }
}

/** Returns the later of a message and a time, as an ID. */
function laterOf(messageId: string, ms: number): string {
  const least = snowflakeAt(ms);
  return BigInt(messageId) > least ? messageId : String(least);
}
