/**
 * Finding what may have been posted already, in a channel or as a post of a forum.
 *
 * Source: docs/design/reconciler.md 3; docs/design/forums.md 3.
 *
 * @module
 */

import { FirstTimes } from "../lib/log/first_times.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { FoundMessage, Messenger } from "../ports/messenger.ts";
import type { MessageRef, PluginData } from "../record/plugin_data.ts";
import type { InFlightDelivery } from "./in_flight.ts";
import type { Forums } from "./places/forums.ts";
import {
  findMessage,
  type Search,
  type SearchResult,
  type SearchStart,
} from "./places/search_channel.ts";
import { findPost } from "./places/search_forum.ts";
import { sharedReads } from "./places/shared_reads.ts";

/** What {@linkcode FindPosted} needs. */
export interface FindPostedOptions {
  readonly messenger: Messenger;
  /** User ID of the bot; empty as long as nobody has told it. */
  readonly botId: () => string;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: (channelId: string) => Promise<boolean>;
}

/** What tells a post from others. */
export interface SoughtPost {
  /** Returns its name as a post, where its channel turns out to be a forum; not given if that cannot be. */
  readonly nameInForum?: (data: PluginData) => string;
  /** Whether a message of this bot is this post, by what is known to be stored. */
  readonly isSame: (message: FoundMessage, data: PluginData) => boolean;
  /** Where such a message is looked for first. */
  readonly searchStart: (data: PluginData) => SearchStart;
}

/** Finds posts that were made. */
export class FindPosted {
  readonly #options: FindPostedOptions;
  readonly #forums: Forums;
  readonly #reads: Search["messenger"];
  /** Channels whose history the bot may not read; said once. */
  readonly #unreadable = new FirstTimes();

  constructor(options: FindPostedOptions, forums: Forums) {
    this.#options = options;
    this.#forums = forums;
    this.#reads = sharedReads(options.messenger);
  }

  /** Returns where a post stands that was made already; `undefined` if there is none. */
  async find(
    channelId: string,
    delivery: InFlightDelivery,
    post: SoughtPost,
  ): Promise<MessageRef | undefined> {
    const { messenger, botId, mayReadHistory } = this.#options;
    const data = await delivery.stored();
    if (data === undefined) return undefined;
    // Without it no message would seem to be the bot's own.
    const authorId = botId() || (await messenger.getCurrentUser()).id;
    const search: Search = {
      messenger: this.#reads,
      start: post.searchStart(data),
      isWanted: (message) =>
        message.authorId === authorId && post.isSame(message, data),
      mayReadHistory: (channelId) =>
        mayReadHistory(channelId).catch((error) => {
          // What cannot be found out is nobody's fault.
          if (error instanceof DiscordApiError) return true;
          throw error;
        }),
    };
    const mayBePost = post.nameInForum !== undefined;
    let forum = mayBePost ? await this.#forums.known(channelId) : undefined;
    let result: SearchResult | undefined;
    if (forum === undefined) {
      try {
        result = await findMessage(channelId, search);
        if (result.kind === "forum") forum = result.forum;
      } catch (error) {
        if (mayBePost) forum = await this.#forums.learn(channelId, error);
        if (forum === undefined) throw error;
      }
    }
    if (forum !== undefined) {
      this.#forums.note(forum);
      result = await findPost(forum, delivery.request.id, authorId, search);
    }
    if (result?.kind === "unreadable" && this.#unreadable.add(channelId)) {
      delivery.logger.warn("cannot look for earlier messages", {
        channel_id: channelId,
        hint: "give the bot the permission Read Message History there",
      });
    }
    if (result?.kind !== "found") return undefined;
    const { messageId } = result;
    // A post has the ID of its first message.
    return {
      channelId: forum === undefined ? channelId : messageId,
      messageId,
    };
  }
}
