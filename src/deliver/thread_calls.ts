/**
 * The calls of threads: making one, saying something in it, closing it.
 *
 * Crash windows, and what the next process does about each:
 *
 * - after a thread was made, before its record: it is made again, which Discord answers with 160004.
 * - after a message, before its record: it is searched for in the thread, as every post is.
 * - after a thread was closed, before its record: it is closed again, which changes nothing.
 *
 * Source: docs/design/threads.md 3.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import {
  type Announcement,
  announcementOf,
  type ClusterFacts,
} from "../message/announcement.ts";
import {
  isThreadMessage,
  renderThreadMessage,
  threadName,
} from "../message/thread_message.ts";
import { DiscordApiError, fieldsOf } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import { recoverDiscord } from "../ports/recovery.ts";
import {
  type PluginData,
  type Thread,
  withThread,
} from "../record/plugin_data.ts";
import type { Change } from "../record/request_record.ts";
import type { InFlightDelivery } from "./in_flight.ts";
import type { Post, PostOnce } from "./post_once.ts";
import {
  isSameStep,
  isSameThread,
  threadAt,
  type ThreadMessageStep,
  type ThreadNotice,
  threadNotice,
} from "./due/thread_steps.ts";
/** What {@linkcode ThreadCalls} need. */
export interface ThreadCallsOptions {
  readonly messenger: Pick<Messenger, "createThread" | "archiveThread">;
  readonly facts: ClusterFacts;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
}

/** Discord's JSON error codes. */
const THREAD_EXISTS = 160004;
const WRONG_CHANNEL_TYPE = 50024;

/** Makes the calls of threads. Each rejects with what the call failed with. */
export class ThreadCalls {
  readonly #options: ThreadCallsOptions;
  readonly #posts: PostOnce;
  /** Channels whose refusal was logged. */
  readonly #refused = new Set<string>();

  constructor(options: ThreadCallsOptions, posts: PostOnce) {
    this.#options = options;
    this.#posts = posts;
  }

  /** Does one step; returns whether Discord was called for it. */
  async send(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
  ): Promise<boolean> {
    const { step } = notice;
    switch (step.kind) {
      case "create":
        return await this.#create(delivery, notice);
      case "take back":
        await this.settle(delivery, notice);
        return false;
      case "close":
        return await this.#close(delivery, notice);
      case "review":
      case "reviews":
      case "outcome":
        return await this.#posts.post(
          delivery,
          this.#post(delivery, notice, step),
        );
    }
  }

  /**
   * Ends a thread whose step was refused for good: it is left alone from then on.
   *
   * @returns Whether that is so; else the step is to be tried again.
   */
  async endIfRefused(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
    error: DiscordApiError,
  ): Promise<boolean> {
    if (!isRefusedForGood(delivery, notice, error)) return false;
    const { channelId, messageId } = notice.message;
    const fields = { ...fieldsOf(error), channel_id: channelId };
    if (notice.step.kind === "create" && !this.#refused.has(channelId)) {
      this.#refused.add(channelId);
      delivery.logger.warn("cannot make a thread, going on without", {
        ...fields,
        hint: hintForThread(error),
      });
    } else {
      delivery.logger.info("thread is no longer followed", {
        ...fields,
        message_id: messageId,
      });
    }
    await this.#record(delivery, notice, { kind: "none" });
    return true;
  }

  /**
   * Leaves the thread of a recipient alone, where a message to it was refused for good.
   *
   * @returns Whether that is so.
   */
  async leaveIfRefused(
    delivery: InFlightDelivery,
    recipient: string,
    error: DiscordApiError,
  ): Promise<boolean> {
    const { record } = delivery.request;
    const { data } = record.snapshot ?? {};
    if (data === undefined || threadAt(data, recipient) === undefined) {
      return false;
    }
    if (!isChannelFault(error)) return false;
    delivery.logger.info("thread is no longer followed", fieldsOf(error));
    await record.persist(
      (data) => withThread(data, recipient, { kind: "none" }),
      delivery.onUnrecorded,
    );
    return true;
  }

  /** Records that a step is done. */
  async settle(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
  ): Promise<void> {
    await this.#record(delivery, notice, notice.after);
  }

  async #create(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
  ): Promise<boolean> {
    const { messenger, cancellation } = this.#options;
    const { request: { record, createdMs } } = delivery;
    const { data } = record.snapshot ??
      await record.read(cancellation.deadline);
    if (data === undefined) return false;
    const { channelId, messageId } = notice.message;
    const name = threadName(
      this.#shown(delivery, notice, data),
      delivery.minimal,
    );
    try {
      await messenger.createThread(
        channelId,
        messageId,
        name,
        createdMs,
        cancellation,
      );
    } catch (error) {
      const isThere = error instanceof DiscordApiError &&
        error.code === THREAD_EXISTS;
      if (!isThere) throw error;
    }
    await this.#succeeded(delivery, notice, "thread created");
    return true;
  }

  async #close(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
  ): Promise<boolean> {
    const { messenger, cancellation } = this.#options;
    await messenger.archiveThread(notice.message.messageId, cancellation);
    await this.#succeeded(delivery, notice, "thread closed");
    return true;
  }

  async #succeeded(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
    what: string,
  ): Promise<void> {
    const { channelId, messageId } = notice.message;
    delivery.logger.info(what, {
      channel_id: channelId,
      message_id: messageId,
    });
    await this.settle(delivery, notice);
    delivery.succeeded();
  }

  #post(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
    step: ThreadMessageStep,
  ): Post {
    const { request } = delivery;
    const { recipient, message: { messageId } } = notice;
    return {
      purpose: "thread",
      recipient,
      channelId: messageId,
      generation: step.kind === "outcome" ? step.verdict : step.number,
      isOwed: (data) => {
        const now = threadNotice(data, recipient, delivery.terms);
        return now !== undefined && isSameStep(now, notice);
      },
      render: (data) => {
        const message = renderThreadMessage(
          this.#shown(delivery, notice, data),
          step,
        );
        return delivery.minimal ? { ...message, embeds: [] } : message;
      },
      isSame: ({ content }) => {
        const { data } = request.record.snapshot ?? {};
        return data !== undefined &&
          isThreadMessage(content, this.#shown(delivery, notice, data), step);
      },
      searchStart: () => ({ from: { messageId }, isCertain: true }),
      recorded: () => changeOf(notice, notice.after),
    };
  }

  #shown(
    { request }: InFlightDelivery,
    { recipient }: ThreadNotice,
    data: PluginData,
  ): Announcement {
    return announcementOf(
      request.id,
      recipient,
      data,
      request.latest,
      this.#options.facts,
    );
  }

  async #record(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
    thread: Thread,
  ): Promise<void> {
    await delivery.request.record.persist(
      changeOf(notice, thread),
      delivery.onUnrecorded,
    );
  }
}

/** Returns the change that stores a thread, unless another process has stored something else meanwhile. */
function changeOf({ recipient, before }: ThreadNotice, after: Thread): Change {
  return (data) =>
    isSameThread(data.threads.get(recipient), before)
      ? withThread(data, recipient, after)
      : data;
}

/** Whether a person must change something before this could work, or has deleted what it was about. */
function isRefusedForGood(
  { minimal }: InFlightDelivery,
  { step }: ThreadNotice,
  error: DiscordApiError,
): boolean {
  if (error.code === WRONG_CHANNEL_TYPE || isChannelFault(error)) return true;
  switch (recoverDiscord(error)) {
    case "unknown message":
      return step.kind === "create";
    case "content":
      return minimal;
    default:
      return false;
  }
}

/** Whether the channel or thread cannot be used until a person changes something there. */
function isChannelFault(error: DiscordApiError): boolean {
  const recovery = recoverDiscord(error);
  return recovery === "channel" || recovery === "archived";
}

function hintForThread(error: DiscordApiError): string {
  return error.code === WRONG_CHANNEL_TYPE
    ? "there are no threads in this kind of channel: name a text channel, or leave thread_per_request out"
    : "let the bot create public threads and send messages in threads there";
}
