/**
 * Editing the message of a request, with the record of what it shows then.
 *
 * Crash window, between an edit and its record: `shows` is old, so the edit is repeated, which changes nothing.
 *
 * Source: docs/design/reconciler.md 2 to 4.
 *
 * @module
 */

import type { Patience } from "../lib/async/cancellation.ts";
import type { Gate } from "../lib/async/pause.ts";
import { announcementOf, type ClusterFacts } from "../message/announcement.ts";
import {
  renderBareNotice,
  renderMessage,
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
import { workFor } from "./due/due.ts";
import type { InFlightDelivery } from "./in_flight.ts";

/** What {@linkcode EditMessage} needs. */
export interface EditMessageOptions {
  readonly messenger: Pick<Messenger, "editMessage">;
  readonly facts: ClusterFacts;
  /** Closed while Discord refuses the token. */
  readonly token: Gate;
  /** `wait` ends what has not begun, `call` what has. */
  readonly patience: Patience;
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
    const { messenger, patience, facts } = this.#options;
    const { request, recipient, logger } = delivery;
    let sent: { base: string; data: PluginData } | undefined;
    const compose = async () => {
      const data = await this.#editableData(delivery);
      const work = data === undefined ? undefined : workFor(data, recipient);
      if (data === undefined || work?.kind !== "edit") return undefined;
      if (work.delivery.message.messageId !== messageId) return undefined;
      delivery.attempts++;
      sent = { base: work.delivery.shows, data };
      return delivery.parts.withoutRefused(
        renderAnnouncement(delivery, data, facts),
      );
    };
    const called = await messenger.editMessage(
      channelId,
      messageId,
      compose,
      request.createdMs,
      patience,
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
    const { patience, token } = this.#options;
    if (patience.wait.aborted || !token.isOpen) return undefined;
    return (record.snapshot ?? await record.read(patience.call)).data;
  }
}

/** Returns the message of a request, or as little as Discord may accept of it. */
export function renderAnnouncement(
  { request: { id, latest }, recipient, minimal }: InFlightDelivery,
  data: PluginData,
  facts: ClusterFacts,
): RenderedMessage {
  const announcement = announcementOf(id, recipient, data, latest, facts);
  return minimal ? renderBareNotice(announcement) : renderMessage(announcement);
}
