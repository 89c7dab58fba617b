/**
 * Posting once: what is common to everything that is posted, whatever its purpose.
 *
 * Crash windows, and what the next process does about each (its ID is new, so after 10 s it
 * takes the request over):
 *
 * - before the post: it is owed; a search finds nothing, and it is made.
 * - after the post, before the answer or the record: it is owed; a search finds the message, which is
 *   recorded. Within the nonce window even a post would return it.
 *
 * Source: docs/design/reconciler.md 2, 3.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Pause } from "../lib/async/pause.ts";
import { shortDigest } from "../lib/digest.ts";
import type { ClusterFacts } from "../message/announcement.ts";
import { isAnnouncementOf } from "../message/announcement_message.ts";
import type { NoticeSettings, PeopleConfig } from "../people/people_config.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import {
  type ComposedMessage,
  type FoundMessage,
  MAX_READ_AGE_MS,
  type Messenger,
} from "../ports/messenger.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import {
  type HiddenFields,
  hiding,
  NOTHING_HIDDEN,
} from "../record/hidden_fields.ts";
import {
  type PluginData,
  SHOWS_UNKNOWN,
  withDelivery,
  withThread,
} from "../record/plugin_data.ts";
import type { Change } from "../record/request_record.ts";
import { digestOf } from "../record/shown_facts.ts";
import type { DirectChannels } from "./direct_channels.ts";
import { isDue, taskFor } from "./due/due.ts";
import { renderAnnouncement } from "./edit_message.ts";
import type { DeliverableRequest, InFlightDelivery } from "./in_flight.ts";
import { POSTED, type Purpose } from "./due/purpose.ts";
import { takeLease, type TakeLeaseOptions } from "./take_lease.ts";
import { findMessage, type SearchStart } from "./search_posted.ts";
import { DISCORD_EPOCH_MS } from "./due/snowflake.ts";

/** What {@linkcode PostOnce} needs. */
export interface PostOnceOptions extends TakeLeaseOptions {
  readonly messenger: Messenger;
  readonly clock: Clock;
  /** On while Discord refuses the token. */
  readonly pause: Pause;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
  /** User ID of the bot; empty as long as nobody has told it. */
  readonly botId: () => string;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: (
    channelId: string,
    cancellation: Cancellation,
  ) => Promise<boolean>;
  /** Called with each message that was posted, to count it. */
  readonly onPosted?: ((purpose: Purpose) => void) | undefined;
}

/** One message that is to be posted, at most once. Its functions compute a value, and call nobody. */
export interface Post {
  readonly purpose: Purpose;
  /** A channel ID, or `user:<id>`; part of the nonce. */
  readonly recipient: string;
  /** Where it goes; the channel of the recipient if not given. */
  readonly channelId?: string;
  /** Another channel in which it may stand already. */
  readonly alsoIn?: string;
  /** Tells this post from others of its purpose to the same recipient. */
  readonly generation: string | number;
  /** Whether this very post is still to be made. */
  readonly isOwed: (data: PluginData) => boolean;
  readonly render: (data: PluginData) => RenderedMessage;
  /** Whether a message of this bot is this post. */
  readonly isSame: (message: FoundMessage) => boolean;
  /** Where such a message is looked for first. */
  readonly searchStart: (data: PluginData | undefined) => SearchStart;
  /** Returns the change that records it. */
  readonly recorded: (message: PostedMessage) => Change;
  /** Says in the log what it means that something else is stored than was recorded. */
  readonly explain?: (
    message: PostedMessage,
    stored: PluginData | undefined,
  ) => void;
}

/** A message that is there. */
export interface PostedMessage {
  readonly channelId: string;
  readonly messageId: string;
  /** What it was rendered from, if that is certain. */
  readonly sent: PluginData | undefined;
  /** One that was found was there just now; one that was posted may be an older one, and gone again. */
  readonly origin: "posted" | "found";
}

/** Nothing is posted before its request was made. */
export function searchFromCreation(
  { latest }: DeliverableRequest,
  data: PluginData | undefined,
): SearchStart {
  const from = data?.created ?? latest?.created ?? new Date(DISCORD_EPOCH_MS);
  return { from, isCertain: true };
}

/** How long `enforce_nonce` is trusted to make a repeated post harmless. */
const TRUSTED_NONCE_MS = 60_000;

/** One call of a post, as far as it came. */
interface Attempt {
  /** A search has just found nothing. */
  readonly searched: boolean;
  mustSearch: boolean;
  /** What was handed over to be sent, and when. */
  sent: { readonly data: PluginData; readonly startedAtMs: number } | undefined;
}

/** Makes posts. Each rejects with what the call failed with. */
export class PostOnce {
  readonly #options: PostOnceOptions;
  readonly #channels: DirectChannels;
  /** Channels whose history the bot may not read; said once. */
  readonly #unreadable = new Set<string>();

  constructor(options: PostOnceOptions, channels: DirectChannels) {
    this.#options = options;
    this.#channels = channels;
  }

  /** Makes a post, unless it was made before; returns whether Discord was called for it. */
  async post(delivery: InFlightDelivery, post: Post): Promise<boolean> {
    const { messenger, cancellation, onPosted } = this.#options;
    const { request } = delivery;
    const channelId = await this.#channelOf(post);
    const nonce = shortDigest(
      request.id,
      post.recipient,
      post.purpose,
      post.generation,
    );
    for (let searched = false;; searched = true) {
      const attempt: Attempt = { searched, mustSearch: false, sent: undefined };
      try {
        const messageId = await messenger.createMessage(
          channelId,
          nonce,
          () => this.#composeIfOwed(delivery, post, attempt),
          request.createdMs,
          cancellation,
        );
        if (messageId !== undefined && attempt.sent !== undefined) {
          delivery.logger.info(POSTED[post.purpose], {
            channel_id: channelId,
            message_id: messageId,
            attempts: delivery.attempts,
          });
          onPosted?.(post.purpose);
          const repeat = this.mayRepeat(delivery);
          const sent = repeat ? undefined : attempt.sent.data;
          const message: PostedMessage = {
            channelId,
            messageId,
            sent,
            origin: "posted",
          };
          const stored = await request.record.persist(
            post.recorded(message),
            delivery.onUnrecorded,
          );
          post.explain?.(message, stored);
          delivery.posted();
          return true;
        }
      } catch (error) {
        const refused = error instanceof DiscordApiError && error.refused;
        if (attempt.sent !== undefined && !refused) {
          delivery.markUnconfirmed(attempt.sent.startedAtMs);
        }
        throw error;
      }
      if (!attempt.mustSearch) return false;
      // The slot was given back: a search takes slots of its own, and if each of those who hold one
      // waited for another, none would ever be given out again.
      if (await this.search(delivery, post)) return false;
    }
  }

  /** Looks for a post that was made already, and records it; returns whether there is one. */
  async search(delivery: InFlightDelivery, post: Post): Promise<boolean> {
    const channelId = await this.#channelOf(post);
    return await this.#searchIn(channelId, delivery, post) ||
      (post.alsoIn !== undefined &&
        await this.#searchIn(post.alsoIn, delivery, post));
  }

  async #searchIn(
    channelId: string,
    delivery: InFlightDelivery,
    post: Post,
  ): Promise<boolean> {
    const { messenger, cancellation, botId, mayReadHistory } = this.#options;
    const { logger, request: { record } } = delivery;
    // Without it no message would seem to be the bot's own.
    const authorId = botId() ||
      (await messenger.getCurrentUser(cancellation)).id;
    const result = await findMessage(
      {
        messenger,
        channelId,
        mayReadHistory: () =>
          mayReadHistory(channelId, cancellation)
            // What cannot be found out is nobody's fault.
            .catch((error) => {
              if (error instanceof DiscordApiError) return true;
              throw error;
            }),
      },
      post.searchStart(record.snapshot?.data),
      (message) => message.authorId === authorId && post.isSame(message),
      cancellation,
    );
    if (result.kind === "unreadable" && !this.#unreadable.has(channelId)) {
      this.#unreadable.add(channelId);
      logger.warn("cannot look for earlier messages", {
        channel_id: channelId,
        hint: "give the bot the permission Read Message History there",
      });
    }
    if (result.kind !== "found") return false;
    const { messageId } = result;
    logger.info("message found that was posted before", {
      channel_id: channelId,
      message_id: messageId,
    });
    const message: PostedMessage = {
      channelId,
      messageId,
      sent: undefined,
      origin: "found",
    };
    const stored = await record.persist(
      post.recorded(message),
      delivery.onUnrecorded,
    );
    post.explain?.(message, stored);
    delivery.posted();
    return true;
  }

  /** Whether a post may be answered with an older message. */
  mayRepeat({ request, unconfirmedSinceMs }: InFlightDelivery): boolean {
    return request.record.takenOver || unconfirmedSinceMs !== undefined;
  }

  async #channelOf({ channelId, recipient }: Post): Promise<string> {
    return channelId ?? await this.#channels.of(recipient);
  }

  /**
   * Composes a post at the last moment, if it is still owed and for this process to make; `undefined` if
   * nothing is to be posted now.
   */
  async #composeIfOwed(
    delivery: InFlightDelivery,
    post: Post,
    attempt: Attempt,
  ): Promise<ComposedMessage | undefined> {
    const { self, clock, cancellation, pause } = this.#options;
    const { record } = delivery.request;
    if (cancellation.stop.aborted || pause.isPaused) return undefined;
    const snapshot = record.held(MAX_READ_AGE_MS) ??
      await record.read(cancellation.deadline);
    const { data: read } = snapshot;
    if (read === undefined || !post.isOwed(read)) return undefined;
    const data = read.leaseHolder === self
      ? read
      : await takeLease(delivery, read, read.leaseHolder, this.#options);
    if (data === undefined || !post.isOwed(data)) return undefined;
    // Whoever took the request over since the search may have posted meanwhile.
    const isKnown = attempt.searched && read.leaseHolder === self;
    attempt.mustSearch = !isKnown && this.#mustSearch(delivery, post);
    if (attempt.mustSearch) return undefined;
    delivery.attempts++;
    attempt.sent = { data, startedAtMs: clock.monotonic() };
    const message = delivery.parts.withoutRefused(post.render(data));
    return { ...message, readAtMs: snapshot.readAtMs };
  }

  /** What another process tried stays unknown, so before each post of such a delivery is a search. */
  #mustSearch(
    { request, unconfirmedSinceMs }: InFlightDelivery,
    { alsoIn }: Post,
  ): boolean {
    if (request.record.takenOver) return true;
    if (unconfirmedSinceMs === undefined) return false;
    // A nonce counts in its own channel.
    return alsoIn !== undefined ||
      this.#options.clock.monotonic() - unconfirmedSinceMs >= TRUSTED_NONCE_MS;
  }
}

/** Returns the post that announces a request to one recipient. */
export function announcementPost(
  delivery: InFlightDelivery,
  generation: number,
  { facts, people }: {
    readonly facts: ClusterFacts;
    readonly people: () => PeopleConfig;
  },
): Post {
  const { request, recipient } = delivery;
  const { hiddenFor } = facts;
  /** What the message hides that was rendered last. */
  let hides = NOTHING_HIDDEN;
  return {
    purpose: "announce",
    recipient,
    generation,
    isOwed: (data) => {
      const task = taskFor(data, recipient);
      return task?.kind === "post" && task.generation === generation &&
        isDue(data, recipient, delivery.terms);
    },
    render: (data) => {
      hides = hiddenFor(recipient);
      return renderAnnouncement(delivery, data, facts);
    },
    isSame: ({ content }) => isAnnouncementOf(content, request.id),
    searchStart: (data) => {
      const owed = data?.deliveries.get(recipient);
      const since = owed?.kind === "owed" ? owed.since : undefined;
      return since === undefined
        ? searchFromCreation(request, data)
        : { from: since, isCertain: false };
    },
    recorded: (message) => (data) =>
      withThreadWanted(
        data,
        withPosted(data, recipient, message, generation, hides),
        recipient,
        people().notices,
      ),
    explain: (message, stored) =>
      explainPosted(delivery, message, stored, generation),
  };
}

function withPosted(
  data: PluginData,
  recipient: string,
  message: PostedMessage,
  generation: number,
  hides: HiddenFields,
): PluginData {
  const { channelId, messageId, sent } = message;
  const now = data.deliveries.get(recipient);
  if (now?.kind === "posted" && now.message.messageId !== messageId) {
    return data;
  }
  if (now?.kind === "owed" && isDeleted(message, now.generation, generation)) {
    return data;
  }
  const isCertain = now?.kind !== "posted" && sent !== undefined;
  return withDelivery(data, recipient, {
    kind: "posted",
    message: { channelId, messageId },
    generation: now === undefined || now.kind === "dropped"
      ? 1
      : now.generation,
    // Somebody else recorded it in between, and may have edited it since.
    shows: isCertain ? digestOf(sent) : SHOWS_UNKNOWN,
    ...hiding(
      now?.kind === "posted" ? now.hides ?? NOTHING_HIDDEN : hides,
    ),
  });
}

/** Returns the data with a thread to be made, where a message in a channel is recorded for the first time. */
function withThreadWanted(
  before: PluginData,
  after: PluginData,
  recipient: string,
  { threads }: NoticeSettings,
): PluginData {
  const isNew = before.deliveries.get(recipient)?.kind !== "posted" &&
    after.deliveries.get(recipient)?.kind === "posted";
  const isWanted = threads && isNew && !recipient.startsWith("user:") &&
    !after.threads.has(recipient);
  return isWanted ? withThread(after, recipient, { kind: "wanted" }) : after;
}

/** A person deleted the message, which another process found out: that one posts the next. */
function isDeleted(
  { origin }: PostedMessage,
  stored: number,
  posted: number,
): boolean {
  return origin === "posted" && stored > posted;
}

function explainPosted(
  { recipient, logger }: InFlightDelivery,
  message: PostedMessage,
  stored: PluginData | undefined,
  generation: number,
): void {
  const { channelId, messageId } = message;
  const fields = { channel_id: channelId, message_id: messageId };
  const now = stored?.deliveries.get(recipient);
  if (
    now !== undefined && now.kind !== "dropped" &&
    isDeleted(message, now.generation, generation)
  ) {
    logger.info("message was deleted before it was recorded", fields);
  } else if (now?.kind !== "posted") {
    logger.warn(
      "message can no longer be followed: its plugin data is gone",
      fields,
    );
  } else if (now.message.messageId !== messageId) {
    logger.warn("another process posted the same request", fields);
  }
}
