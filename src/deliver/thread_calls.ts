/**
 * The calls of threads that say nothing: making one, closing it, and the tags of those that are posts of a forum.
 *
 * Crash windows, and what the next process does about each:
 *
 * - after a thread was made, before its record: it is made again, which Discord answers with 160004.
 * - after a thread was closed, before its record: it is closed again, which changes nothing.
 * - after a post was tagged, before its record: its tags are read, and are right already.
 *
 * Source: docs/design/threads.md 3; docs/design/forums.md 4.
 *
 * @module
 */

import { FirstTimes } from "../lib/log/first_times.ts";
import { threadName } from "../message/thread_message.ts";
import { stateOfTag, tagsForState } from "../message/state_tags.ts";
import { DiscordApiError, fieldsOf } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import { recoverDiscord } from "../ports/recovery.ts";
import {
  isForumPost,
  type MessageRef,
  type ShownState,
  withThread,
} from "../record/plugin_data.ts";
import type { Forums } from "./places/forums.ts";
import type { InFlightDelivery } from "./in_flight.ts";
import type { Reminder } from "./due/reminders.ts";
import {
  type ThreadCall,
  type ThreadNotice,
  withStepDone,
} from "./due/thread_steps.ts";

/** Discord's JSON error codes. */
const THREAD_EXISTS = 160004;
const WRONG_CHANNEL_TYPE = 50024;
const UNKNOWN_CHANNEL = 10003;
const MISSING_PERMISSION = 50013;
const MISSING_ACCESS = 50001;

/** Makes the calls of threads. Each rejects with what the call failed with. */
export class ThreadCalls {
  readonly #messenger: Messenger;
  readonly #forums: Forums;
  /** Refusals that were logged, each of a channel. */
  readonly #refused = new FirstTimes();

  constructor(messenger: Messenger, forums: Forums) {
    this.#messenger = messenger;
    this.#forums = forums;
  }

  /** Does one step; returns whether Discord was called for it. */
  async send(delivery: InFlightDelivery, notice: ThreadCall): Promise<boolean> {
    const { step } = notice;
    switch (step.kind) {
      case "create":
        return await this.#create(delivery, notice);
      case "take back":
        await stepDone(delivery, notice);
        return false;
      case "tag":
        return await this.#tag(delivery, notice, step.state);
      case "close":
        return await this.#close(delivery, notice);
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
    this.#sayEnded(delivery, notice.message, error, isToMake(notice));
    const after = { kind: "none" } as const;
    await stepDone(delivery, { ...notice, after, tag: undefined });
    return true;
  }

  /**
   * Leaves the thread of a recipient alone, where a reminder in it was refused for good: it goes to the
   * channel then. Not so a post of a forum, which is both.
   *
   * @returns Whether that is so.
   */
  async leaveIfRefused(
    delivery: InFlightDelivery,
    notice: Reminder,
    error: DiscordApiError,
  ): Promise<boolean> {
    const { recipient, message, threadId } = notice;
    if (threadId === undefined || message.channelId === threadId) return false;
    if (!isChannelFault(error)) return false;
    this.#sayEnded(delivery, message, error);
    await delivery.record((data) =>
      withThread(data, recipient, { kind: "none" })
    );
    return true;
  }

  /** Warns once a channel of what an administrator has to mend there; what a person did to a thread is none of it. */
  #sayEnded(
    { logger }: InFlightDelivery,
    { channelId, messageId }: MessageRef,
    error: DiscordApiError,
    isMissing = false,
  ): void {
    const fields = { ...fieldsOf(error), channel_id: channelId };
    const isToMend = isMissing || error.code === MISSING_PERMISSION ||
      error.code === MISSING_ACCESS;
    if (!isToMend || !this.#refused.add(`thread ${channelId}`)) {
      return logger.info("thread is no longer followed", {
        ...fields,
        message_id: messageId,
      });
    }
    logger.warn(
      isMissing
        ? "cannot make a thread, going on without"
        : "cannot write in a thread, going on without",
      { ...fields, hint: hintForThread(error) },
    );
  }

  async #create(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
  ): Promise<boolean> {
    const { createdMs } = delivery.request;
    const data = await delivery.stored();
    if (data === undefined) return false;
    const { channelId, messageId } = notice.message;
    const shown = delivery.announcement(notice.recipient, data);
    const name = threadName(shown, delivery.minimal);
    await this.#messenger
      .createThread(channelId, messageId, name, createdMs)
      .catch((error) => {
        const isThere = error instanceof DiscordApiError &&
          error.code === THREAD_EXISTS;
        if (!isThere) throw error;
      });
    await succeeded(delivery, notice, "thread created");
    return true;
  }

  /** Gives a post the tag of its state. Where that is refused, it goes without. */
  async #tag(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
    state: ShownState,
  ): Promise<boolean> {
    const { recipient, message: { messageId } } = notice;
    const forum = await this.#forums.read(recipient);
    const tags = forum?.tags ?? [];
    if (!tags.some(({ name }) => stateOfTag(name) !== undefined)) {
      await stepDone(delivery, notice);
      return false;
    }
    const current = await this.#messenger.getPostTags(messageId);
    const wanted = tagsForState(state, current, tags);
    if (wanted.toSorted().join() === current.toSorted().join()) {
      await stepDone(delivery, notice);
      return true;
    }
    try {
      await this.#messenger.setPostTags(messageId, wanted);
    } catch (error) {
      if (!(error instanceof DiscordApiError) || !areTagsRefused(error)) {
        throw error;
      }
      if (forum !== undefined) this.#forums.forget(forum);
      if (this.#refused.add(`tag ${recipient}`)) {
        delivery.logger.warn("cannot tag a post, going on without", {
          ...fieldsOf(error),
          channel_id: messageId,
          hint: hintForTags(error),
        });
      }
      await stepDone(delivery, notice);
      return true;
    }
    await succeeded(delivery, notice, "post tagged");
    const { data } = delivery.request.record.snapshot ?? {};
    if (data?.threads.get(recipient)?.kind === "closed") {
      // Another process was quicker, and the tags have opened it again.
      await this.#messenger.archiveThread(messageId);
    }
    return true;
  }

  async #close(
    delivery: InFlightDelivery,
    notice: ThreadNotice,
  ): Promise<boolean> {
    const { recipient, message: { messageId } } = notice;
    const { reopenings } = delivery.request;
    const before = reopenings.get(recipient);
    await this.#messenger.archiveThread(messageId);
    // An edit may have opened it meanwhile: then it is closed once more.
    const isClosed = () => reopenings.get(recipient) === before;
    await succeeded(delivery, notice, "thread closed", isClosed);
    return true;
  }
}

/** Records that a step is done, unless that is undone again by then. */
async function stepDone(
  delivery: InFlightDelivery,
  notice: ThreadNotice,
  isDone: () => boolean = () => true,
): Promise<void> {
  await delivery.record((data) => isDone() ? withStepDone(data, notice) : data);
}

async function succeeded(
  delivery: InFlightDelivery,
  notice: ThreadNotice,
  what: string,
  isDone?: () => boolean,
): Promise<void> {
  const { channelId, messageId } = notice.message;
  delivery.logger.info(what, { channel_id: channelId, message_id: messageId });
  await stepDone(delivery, notice, isDone);
  delivery.succeeded();
}

/** Whether the tags of a post were refused for good, while there is a post. */
function areTagsRefused(error: DiscordApiError): boolean {
  const recovery = recoverDiscord(error);
  return error.refused && error.code !== UNKNOWN_CHANNEL &&
    recovery !== "retry" && recovery !== "token";
}

/** Whether a person must change something before this could work, or has deleted what it was about. */
function isRefusedForGood(
  { minimal }: InFlightDelivery,
  notice: ThreadNotice,
  error: DiscordApiError,
): boolean {
  // Of a post everything is in its forum: what is wrong there may be put right.
  if (isForumPost(notice.message)) return error.code === UNKNOWN_CHANNEL;
  if (error.code === WRONG_CHANNEL_TYPE || isChannelFault(error)) return true;
  switch (recoverDiscord(error)) {
    case "unknown message":
      return isToMake(notice);
    case "content":
      return minimal;
    default:
      return false;
  }
}

/** Whether there is no thread yet. */
function isToMake({ before }: ThreadNotice): boolean {
  return before.kind === "wanted";
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

function hintForTags(error: DiscordApiError): string {
  return error.code === MISSING_PERMISSION
    ? "only moderators may set such a tag, or the post is locked: let the bot manage threads there, or let anybody set the tag"
    : "look whether the forum still has the tags, and whether each post has to have one";
}
