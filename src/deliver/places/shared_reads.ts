/**
 * Reads that searches share which run beside each other.
 *
 * Source: docs/design/reconciler.md 3.3.
 *
 * @module
 */

import type {
  ChannelInfo,
  FoundMessage,
  FoundPost,
  MessageCursor,
} from "../../ports/messenger.ts";
import { FULL_PAGE, type Search } from "./search_channel.ts";

type SearchReads = Search["messenger"];

/** One call that is about to be made for all who ask until then. */
interface SharedCall<T> {
  /** Least of the IDs behind which messages are asked for. */
  after: bigint;
  readonly answer: Promise<T>;
}

/**
 * Reads what searches need that run beside each other, as after a start with many owed posts: one call for the same at a
 * time, which serves all who asked before it was made. Its answer is as new as one of their own would be.
 */
export function sharedReads(messenger: SearchReads): SearchReads {
  /** Messages behind an ID. */
  const lists = new SharedCalls<{
    readonly from: bigint;
    readonly messages: readonly FoundMessage[];
  }>();
  const channels = new SharedCalls<ChannelInfo>();
  const posts = new SharedCalls<readonly FoundPost[]>();
  return {
    async listMessages(channelId, cursor) {
      const list = (cursor: MessageCursor) =>
        messenger.listMessages(channelId, cursor);
      if (!("after" in cursor)) return await list(cursor);
      const after = BigInt(cursor.after);
      const { from, messages } = await lists.call(
        channelId,
        async (from) => ({ from, messages: await list({ after: `${from}` }) }),
        after,
      );
      if (from === after) return messages;
      // Only one that ends before the newest message holds all that are behind a later one.
      if (messages.length === FULL_PAGE) return await list(cursor);
      return messages.filter(({ id }) => BigInt(id) > after);
    },
    getChannel: (channelId) =>
      channels.call(channelId, () => messenger.getChannel(channelId)),
    listActivePosts: (guildId) =>
      posts.call(
        `active ${guildId}`,
        () => messenger.listActivePosts(guildId),
      ),
    listArchivedPosts: (forumId, before) =>
      posts.call(
        `archived ${forumId} ${before ?? ""}`,
        () => messenger.listArchivedPosts(forumId, before),
      ),
  };
}

/** Calls by what they ask for, of which at most one each is under way and one is to follow. */
class SharedCalls<T> {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, SharedCall<T>>();

  /**
   * @param make Makes the call for all who asked, from the least that one of them asked for.
   * @param after Where this one asks from, if that matters.
   */
  async call(
    key: string,
    make: (from: bigint) => Promise<T>,
    after = 0n,
  ): Promise<T> {
    const call = this.#next.getOrInsertComputed(
      key,
      () => ({ after, answer: this.#follow(key, make) }),
    );
    if (after < call.after) call.after = after;
    return await call.answer;
  }

  async #follow(key: string, make: (from: bigint) => Promise<T>): Promise<T> {
    await this.#running.get(key)?.catch(() => {});
    // Whoever asks in the same turn is served as well.
    await Promise.resolve();
    const from = this.#next.get(key)?.after ?? 0n;
    this.#next.delete(key);
    const answer = make(from);
    this.#running.set(key, answer);
    try {
      return await answer;
    } finally {
      if (this.#running.get(key) === answer) this.#running.delete(key);
    }
  }
}
