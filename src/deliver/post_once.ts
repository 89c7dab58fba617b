/**
 * Posting once: what is common to everything that is posted, whatever its purpose.
 *
 * Crash windows, and what the next process does about each (its owner ID is new, so after 10 s it
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

import { Backoff } from "../lib/async/backoff.ts";
import type { Patience } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Gate } from "../lib/async/pause.ts";
import { shortDigest } from "../lib/digest.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { FoundMessage, Messenger } from "../ports/messenger.ts";
import { recoverTeleport } from "../ports/recovery.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { Change } from "../record/request_record.ts";
import type { Course, DeliverableRequest } from "./in_flight.ts";
import { findMessage, type SearchStart } from "./search_posted.ts";
import { DISCORD_EPOCH_MS } from "./snowflake.ts";

/** What {@linkcode Posts} need. */
export interface PostContext {
  readonly messenger: Messenger;
  readonly clock: Clock;
  readonly random: () => number;
  /** ID of this process. */
  readonly self: string;
  /** User ID of the bot. */
  readonly botId: () => string;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: (
    channelId: string,
    patience: Patience,
  ) => Promise<boolean>;
  /** Closed while Discord refuses the token. */
  readonly token: Gate;
  /** `wait` ends what has not begun, `call` what has. */
  readonly patience: Patience;
  /** Called when another process was seen to take a request over first. */
  readonly onOutrun: (owner: string) => void;
}

/** One message that is to be posted, at most once. */
export interface Post {
  readonly purpose: "announce" | "remind" | "tell-requester";
  /** A channel ID, or `user:<id>`; part of the nonce. */
  readonly recipient: string;
  readonly channelId: string;
  /** Tells this post from others of its purpose to the same recipient. */
  readonly generation: string | number;
  /** Whether this very post is still to be made. */
  readonly isOwed: (data: PluginData) => boolean;
  readonly render: (data: PluginData) => RenderedMessage;
  /** Whether a message of this bot is this post. */
  readonly isSame: (message: FoundMessage) => boolean;
  /** Where such a message is looked for first. */
  readonly searchStart: (data: PluginData | undefined) => SearchStart;
  /** Records where it stands; `sent` is what it was rendered from, if that is certain. */
  readonly record: (
    messageId: string,
    sent: PluginData | undefined,
    origin: "posted" | "found",
  ) => Promise<void>;
}

/** Nothing is posted before its request was made. */
export function searchFromCreation(
  { latest }: DeliverableRequest,
  data: PluginData | undefined,
): SearchStart {
  const from = data?.created ?? latest?.created ?? new Date(DISCORD_EPOCH_MS);
  return { from, isCertain: true };
}

const RECORD_RETRY_WAIT = { minMs: 100, maxMs: 2000 };

/** What this process owns and read less than this ago need not be read again before a post. */
const FRESH_READ_MS = 5000;

/** How long `enforce_nonce` is trusted to make a repeated post harmless. */
const TRUSTED_NONCE_MS = 60_000;

/** Makes posts. Each rejects with what the call failed with. */
export class Posts {
  readonly #context: PostContext;
  /** Channels whose history the bot may not read; said once. */
  readonly #unreadable = new Set<string>();

  constructor(context: PostContext) {
    this.#context = context;
  }

  /** Makes a post, unless it was made before; returns whether Discord was called for it. */
  async make(course: Course, post: Post): Promise<boolean> {
    let outcome = await this.#attempt(course, post, false);
    while (outcome === "search first") {
      // The slot was given back: a search takes slots of its own, and if each of those who hold one
      // waited for another, none would ever be given out again.
      if (await this.search(course, post)) return false;
      outcome = await this.#attempt(course, post, true);
    }
    return outcome === "posted";
  }

  /**
   * Tries once to make a post.
   *
   * @param searched Whether a search has just found nothing.
   */
  async #attempt(
    course: Course,
    post: Post,
    searched: boolean,
  ): Promise<"posted" | "not owed" | "search first"> {
    const { messenger, patience, clock } = this.#context;
    const { request } = course;
    const { channelId } = post;
    let sent: { data: PluginData; startedAtMs: number } | undefined;
    let mustSearch = false;
    const compose = async () => {
      const claim = await this.#claimSlot(course, post, searched);
      mustSearch = claim === "search first";
      if (claim === undefined || claim === "search first") return undefined;
      course.attempts++;
      sent = { data: claim, startedAtMs: clock.monotonic() };
      return course.parts.withoutRefused(post.render(claim));
    };
    const nonce = shortDigest(
      request.id,
      post.recipient,
      post.purpose,
      post.generation,
    );
    try {
      const messageId = await messenger.createMessage(
        channelId,
        nonce,
        compose,
        request.createdMs,
        patience,
      );
      if (messageId === undefined || sent === undefined) {
        return mustSearch ? "search first" : "not owed";
      }
      const repeat = this.mayRepeat(course);
      course.logger.info(POSTED[post.purpose], {
        channel_id: channelId,
        message_id: messageId,
        attempts: course.attempts,
      });
      await post.record(messageId, repeat ? undefined : sent.data, "posted");
      course.succeeded();
      course.clearDoubt();
      return "posted";
    } catch (error) {
      const refused = error instanceof DiscordApiError && error.refused;
      if (sent !== undefined && !refused) {
        course.doubt(sent.startedAtMs);
      }
      throw error;
    }
  }

  /** Looks for a post that was made already, and records it; returns whether there is one. */
  async search(course: Course, post: Post): Promise<boolean> {
    const { messenger, patience, botId } = this.#context;
    const { channelId } = post;
    const { data } = course.request.record.snapshot ?? {};
    const result = await findMessage(
      {
        messenger,
        channelId,
        mayReadHistory: () =>
          this.#context.mayReadHistory(channelId, patience)
            // What cannot be found out is nobody's fault.
            .catch((error) => {
              if (error instanceof DiscordApiError) return true;
              throw error;
            }),
      },
      post.searchStart(data),
      (message) => message.authorId === botId() && post.isSame(message),
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
    await post.record(messageId, undefined, "found");
    course.succeeded();
    course.clearDoubt();
    return true;
  }

  /** Whether a post may be answered with an older message. */
  mayRepeat(course: Course): boolean {
    return course.request.record.takenOver || course.doubtSinceMs !== undefined;
  }

  /** Returns the data as this process records it. */
  recorded(data: PluginData): PluginData {
    return { ...data, own: true, owner: this.#context.self };
  }

  /** Records what happened, however long it takes: it cannot be found out again for certain. */
  async persist(
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

  /**
   * Makes sure, at the last moment, that a post is still owed and that it is for this process to make.
   *
   * @returns The data to render; `undefined` if nothing is to be posted now.
   */
  async #claimSlot(
    course: Course,
    post: Post,
    searched: boolean,
  ): Promise<PluginData | "search first" | undefined> {
    const { self, patience, token } = this.#context;
    const { record } = course.request;
    if (patience.wait.aborted || !token.isOpen) return undefined;
    const owned = record.snapshot?.data?.owner === self;
    const { data: read } = await record.read(
      patience.call,
      owned ? FRESH_READ_MS : 0,
    );
    if (read === undefined || !post.isOwed(read)) return undefined;
    const data = read.owner === self
      ? read
      : await this.#takeOver(course, read.owner);
    if (data === undefined || !post.isOwed(data)) return undefined;
    // Whoever took the request over since the search may have posted meanwhile.
    const isKnown = searched && read.owner === self;
    return isKnown || !this.#mustSearch(course) ? data : "search first";
  }

  /** Takes a request over, but only from this owner: if yet another process was quicker, it is that one's. */
  async #takeOver(
    course: Course,
    owner: string,
  ): Promise<PluginData | undefined> {
    const { self, patience } = this.#context;
    const take: Change = (now) =>
      now.owner === owner ? this.recorded(now) : now;
    const data = await course.request.record.update(take, patience.call);
    if (data === undefined || data.owner === self) return data;
    course.yielded = true;
    this.#context.onOutrun(data.owner);
    return undefined;
  }

  /** What another process tried stays unknown, so before each post of such a delivery is a search. */
  #mustSearch(course: Course): boolean {
    if (course.request.record.takenOver) return true;
    const { doubtSinceMs } = course;
    return doubtSinceMs !== undefined &&
      this.#context.clock.monotonic() - doubtSinceMs >= TRUSTED_NONCE_MS;
  }
}

/** What is logged of a post that was made. */
const POSTED = {
  announce: "message posted",
  remind: "reminder posted",
  "tell-requester": "requester told",
} as const;
