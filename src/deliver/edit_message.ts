/**
 * Editing the message of a request, with the record of what it shows then.
 *
 * Only the holder of the lease edits, from what it read at most {@linkcode MAX_READ_AGE_MS} before. So after
 * a take-over the edits of the process before may arrive for a few seconds more; until then what a message
 * shows is recorded as unknown, and it is edited once more. Thus it tells the truth in the end even where
 * that process has died.
 *
 * Crash windows:
 *
 * - between an edit and its record: `shows` is old, so the edit is repeated, which changes nothing.
 * - between an edit and the write of what it shows, where that was under way: whoever acts next
 *   sees the same of the request; if it is gone by then, the message itself tells (adopt_verdict.ts).
 *
 * Source: docs/design/reconciler.md 2 to 4.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import {
  renderMessage,
  renderMinimalMessage,
} from "../message/announcement_message.ts";
import {
  allHidden,
  type HiddenFields,
  NOTHING_HIDDEN,
} from "../record/hidden_fields.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import {
  CALL_ARRIVES_MS,
  type ComposedMessage,
  type Messenger,
} from "../ports/messenger.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import {
  type MessageRef,
  type PluginData,
  type PostedDelivery,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
  withDelivery,
} from "../record/plugin_data.ts";
import { digestOf, factsOf, shownState } from "../record/shown_facts.ts";
import { adoptShownVerdict } from "./adopt_verdict.ts";
import { withEndShown } from "./due/access_end.ts";
import { taskFor } from "./due/due.ts";
import type { AnnouncementDelivery } from "./in_flight.ts";

/** What {@linkcode EditMessage} needs. */
export interface EditMessageOptions {
  readonly messenger: Pick<Messenger, "editMessage" | "listMessages">;
  readonly clock: Clock;
  /** ID of this process. */
  readonly self: string;
}

/** One edit, as it was handed over to be sent. */
interface Attempt {
  readonly message: ComposedMessage;
  /** What the message was recorded to show. */
  readonly base: string;
  readonly data: PluginData;
  readonly hides: HiddenFields;
  readonly composedAtMs: number;
}

/** Edits messages. */
export class EditMessage {
  readonly #options: EditMessageOptions;

  constructor(options: EditMessageOptions) {
    this.#options = options;
  }

  /**
   * Brings a message in step; returns whether Discord was called for it. Rejects with what the call failed
   * with.
   */
  async edit(
    delivery: AnnouncementDelivery,
    { channelId, messageId }: MessageRef,
  ): Promise<boolean> {
    const { messenger, self } = this.#options;
    const { request, logger } = delivery;
    const message = { channelId, messageId };
    if (await adoptShownVerdict(delivery, message, messenger, self)) {
      return false;
    }
    let attempt: Attempt | undefined;
    const compose = async () => {
      attempt = await this.#composeIfDue(delivery, messageId);
      return attempt?.message;
    };
    let called: boolean;
    try {
      called = await messenger.editMessage(
        channelId,
        messageId,
        compose,
        request.createdMs,
      );
    } catch (error) {
      const refused = error instanceof DiscordApiError && error.refused;
      if (attempt !== undefined && !refused) {
        delivery.unconfirmedEdit ??= attempt.base;
      }
      throw error;
    }
    if (!called || attempt === undefined) return false;
    logger.info("message edited", {
      channel_id: channelId,
      message_id: messageId,
      request_state: shownState(attempt.data),
    });
    // Recorded without what it shows, it would have to be taken back; so it is made again once that is stored.
    const isLost = await request.storing?.ended === false;
    if (!isLost) await this.#record(delivery, messageId, attempt);
    return true;
  }

  /**
   * Records that it is not known what a message shows, if somebody else recorded an edit of it while nobody
   * knew what became of one that was made here. Returns whether that was so.
   */
  async recordUnconfirmed(delivery: AnnouncementDelivery): Promise<boolean> {
    const { unconfirmedEdit } = delivery;
    if (unconfirmedEdit === undefined) return false;
    const { subject: { recipient } } = delivery;
    let isUnknown = false;
    await delivery.record((stored) => {
      const now = stored.deliveries.get(recipient);
      isUnknown = now?.kind === "posted" && now.shows !== SHOWS_GONE &&
        now.shows !== unconfirmedEdit;
      if (now?.kind !== "posted" || !isUnknown) return stored;
      return withDelivery(stored, recipient, { ...now, shows: SHOWS_UNKNOWN });
    });
    delivery.unconfirmedEdit = undefined;
    return isUnknown;
  }

  /** Composes an edit at the last moment, if it is still due and for this process to make. */
  async #composeIfDue(
    delivery: AnnouncementDelivery,
    messageId: string,
  ): Promise<Attempt | undefined> {
    const { subject: { recipient } } = delivery;
    const dueIn = (data: PluginData | undefined) => {
      const task = data && taskFor(data, recipient, delivery.terms);
      if (task?.kind !== "edit") return undefined;
      const isIt = task.delivery.message.messageId === messageId;
      return isIt ? task : undefined;
    };
    const isDue = (data: PluginData) => dueIn(data) !== undefined;
    const held = await delivery.holdLease(isDue, { mayRepeat: true });
    const task = dueIn(held?.data);
    if (held === undefined || task === undefined) return undefined;
    const { data: read, readAtMs } = held;
    const { delivery: due, isOver, hides } = task;
    const noted = await this.#noteIfMoreShown(delivery, read, due, hides);
    const base = dueIn(noted)?.delivery.shows;
    if (noted?.leaseHolder !== read.leaseHolder || base === undefined) {
      return undefined;
    }
    // By then what was being stored is, or it is not to be shown.
    if (noted !== read && delivery.request.storing !== undefined) {
      return undefined;
    }
    delivery.attempts++;
    const data = isOver ? withEndShown(noted, recipient) : noted;
    const composedAtMs = this.#options.clock.monotonic();
    const isRecorded = composedAtMs >= this.#certainAtMs(delivery) &&
      due.shows !== SHOWS_UNKNOWN;
    const hidden = isRecorded ? due.hides : NOTHING_HIDDEN;
    const rendered = renderAnnouncement(delivery, data);
    const message = withoutShownReasons(rendered, hidden, hides);
    return {
      message: { ...delivery.parts.withoutRefused(message), readAtMs },
      base,
      data,
      hides,
      composedAtMs,
    };
  }

  /**
   * Records, before an edit that shows what the message hides so far, that it is not known what it shows: if
   * nobody learns what became of that edit, another has to follow, whatever is to be hidden by then.
   *
   * @returns What is stored then; `undefined` if there is nothing any more.
   */
  async #noteIfMoreShown(
    { subject: { recipient }, request: { record } }: AnnouncementDelivery,
    data: PluginData,
    { message: { messageId }, hides: before }: PostedDelivery,
    hides: HiddenFields,
  ): Promise<PluginData | undefined> {
    if (before.every((field) => hides.includes(field))) return data;
    return await record.update((stored) => {
      const now = stored.deliveries.get(recipient);
      return now?.kind !== "posted" || now.message.messageId !== messageId ||
          now.shows === SHOWS_GONE || now.shows === SHOWS_UNKNOWN
        ? stored
        : withDelivery(stored, recipient, { ...now, shows: SHOWS_UNKNOWN });
    });
  }

  /** Until then a process that made edits before, the official plugin too, may have made some that nobody knows of. */
  #certainAtMs(
    { subject: { recipient }, request: { record } }: AnnouncementDelivery,
  ): number {
    return record.tookOverAtMs(recipient) + CALL_ARRIVES_MS;
  }

  async #record(
    delivery: AnnouncementDelivery,
    messageId: string,
    { base, data, hides, composedAtMs }: Attempt,
  ): Promise<void> {
    const { self } = this.#options;
    const { subject: { recipient } } = delivery;
    const certainAtMs = this.#certainAtMs(delivery);
    const isCertain = composedAtMs >= certainAtMs;
    await delivery.record((stored) => {
      const now = stored.deliveries.get(recipient);
      if (now?.kind !== "posted" || now.message.messageId !== messageId) {
        return stored;
      }
      // Somebody else may have made an edit in between: which of the two came last is not known.
      const isKnown = isCertain && stored.leaseHolder === self &&
        now.shows === base;
      const shows = isKnown ? digestOf(data) : SHOWS_UNKNOWN;
      const next = withDelivery(stored, recipient, {
        ...now,
        shows,
        hides: isKnown ? hides : allHidden(now.hides, hides),
      });
      return data.ended.has(recipient) ? withEndShown(next, recipient) : next;
    });
    delivery.unconfirmedEdit = undefined;
    delivery.succeeded();
    if (!isCertain) delivery.holdBack(factsOf(data), certainAtMs);
  }
}

/**
 * Returns an edit that leaves no reason of a review behind where these are hidden: embeds that it would leave
 * as they are may show them.
 *
 * @param before What the message is known to hide.
 */
function withoutShownReasons(
  message: RenderedMessage,
  before: HiddenFields,
  hides: HiddenFields,
): RenderedMessage {
  return message.embeds === undefined && hides.includes("review_reasons") &&
      !before.includes("review_reasons")
    ? { ...message, embeds: [] }
    : message;
}

/** Returns the message of a request, or as little as Discord may accept of it. */
export function renderAnnouncement(
  delivery: AnnouncementDelivery,
  data: PluginData,
): RenderedMessage {
  const { subject: { recipient }, minimal } = delivery;
  const announcement = delivery.announcement(recipient, data);
  return minimal
    ? renderMinimalMessage(announcement)
    : renderMessage(announcement);
}
