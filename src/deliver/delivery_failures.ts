/**
 * What follows from a call of a delivery that failed.
 *
 * Source: docs/design/failures.md 2, 3.
 *
 * @module
 */

import { refusalHint } from "../ports/admin_hints.ts";
import { DiscordApiError, fieldsOf } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import {
  type DiscordRecovery,
  recoverDiscord,
  recoverTeleport,
} from "../ports/recovery.ts";
import type { TeleportError } from "../ports/teleport_error.ts";
import {
  isForumPost,
  SHOWS_GONE,
  withDelivery,
  withThread,
} from "../record/plugin_data.ts";
import type { DeliveryTask } from "./due/due.ts";
import { withReopened } from "./due/thread_steps.ts";
import type { AnnouncementDelivery, InFlightDelivery } from "./in_flight.ts";
import type { NoticePosts } from "./notice_posts.ts";
import type { Notice } from "./due/notices.ts";
import type { ThreadCalls } from "./thread_calls.ts";

/** Discord's JSON error codes. */
const UNKNOWN_CHANNEL = 10003;
const THREAD_LOCKED = 160005;

/** What {@linkcode DeliveryFailures} needs. */
export interface DeliveryFailuresOptions {
  readonly messenger: Pick<Messenger, "unarchiveThread">;
  readonly notices: NoticePosts;
  readonly threads: ThreadCalls;
  /** Called when Discord refused the token. */
  readonly onTokenRefused: () => void;
}

/** Does what a failure calls for. */
export class DeliveryFailures {
  readonly #options: DeliveryFailuresOptions;

  constructor(options: DeliveryFailuresOptions) {
    this.#options = options;
  }

  /**
   * Recovers from what Discord answered about a message.
   *
   * @returns `undefined` if that was possible; else the error that is the recipient's fault.
   */
  async recoverTask(
    delivery: AnnouncementDelivery,
    task: DeliveryTask,
    error: DiscordApiError,
  ): Promise<DiscordApiError | undefined> {
    if (delivery.leaveOutRefused(error)) return undefined;
    switch (this.#recoverAny(delivery, error)) {
      case "recovered":
        break;
      case "channel":
        if (!isEditInForum(task)) return error;
        // It may concern one post of the forum alone.
        if (error.code === UNKNOWN_CHANNEL) {
          await this.#markGone(delivery, "post was deleted", error);
        } else if (error.code === THREAD_LOCKED) delivery.retryRarely(error);
        else return error;
        break;
      case "archived":
        return await this.#unarchive(delivery, task, error);
      case "unknown message":
        if (task.kind === "edit") {
          await this.#markGone(delivery, "message was deleted", error);
        } else if (task.kind === "post" && delivery.lostPosts++ === 0) {
          await this.#nextGeneration(delivery, task.generation);
        } else delivery.retry(error);
        break;
      case "not ours":
        if (task.kind === "edit") {
          await this.#markGone(
            delivery,
            "message belongs to another bot",
            error,
          );
        } else delivery.retryRarely(error);
        break;
      case "content":
        // Somebody changed the tags of the forum: they are read anew.
        if (isAboutTags(error)) delivery.retry(error);
        else delivery.simplify(error);
        break;
      case "rarely":
      case "no reply":
        delivery.retryRarely(error);
        break;
    }
    return undefined;
  }

  /**
   * Recovers from what Discord answered about a notice. A reply whose content is refused is worth one
   * attempt, news are worth as many as it takes.
   *
   * @returns `undefined` if that was possible; else the error that is the recipient's fault.
   */
  async recoverNotice(
    delivery: InFlightDelivery,
    notice: Notice,
    error: DiscordApiError,
  ): Promise<DiscordApiError | undefined> {
    if (delivery.leaveOutRefused(error)) return undefined;
    // Without its thread, a reminder goes to the channel.
    const hasEnded = notice.kind === "thread"
      ? await this.#options.threads.endIfRefused(delivery, notice, error)
      : notice.kind === "remind" &&
        await this.#options.threads.leaveIfRefused(delivery, notice, error);
    if (hasEnded) return undefined;
    switch (this.#recoverAny(delivery, error)) {
      case "recovered":
        break;
      case "channel":
      case "archived":
        if (!isInForum(notice)) return error;
        // Of the forum that says nothing: other posts may be made there.
        if (error.code === UNKNOWN_CHANNEL) {
          delivery.logger.info("post was deleted", fieldsOf(error));
          await this.#options.notices.settle(delivery, notice);
        } else delivery.retryRarely(error);
        break;
      case "unknown message":
        // It was posted before, and somebody deleted it.
        await this.#options.notices.settle(delivery, notice);
        break;
      case "no reply":
        delivery.minimal = true;
        break;
      case "content":
        if (notice.kind === "remind" || notice.kind === "escalate") {
          const what = notice.kind === "remind"
            ? "reminder was refused"
            : "escalation was refused";
          delivery.logger.warn(what, fieldsOf(error));
          await this.#options.notices.settle(delivery, notice);
        } else delivery.simplify(error);
        break;
      case "not ours":
      case "rarely":
        delivery.retryRarely(error);
        break;
    }
    return undefined;
  }

  /**
   * Recovers from what the Auth Service answered.
   *
   * @returns Whether the delivery goes on.
   */
  recoverStore(delivery: InFlightDelivery, error: TeleportError): boolean {
    const recovery = recoverTeleport(error);
    if (recovery === "gone") return false;
    if (recovery === "give up") {
      delivery.retryRarely(error);
      return true;
    }
    const isDenied = recovery === "denied";
    delivery.logFailure(
      isDenied
        ? "may not store what was announced, will retry"
        : "cannot reach the Auth Service, will retry",
      error.code,
      { err: error, hint: isDenied ? refusalHint(error) : undefined },
    );
    delivery.wait(delivery.backoff.nextMs());
    return true;
  }

  /** Recovers from what is nobody's fault here; returns what is left to do about anything else. */
  #recoverAny(
    delivery: InFlightDelivery,
    error: DiscordApiError,
  ): "recovered" | Exclude<DiscordRecovery, "retry" | "token"> {
    const recovery = recoverDiscord(error);
    if (recovery === "retry") delivery.retry(error);
    else if (recovery === "token") this.#options.onTokenRefused();
    else return recovery;
    return "recovered";
  }

  async #unarchive(
    delivery: AnnouncementDelivery,
    task: DeliveryTask,
    cause: DiscordApiError,
  ): Promise<DiscordApiError | undefined> {
    const { subject: { recipient }, request: { reopenings } } = delivery;
    if (task.kind !== "edit") return cause;
    // Somebody archives it again and again, or it only seems to work: no reason to hurry.
    if (delivery.unarchived++ > 0) delivery.retry(cause);
    if (isEditInForum(task)) {
      reopenings.set(recipient, (reopenings.get(recipient) ?? 0) + 1);
      // Whoever goes on after this process has to know that it is to be closed again.
      await delivery.record((data) => withReopened(data, recipient));
    }
    try {
      await this.#options.messenger.unarchiveThread(
        task.delivery.message.channelId,
      );
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      // Why the thread stays in the archive is what a person has to know.
      switch (this.#recoverAny(delivery, error)) {
        case "recovered":
          break;
        case "channel":
          if (!isEditInForum(task)) return error;
          if (error.code !== UNKNOWN_CHANNEL) delivery.retryRarely(cause);
          else await this.#markGone(delivery, "post was deleted", error);
          break;
        default:
          delivery.retryRarely(error);
      }
    }
    return undefined;
  }

  /** Records that a message is not there, or not ours, any more; of a deleted post no thread is left either. */
  async #markGone(
    delivery: AnnouncementDelivery,
    reason: string,
    error: DiscordApiError,
  ): Promise<void> {
    const { subject: { recipient }, logger } = delivery;
    logger.warn("message is no longer followed", {
      reason,
      ...fieldsOf(error),
    });
    await delivery.record((data) => {
      const now = data.deliveries.get(recipient);
      if (now?.kind !== "posted") return data;
      const gone = withDelivery(data, recipient, { ...now, shows: SHOWS_GONE });
      return error.code === UNKNOWN_CHANNEL
        ? withThread(gone, recipient, { kind: "none" })
        : gone;
    });
  }

  /**
   * Records that the next post is another one: the nonce of this generation belongs to a message that
   * was deleted. Whoever else found that out too goes on with the same next one.
   */
  async #nextGeneration(
    delivery: AnnouncementDelivery,
    lost: number,
  ): Promise<void> {
    const { recipient } = delivery.subject;
    await delivery.record((data) => {
      const now = data.deliveries.get(recipient);
      if (now?.kind !== "owed" || now.generation !== lost) return data;
      const generation = lost + 1;
      return withDelivery(data, recipient, { ...now, generation });
    });
  }
}

function isEditInForum(task: DeliveryTask): boolean {
  return task.kind === "edit" && isForumPost(task.delivery.message);
}

/** Whether nothing but the tags of a post was refused. */
function isAboutTags({ faults }: DiscordApiError): boolean {
  return faults.length > 0 &&
    faults.every((fault) => fault.startsWith("applied_tags"));
}

/** Whether a notice goes into a post of a forum. */
function isInForum(notice: Notice): boolean {
  return "message" in notice && isForumPost(notice.message);
}
