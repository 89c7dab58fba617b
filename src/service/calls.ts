/**
 * The calls of a delivery, each with the record of what it did.
 *
 * Crash windows, and what the next process does about each (its owner ID is new, so after 10 s it
 * takes the request over):
 *
 * - before the post: the delivery is owed; a search finds nothing, and it is posted.
 * - after the post, before the answer or the record: the delivery is owed; a search finds the message,
 *   which is recorded as "shows ?" and edited. Within the nonce window even a post would return it.
 * - between edit and record: `shows` is old, so the edit is repeated, which changes nothing.
 *
 * Source: design.md, sections 3 to 5.
 *
 * @module
 */

import type { RenderedMessage } from "../domain/announcement.ts";
import {
  announcementOf,
  type ClusterFacts,
  isDue,
  type Work,
  workFor,
} from "../domain/decide.ts";
import { renderBareNotice, renderMessage } from "../domain/message.ts";
import { digestOf, shownState } from "../domain/observe.ts";
import {
  type MessageRef,
  type PluginData,
  SHOWS_GONE,
  SHOWS_UNKNOWN,
  withDelivery,
} from "../domain/plugin_data.ts";
import { DiscordApiError } from "../discord/errors.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { shortDigest } from "../lib/digest.ts";
import type { Gate } from "../lib/gate.ts";
import { TeleportError } from "../teleport/errors.ts";
import type { Course } from "./course.ts";
import type { Messenger, Patience } from "./ports.ts";
import type { Change } from "./record.ts";
import { recoverTeleport } from "./recovery.ts";
import { findAnnouncement } from "./search.ts";

/** What {@linkcode DeliveryCalls} need. */
export interface CallContext {
  readonly messenger: Messenger;
  readonly clock: Clock;
  readonly random: () => number;
  /** ID of this process. */
  readonly self: string;
  readonly facts: ClusterFacts;
  /** User ID of the bot. */
  readonly botId: () => string;
  /** Closed while Discord refuses the token. */
  readonly token: Gate;
  /** `wait` ends what has not begun, `call` what has. */
  readonly patience: Patience;
  /** Called when another process was seen to take a request over first. */
  readonly onOutrun: (owner: string) => void;
}

const RECORD_RETRY_WAIT = { minMs: 100, maxMs: 2000 };

/** What this process owns and read less than this ago need not be read again before a post. */
const FRESH_READ_MS = 5000;

/** How long `enforce_nonce` is trusted to make a repeated post harmless. */
const TRUSTED_NONCE_MS = 60_000;

/** Makes the calls of deliveries. Each rejects with what the call failed with. */
export class DeliveryCalls {
  readonly #context: CallContext;
  readonly #directChannels = new Map<string, string>();
  /** Channels whose history the bot may not read; said once. */
  readonly #unreadable = new Set<string>();

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** Does what a delivery needs; returns whether Discord was called for it. */
  async carryOut(course: Course, work: Work): Promise<boolean> {
    switch (work.kind) {
      case "post":
        return await this.#post(
          course,
          await this.#channelOf(course.recipient),
          work.generation,
        );
      case "edit":
        return await this.#edit(course, work.delivery.message);
      case "settle":
        if (
          !await this.#search(course, await this.#channelOf(course.recipient))
        ) await this.drop(course);
        return true;
    }
  }

  /** Whether a message may exist for a delivery that is still owed. */
  mayBePosted(course: Course, data: PluginData): boolean {
    return data.owner !== this.#context.self || this.#mayRepeat(course);
  }

  /** Records that a delivery is not owed any more: its request resolved before it was announced there. */
  async drop(course: Course): Promise<void> {
    course.logger.info("request resolved before it was announced here");
    await this.#persist(course, (data) => {
      if (workFor(data, course.recipient)?.kind !== "settle") return data;
      return this.#recorded(
        withDelivery(data, course.recipient, { kind: "dropped" }),
      );
    });
  }

  /** Records that a message is not there, or not ours, any more. */
  async markGone(course: Course, reason: string): Promise<void> {
    course.logger.warn("message is no longer followed", { reason });
    await this.#persist(course, (data) => {
      const now = data.deliveries.get(course.recipient);
      if (now?.kind !== "posted") return data;
      return this.#recorded(
        withDelivery(data, course.recipient, { ...now, shows: SHOWS_GONE }),
      );
    });
  }

  /**
   * Records that the next post is another one: the nonce of this generation belongs to a message that
   * was deleted. Whoever else found that out too goes on with the same next one.
   */
  async nextGeneration(course: Course, lost: number): Promise<void> {
    await this.#persist(course, (data) => {
      const now = data.deliveries.get(course.recipient);
      if (now?.kind !== "owed" || now.generation !== lost) return data;
      const generation = lost + 1;
      return this.#recorded(
        withDelivery(data, course.recipient, { kind: "owed", generation }),
      );
    });
  }

  async #channelOf(recipient: string): Promise<string> {
    if (!recipient.startsWith("user:")) return recipient;
    const known = this.#directChannels.get(recipient);
    if (known !== undefined) return known;
    const { messenger, patience } = this.#context;
    const channelId = await messenger.openDirectMessage(
      recipient.slice("user:".length),
      patience,
    );
    this.#directChannels.set(recipient, channelId);
    return channelId;
  }

  async #post(
    course: Course,
    channelId: string,
    generation: number,
  ): Promise<boolean> {
    const { messenger, patience, clock } = this.#context;
    const { request, recipient } = course;
    let sent: { shows: string; startedAtMs: number } | undefined;
    const compose = async () => {
      const data = await this.#claimSlot(course, channelId, generation);
      if (data === undefined) return undefined;
      course.attempts++;
      sent = { shows: digestOf(data), startedAtMs: clock.monotonic() };
      return this.#render(course, data);
    };
    const nonce = shortDigest(request.id, recipient, "announce", generation);
    try {
      const messageId = await messenger.createMessage(
        channelId,
        nonce,
        compose,
        request.createdMs,
        patience,
      );
      if (messageId === undefined || sent === undefined) return false;
      const repeat = this.#mayRepeat(course);
      course.logger.info("message posted", {
        channel_id: channelId,
        message_id: messageId,
        attempts: course.attempts,
      });
      await this.#recordPost(
        course,
        { channelId, messageId },
        repeat ? SHOWS_UNKNOWN : sent.shows,
        generation,
      );
      return true;
    } catch (error) {
      const refused = error instanceof DiscordApiError && error.refused;
      if (sent !== undefined && !refused) {
        course.doubt(sent.startedAtMs);
      }
      throw error;
    }
  }

  /**
   * Makes sure, at the last moment, that a post is still owed and that it is for this process to make.
   *
   * @returns The data to render; `undefined` if nothing is to be posted now.
   */
  async #claimSlot(
    course: Course,
    channelId: string,
    generation: number,
  ): Promise<PluginData | undefined> {
    const { self, patience, token } = this.#context;
    const { record } = course.request;
    if (patience.wait.aborted || !token.isOpen) return undefined;
    const owned = record.snapshot?.data?.owner === self;
    const { data: read } = await record.read(
      patience.call,
      owned ? FRESH_READ_MS : 0,
    );
    if (!this.#isOwed(course, read, generation)) return undefined;
    const data = read.owner === self
      ? read
      : await this.#takeOver(course, read.owner);
    if (!this.#isOwed(course, data, generation)) return undefined;
    if (!this.#mustSearch(course)) return data;
    if (await this.#search(course, channelId)) return undefined;
    // The search may have waited for a slot of its own: meanwhile the request may have resolved.
    const { data: now } = await record.read(patience.call, FRESH_READ_MS);
    const isOwed = this.#isOwed(course, now, generation);
    return isOwed && now.owner === self ? now : undefined;
  }

  /** Whether this very post is still to be made. */
  #isOwed(
    { recipient }: Course,
    data: PluginData | undefined,
    generation: number,
  ): data is PluginData {
    if (data === undefined) return false;
    const work = workFor(data, recipient);
    const now = new Date(this.#context.clock.now());
    return work?.kind === "post" && work.generation === generation &&
      isDue(data, recipient, now);
  }

  /** Takes a request over, but only from this owner: if yet another process was quicker, it is that one's. */
  async #takeOver(
    course: Course,
    owner: string,
  ): Promise<PluginData | undefined> {
    const { self, patience } = this.#context;
    const take: Change = (now) =>
      now.owner === owner ? this.#recorded(now) : now;
    const data = await course.request.record.update(take, patience.call);
    if (data === undefined || data.owner === self) return data;
    course.yielded = true;
    this.#context.onOutrun(data.owner);
    return undefined;
  }

  /** Whether a post may be answered with an older message. */
  #mayRepeat(course: Course): boolean {
    return course.request.record.takenOver || course.doubtSinceMs !== undefined;
  }

  /** What another process tried stays unknown, so before each post of such a delivery is a search. */
  #mustSearch(course: Course): boolean {
    if (course.request.record.takenOver) return true;
    const { doubtSinceMs } = course;
    return doubtSinceMs !== undefined &&
      this.#context.clock.monotonic() - doubtSinceMs >= TRUSTED_NONCE_MS;
  }

  /** Looks for a message that was posted already, and records it; returns whether there is one. */
  async #search(course: Course, channelId: string): Promise<boolean> {
    const { messenger, patience, botId } = this.#context;
    const { id, record, sighting } = course.request;
    const created = record.snapshot?.data?.created ?? sighting.request?.created;
    const result = await findAnnouncement(
      messenger,
      channelId,
      { id, created },
      botId(),
      patience,
    );
    if (result.kind === "unreadable" && !this.#unreadable.has(channelId)) {
      this.#unreadable.add(channelId);
      course.logger.warn("cannot look for earlier messages", {
        channel_id: channelId,
        hint: "give the bot the permission Read Message History there",
      });
    }
    if (result.kind !== "found") return false;
    const { messageId } = result;
    course.logger.info("message found that was posted before", {
      channel_id: channelId,
      message_id: messageId,
    });
    await this.#recordPost(course, { channelId, messageId }, SHOWS_UNKNOWN);
    return true;
  }

  /** @param postedAs Generation of a message that may be gone again; not given for one that was just seen. */
  async #recordPost(
    course: Course,
    message: MessageRef,
    shows: string,
    postedAs = Infinity,
  ): Promise<void> {
    const { recipient, logger } = course;
    const fields = {
      channel_id: message.channelId,
      message_id: message.messageId,
    };
    const stored = await this.#persist(course, (data) => {
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
      return this.#recorded(withDelivery(data, recipient, posted));
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
    course.succeeded();
    course.clearDoubt();
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
      return this.#render(course, data);
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
    await this.#persist(course, (stored) => {
      const now = stored.deliveries.get(recipient);
      if (now?.kind !== "posted" || now.message.messageId !== messageId) {
        return stored;
      }
      // Somebody else recorded an edit in between: which of the two came last is not known.
      const shows = now.shows === base ? digestOf(data) : SHOWS_UNKNOWN;
      return this.#recorded(withDelivery(stored, recipient, { ...now, shows }));
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

  #recorded(data: PluginData): PluginData {
    return { ...data, own: true, owner: this.#context.self };
  }

  #render(course: Course, data: PluginData): RenderedMessage {
    const { id, sighting } = course.request;
    const announcement = announcementOf(
      id,
      data,
      sighting.request,
      this.#context.facts,
    );
    return course.bare
      ? renderBareNotice(announcement)
      : renderMessage(announcement);
  }

  /** Records what happened, however long it takes: it cannot be found out again for certain. */
  async #persist(
    course: Course,
    change: Change,
  ): Promise<PluginData | undefined> {
    const { patience, clock, random } = this.#context;
    const backoff = new Backoff(RECORD_RETRY_WAIT, random);
    for (;;) {
      try {
        return await course.request.record.update(change, patience.call);
      } catch (error) {
        if (patience.call.aborted || !(error instanceof TeleportError)) {
          throw error;
        }
        if (recoverTeleport(error) === "give up") throw error;
        course.logFailure("cannot record, will retry", error.code, {
          err: error,
        });
        await clock.sleep(backoff.nextMs(), patience.call);
      }
    }
  }
}
