/**
 * Editing the message of a request, with the record of what it shows then.
 *
 * Crash window, between an edit and its record: `shows` is old, so the edit is repeated, which changes nothing.
 *
 * Source: docs/design/reconciler.md 2 to 4.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Pause } from "../lib/async/pause.ts";
import { announcementOf, type ClusterFacts } from "../message/announcement.ts";
import {
  renderMessage,
  renderMinimalMessage,
} from "../message/announcement_message.ts";
import type { Messenger } from "../ports/messenger.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import {
  type MessageRef,
  type PluginData,
  SHOWS_UNKNOWN,
  withDelivery,
} from "../record/plugin_data.ts";
import { digestOf, shownState } from "../record/shown_facts.ts";
import { taskFor } from "./due/due.ts";
import type { InFlightDelivery } from "./in_flight.ts";

/** What {@linkcode EditMessage} needs. */
export interface EditMessageOptions {
  readonly messenger: Pick<Messenger, "editMessage">;
  readonly facts: ClusterFacts;
  /** On while Discord refuses the token. */
  readonly pause: Pause;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
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
    delivery: InFlightDelivery,
    { channelId, messageId }: MessageRef,
  ): Promise<boolean> {
    const { messenger, cancellation, facts } = this.#options;
    const { request, recipient, logger } = delivery;
    let sent: { base: string; data: PluginData } | undefined;
    const compose = async () => {
      const data = await this.#editableData(delivery);
      const task = data === undefined ? undefined : taskFor(data, recipient);
      if (data === undefined || task?.kind !== "edit") return undefined;
      if (task.delivery.message.messageId !== messageId) return undefined;
      delivery.attempts++;
      sent = { base: task.delivery.shows, data };
      return delivery.parts.withoutRefused(
        renderAnnouncement(delivery, data, facts),
      );
    };
    const called = await messenger.editMessage(
      channelId,
      messageId,
      compose,
      request.createdMs,
      cancellation,
    );
    if (!called || sent === undefined) return false;
    const { base, data } = sent;
    const state = shownState(data);
    logger.info("message edited", {
      channel_id: channelId,
      message_id: messageId,
      request_state: state,
    });
    await request.record.persist((stored) => {
      const now = stored.deliveries.get(recipient);
      if (now?.kind !== "posted" || now.message.messageId !== messageId) {
        return stored;
      }
      // Somebody else recorded an edit in between: which of the two came last is not known.
      const shows = now.shows === base ? digestOf(data) : SHOWS_UNKNOWN;
      return withDelivery(stored, recipient, { ...now, shows });
    }, delivery.onUnrecorded);
    delivery.succeeded();
    return true;
  }

  async #editableData(
    { request: { record } }: InFlightDelivery,
  ): Promise<PluginData | undefined> {
    const { cancellation, pause } = this.#options;
    if (cancellation.stop.aborted || pause.isPaused) return undefined;
    return (record.snapshot ?? await record.read(cancellation.deadline)).data;
  }
}

/** Returns the message of a request, or as little as Discord may accept of it. */
export function renderAnnouncement(
  { request: { id, latest }, recipient, minimal }: InFlightDelivery,
  data: PluginData,
  facts: ClusterFacts,
): RenderedMessage {
  const announcement = announcementOf(id, recipient, data, latest, facts);
  return minimal
    ? renderMinimalMessage(announcement)
    : renderMessage(announcement);
}
