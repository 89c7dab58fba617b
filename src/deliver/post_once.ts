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

import type { Clock } from "../lib/async/clock.ts";
import { shortDigest } from "../lib/digest.ts";
import { firstTags } from "../message/state_tags.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import {
  CALL_ARRIVES_MS,
  type ComposedMessage,
  type ComposedPost,
  type Forum,
  type Messenger,
} from "../ports/messenger.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import type { MessageRef, PluginData } from "../record/plugin_data.ts";
import type { Change } from "../record/request_record.ts";
import { shownState } from "../record/shown_facts.ts";
import { DISCORD_EPOCH_MS } from "./due/snowflake.ts";
import { postedMessage, type Purpose } from "./due/subject.ts";
import type { FindPosted, SoughtPost } from "./find_posted.ts";
import type { DeliverableRequest, InFlightDelivery } from "./in_flight.ts";
import type { DirectChannels } from "./places/direct_channels.ts";
import type { Forums } from "./places/forums.ts";
import type { SearchStart } from "./places/search_channel.ts";

/** What {@linkcode PostOnce} needs. */
export interface PostOnceOptions {
  readonly messenger: Pick<Messenger, "createMessage" | "createPost">;
  readonly clock: Clock;
  /** ID of this process. */
  readonly self: string;
  /** Called with each message that was posted, to count it. */
  readonly onPosted?: ((purpose: Purpose) => void) | undefined;
}

/** One message that is to be posted, at most once. Its functions compute a value, and call nobody. */
export interface Post extends SoughtPost {
  readonly purpose: Purpose;
  /** A channel ID, or `user:<id>`; part of the nonce. */
  readonly recipient: string;
  /** Where it goes; the channel of the recipient if not given. */
  readonly channelId?: string;
  /** Another channel in which it may stand already. */
  readonly alsoIn?: string;
  /**
   * Whether it may have been sent elsewhere, where its nonce does not count: as with posts of forums, what is on
   * its way is then given time to arrive.
   */
  readonly mayMove?: boolean;
  /** Tells this post from others of its purpose to the same recipient. */
  readonly generation: string | number;
  /** Whether this very post is still to be made. */
  readonly isOwed: (data: PluginData) => boolean;
  readonly render: (data: PluginData) => RenderedMessage;
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
  /** Whether it is a post that has the tag of its state, or needs none. */
  readonly isTagged: boolean;
}

/** Nothing is posted before its request was made. */
export function searchFromCreation(
  { latest }: DeliverableRequest,
  { created }: PluginData,
): SearchStart {
  const from = created ?? latest?.created ?? new Date(DISCORD_EPOCH_MS);
  return { from, isCertain: true };
}

/** How long `enforce_nonce` is trusted to make a repeated post harmless. */
const TRUSTED_NONCE_MS = 60_000;

/** One call of a post, as far as it came. */
interface Attempt {
  /** Where it is made as a post; `undefined` for a message. */
  readonly forum: Forum | undefined;
  /** A search has just found nothing. */
  readonly searched: boolean;
  mustSearch: boolean;
  /** What was handed over to be sent, and when. */
  sent: { readonly data: PluginData; readonly startedAtMs: number } | undefined;
  /** Whether it is a post that has the tag of its state, or needs none. */
  isTagged: boolean;
}

/** Makes posts. Each rejects with what the call failed with. */
export class PostOnce {
  readonly #options: PostOnceOptions;
  readonly #channels: DirectChannels;
  readonly #forums: Forums;
  readonly #posted: FindPosted;

  constructor(
    options: PostOnceOptions,
    channels: DirectChannels,
    forums: Forums,
    posted: FindPosted,
  ) {
    this.#options = options;
    this.#channels = channels;
    this.#forums = forums;
    this.#posted = posted;
  }

  /** Makes a post, unless it was made before; returns whether Discord was called for it. */
  async post(delivery: InFlightDelivery, post: Post): Promise<boolean> {
    const { onPosted } = this.#options;
    const channelId = await this.#channelOf(post);
    const mayBePost = post.nameInForum !== undefined;
    let forum = mayBePost ? await this.#forums.known(channelId) : undefined;
    for (let searched = false;;) {
      const attempt: Attempt = {
        forum,
        searched,
        mustSearch: false,
        sent: undefined,
        isTagged: false,
      };
      try {
        const ref = await this.#send(delivery, post, channelId, attempt);
        if (ref !== undefined && attempt.sent !== undefined) {
          delivery.logger.info(postedMessage(post.purpose), {
            channel_id: ref.channelId,
            message_id: ref.messageId,
            attempts: delivery.attempts,
          });
          onPosted?.(post.purpose);
          const repeat = forum === undefined && this.mayRepeat(delivery);
          const sent = repeat ? undefined : attempt.sent.data;
          await this.#record(delivery, post, {
            ...ref,
            sent,
            origin: "posted",
            isTagged: attempt.isTagged,
          });
          return true;
        }
      } catch (error) {
        if (forum === undefined && mayBePost) {
          forum = await this.#forums.learn(channelId, error);
          if (forum !== undefined) continue;
        }
        this.#noteFailure(delivery, post, attempt, error);
        throw error;
      }
      if (!attempt.mustSearch) return false;
      // The slot was given back: a search takes slots of its own, and if each of those who hold one
      // waited for another, none would ever be given out again.
      if (await this.search(delivery, post)) return false;
      searched = true;
    }
  }

  /** Makes one call; returns what it became, `undefined` if none was needed. */
  async #send(
    delivery: InFlightDelivery,
    post: Post,
    channelId: string,
    attempt: Attempt,
  ): Promise<MessageRef | undefined> {
    const { messenger } = this.#options;
    const { id, createdMs } = delivery.request;
    const compose = () => this.#composeIfOwed(delivery, post, attempt);
    const { forum } = attempt;
    if (forum !== undefined) {
      const postId = await messenger.createPost(
        forum.id,
        async () => inForum(await compose(), post, attempt),
        createdMs,
      );
      return postId === undefined
        ? undefined
        : { channelId: postId, messageId: postId };
    }
    const { recipient, purpose, generation } = post;
    const messageId = await messenger.createMessage(
      channelId,
      shortDigest(id, recipient, purpose, generation),
      compose,
      createdMs,
    );
    return messageId === undefined ? undefined : { channelId, messageId };
  }

  /** Notes what a failed call leaves in doubt. */
  #noteFailure(
    delivery: InFlightDelivery,
    post: Post,
    attempt: Attempt,
    error: unknown,
  ): void {
    const { forum, sent } = attempt;
    const isRefused = error instanceof DiscordApiError && error.refused;
    // Its tags may have changed.
    if (forum !== undefined && isRefused) this.#forums.forget(forum);
    if (sent === undefined || isRefused) return;
    delivery.markUnconfirmed(sent.startedAtMs);
    if (!needsTime(post, attempt)) return;
    const arrivesMs = this.#options.clock.monotonic() + CALL_ARRIVES_MS;
    delivery.request.postsInDoubt.set(delivery.name, arrivesMs);
    delivery.notBeforeMs = arrivesMs;
  }

  /** Looks for a post that was made already, and records it; returns whether there is one. */
  async search(delivery: InFlightDelivery, post: Post): Promise<boolean> {
    const channelId = await this.#channelOf(post);
    const ref = await this.#posted.find(channelId, delivery, post) ??
      (post.alsoIn === undefined
        ? undefined
        : await this.#posted.find(post.alsoIn, delivery, post));
    if (ref === undefined) return false;
    delivery.logger.info("message found that was posted before", {
      channel_id: ref.channelId,
      message_id: ref.messageId,
    });
    await this.#record(delivery, post, {
      ...ref,
      sent: undefined,
      origin: "found",
      isTagged: false,
    });
    return true;
  }

  async #record(
    delivery: InFlightDelivery,
    post: Post,
    message: PostedMessage,
  ): Promise<void> {
    const stored = await delivery.record(post.recorded(message));
    post.explain?.(message, stored);
    delivery.posted();
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
    const mustWait = needsTime(post, attempt);
    // Who waits holds the lease meanwhile: two that took it from each other would both go on waiting.
    const held = await delivery.holdLease(post.isOwed, {
      fromAnybody: !mustWait,
    });
    if (held === undefined) return undefined;
    if (mustWait && await this.#isEarly(delivery)) return undefined;
    const { data, readAtMs, wasHeld } = held;
    // Whoever took the request over since the search may have posted meanwhile.
    const isKnown = attempt.searched && wasHeld;
    attempt.mustSearch = !isKnown && this.#mustSearch(delivery, post, attempt);
    if (attempt.mustSearch) return undefined;
    delivery.attempts++;
    const startedAtMs = this.#options.clock.monotonic();
    attempt.sent = { data, startedAtMs };
    return { ...delivery.parts.withoutRefused(post.render(data)), readAtMs };
  }

  /** Whether what the process before has sent is yet to arrive, and would not be found. */
  async #isEarly(delivery: InFlightDelivery): Promise<boolean> {
    const { self, clock } = this.#options;
    const { record } = delivery.request;
    const earliestMs = record.leaseTakenAtMs + CALL_ARRIVES_MS;
    const renewAtMs = earliestMs - CALL_ARRIVES_MS / 2;
    const nowMs = clock.monotonic();
    if (nowMs >= earliestMs) return false;
    delivery.notBeforeMs = nowMs < renewAtMs ? renewAtMs : earliestMs;
    if (nowMs < renewAtMs) return true;
    // The lease would expire just when the search begins.
    const renewed = new Date(clock.now());
    await record.update((data) =>
      data.leaseHolder === self ? { ...data, renewed } : data
    );
    return true;
  }

  /** What another process tried stays unknown, so before each post of such a delivery is a search. */
  #mustSearch(
    { request, unconfirmedSinceMs }: InFlightDelivery,
    { alsoIn }: Post,
    { forum }: Attempt,
  ): boolean {
    if (request.record.takenOver) return true;
    if (unconfirmedSinceMs === undefined) return false;
    // A nonce counts in its own channel, and there is none for posts of forums.
    return forum !== undefined || alsoIn !== undefined ||
      this.#options.clock.monotonic() - unconfirmedSinceMs >= TRUSTED_NONCE_MS;
  }
}

/** Whether what is on its way is given time to arrive: no nonce keeps it from being made twice. */
function needsTime({ mayMove = false }: Post, { forum }: Attempt): boolean {
  return forum !== undefined || mayMove;
}

/** Returns a message as the first one of a post, with the tag of the state that it tells. */
function inForum(
  message: ComposedMessage | undefined,
  { nameInForum }: Post,
  attempt: Attempt,
): ComposedPost | undefined {
  const { forum, sent } = attempt;
  if (message === undefined || forum === undefined || sent === undefined) {
    return undefined;
  }
  const { ids, isAll } = firstTags(shownState(sent.data), forum);
  attempt.isTagged = isAll;
  return { name: nameInForum?.(sent.data) ?? "", tags: ids, message };
}
