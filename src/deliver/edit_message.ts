/**
 * The calls of a delivery, each with the record of what it did.
 *
 * Crash windows are those of post_once.ts, and between an edit and its record: `shows` is old, so the edit is
 * repeated, which changes nothing.
 *
 * Source: docs/design/reconciler.md 2 to 4.
 *
 * @module
 */

import { announcementOf, type ClusterFacts } from "../message/announcement.ts";
import {
  isAnnouncementOf,
  renderBareNotice,
  renderMessage,
} from "../message/announcement_message.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import {
  type MessageRef,
  type PluginData,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
  withDelivery,
} from "../record/plugin_data.ts";
import { digestOf, shownState } from "../record/shown_facts.ts";
import type { DirectChannels } from "./direct_channels.ts";
import { isDue, type Work, workFor } from "./due.ts";
import type { Course } from "./in_flight.ts";
import {
  type Post,
  type PostContext,
  type Posts,
  searchFromCreation,
} from "./post_once.ts";

/** What {@linkcode DeliveryCalls} need. */
export interface CallContext extends PostContext {
  readonly facts: ClusterFacts;
}

/** Makes the calls of deliveries. Each rejects with what the call failed with. */
export class DeliveryCalls {
  readonly #context: CallContext;
  readonly #posts: Posts;
  readonly #channels: DirectChannels;

  constructor(context: CallContext, posts: Posts, channels: DirectChannels) {
    this.#context = context;
    this.#posts = posts;
    this.#channels = channels;
  }

  /** Does what a delivery needs; returns whether a message was written: that one can be read says little. */
  async carryOut(course: Course, work: Work): Promise<boolean> {
    if (work.kind === "edit") {
      return await this.#edit(course, work.delivery.message);
    }
    const channelId = await this.#channels.of(course.recipient);
    const post = this.#announcement(course, channelId, work.generation);
    if (work.kind === "post") return await this.#posts.make(course, post);
    if (!await this.#posts.search(course, post)) await this.drop(course);
    return false;
  }

  /** Whether a message may exist for a delivery that is still owed. */
  mayBePosted(course: Course, data: PluginData): boolean {
    return data.owner !== this.#context.self || this.#posts.mayRepeat(course);
  }

  /** Records that a delivery is not owed any more: its request resolved before it was announced there. */
  async drop(course: Course): Promise<void> {
    course.logger.info("request resolved before it was announced here");
    await this.#posts.persist(course, (data) => {
      if (workFor(data, course.recipient)?.kind !== "settle") return data;
      return this.#posts.recorded(
        withDelivery(data, course.recipient, { kind: "dropped" }),
      );
    });
  }

  /** Records that a message is not there, or not ours, any more. */
  async markGone(course: Course, reason: string): Promise<void> {
    course.logger.warn("message is no longer followed", { reason });
    await this.#posts.persist(course, (data) => {
      const now = data.deliveries.get(course.recipient);
      if (now?.kind !== "posted") return data;
      return this.#posts.recorded(
        withDelivery(data, course.recipient, { ...now, shows: SHOWS_GONE }),
      );
    });
  }

  /**
   * Records that the next post is another one: the nonce of this generation belongs to a message that
   * was deleted. Whoever else found that out too goes on with the same next one.
   */
  async nextGeneration(course: Course, lost: number): Promise<void> {
    await this.#posts.persist(course, (data) => {
      const now = data.deliveries.get(course.recipient);
      if (now?.kind !== "owed" || now.generation !== lost) return data;
      const generation = lost + 1;
      return this.#posts.recorded(
        withDelivery(data, course.recipient, { ...now, generation }),
      );
    });
  }

  #announcement(course: Course, channelId: string, generation: number): Post {
    return {
      purpose: "announce",
      recipient: course.recipient,
      channelId,
      generation,
      isOwed: (data) => this.#isOwed(course, data, generation),
      render: (data) => this.#render(course, data),
      isSame: ({ content }) => isAnnouncementOf(content, course.request.id),
      searchStart: (data) => {
        const owed = data?.deliveries.get(course.recipient);
        const since = owed?.kind === "owed" ? owed.since : undefined;
        return since === undefined
          ? searchFromCreation(course.request, data)
          : { from: since, isCertain: false };
      },
      record: (messageId, sent, origin) =>
        this.#recordPost(
          course,
          { channelId, messageId },
          sent === undefined ? SHOWS_UNKNOWN : digestOf(sent),
          origin === "posted" ? generation : Infinity,
        ),
    };
  }

  /** Whether this very post is still to be made. */
  #isOwed(
    { recipient }: Course,
    data: PluginData,
    generation: number,
  ): boolean {
    const work = workFor(data, recipient);
    const now = new Date(this.#context.clock.now());
    return work?.kind === "post" && work.generation === generation &&
      isDue(data, recipient, now);
  }

  /** @param postedAs Generation of a message that may be gone again; not given for one that was just seen. */
  async #recordPost(
    course: Course,
    message: MessageRef,
    shows: string,
    postedAs: number,
  ): Promise<void> {
    const { recipient, logger } = course;
    const fields = {
      channel_id: message.channelId,
      message_id: message.messageId,
    };
    const stored = await this.#posts.persist(course, (data) => {
      const now = data.deliveries.get(recipient);
      if (
        now?.kind === "posted" && now.message.messageId !== message.messageId
      ) return data;
      // A person deleted it, which another process found out: that one posts the next.
      if (now?.kind === "owed" && now.generation > postedAs) return data;
      const generation = now?.kind === "dropped" || now === undefined
        ? 1
        : now.generation;
      // Somebody else recorded it in between, and may have edited it since.
      const known = now?.kind === "posted" ? SHOWS_UNKNOWN : shows;
      const posted = {
        kind: "posted",
        message,
        generation,
        shows: known,
      } as const;
      return this.#posts.recorded(withDelivery(data, recipient, posted));
    });
    const delivery = stored?.deliveries.get(recipient);
    const isDeleted = delivery !== undefined && delivery.kind !== "dropped" &&
      delivery.generation > postedAs;
    if (isDeleted) {
      logger.info("message was deleted before it was recorded", fields);
    } else if (delivery?.kind !== "posted") {
      logger.warn(
        "message can no longer be followed: its plugin data is gone",
        fields,
      );
    } else if (delivery.message.messageId !== message.messageId) {
      logger.warn("another process posted the same request", fields);
    }
  }

  async #edit(
    course: Course,
    { channelId, messageId }: MessageRef,
  ): Promise<boolean> {
    const { messenger, patience } = this.#context;
    const { request, recipient, logger } = course;
    let sent: { base: string; data: PluginData } | undefined;
    const compose = async () => {
      const data = await this.#editableData(course);
      const work = data === undefined ? undefined : workFor(data, recipient);
      if (data === undefined || work?.kind !== "edit") return undefined;
      if (work.delivery.message.messageId !== messageId) return undefined;
      course.attempts++;
      sent = { base: work.delivery.shows, data };
      return course.parts.withoutRefused(this.#render(course, data));
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
    await this.#posts.persist(course, (stored) => {
      const now = stored.deliveries.get(recipient);
      if (now?.kind !== "posted" || now.message.messageId !== messageId) {
        return stored;
      }
      // Somebody else recorded an edit in between: which of the two came last is not known.
      const shows = now.shows === base ? digestOf(data) : SHOWS_UNKNOWN;
      return this.#posts.recorded(
        withDelivery(stored, recipient, { ...now, shows }),
      );
    });
    course.succeeded();
    return true;
  }

  async #editableData(
    { request: { record } }: Course,
  ): Promise<PluginData | undefined> {
    const { patience, token } = this.#context;
    if (patience.wait.aborted || !token.isOpen) return undefined;
    return (record.snapshot ?? await record.read(patience.call)).data;
  }

  #render(course: Course, data: PluginData): RenderedMessage {
    const { id, latest } = course.request;
    const announcement = announcementOf(
      id,
      data,
      latest,
      this.#context.facts,
    );
    return course.bare
      ? renderBareNotice(announcement)
      : renderMessage(announcement);
  }
}
