/**
 * The calls that the core needs of Discord.
 *
 * The client implements them; tests implement them in memory.
 *
 * @module
 */

import type { RenderedMessage } from "./rendered_message.ts";

/** A message found in a channel. */
export interface FoundMessage {
  readonly id: string;
  readonly authorId: string;
  readonly content: string;
}

/** Where in a channel a list of messages begins, as a snowflake that need not exist. */
export interface MessageCursor {
  readonly before?: string;
  readonly after?: string;
}

/** What is known of a channel. */
export interface ChannelInfo {
  readonly name: string;
  readonly lastMessageId: string | undefined;
  /** Server that it is in; `undefined` for direct messages. */
  readonly guildId: string | undefined;
  /** What is known of a forum or a media channel; `undefined` if it is neither. */
  readonly forum: Forum | undefined;
}

/** A forum or a media channel, which takes posts instead of messages: each is a thread with a first message. */
export interface Forum {
  readonly id: string;
  readonly guildId: string;
  /** The tags that its posts can have. */
  readonly tags: readonly ForumTag[];
  /** Whether a post without any tag is refused. */
  readonly requiresTag: boolean;
}

/** A tag of a forum. */
export interface ForumTag {
  readonly id: string;
  readonly name: string;
  /** Whether only those may set it who may manage threads. */
  readonly isModerated: boolean;
}

/** A post found in a forum. Its ID is that of its first message as well. */
export interface FoundPost {
  readonly id: string;
  readonly name: string;
  /** The forum. */
  readonly parentId: string;
  /** Who made it. */
  readonly ownerId: string;
  /** When it was put into the archive or taken out of it, as Discord writes it. */
  readonly archivedAt: string;
}

/** A post of a forum as it was composed for one call. */
export interface ComposedPost {
  /** 1 to 100 characters. */
  readonly name: string;
  /** IDs of its tags, at most 5. */
  readonly tags: readonly string[];
  readonly message: ComposedMessage;
}

/** A message as it was composed for one call. */
export interface ComposedMessage extends RenderedMessage {
  /**
   * When that was read which allows the call, by the monotonic clock; not given where nothing can overtake
   * it.
   */
  readonly readAtMs?: number;
}

/**
 * From the read that allows a call to the first byte of the call at most this many milliseconds pass;
 * else it is composed anew. A process that was held still in between would send what others have overtaken.
 */
export const MAX_READ_AGE_MS = 5000;

/** So long after the read that allows a call, with some time on the way, it has arrived, or never will. */
export const CALL_ARRIVES_MS: number = MAX_READ_AGE_MS + 5000;

/**
 * Composes a message at the last moment, when the call has its slot; `undefined` gives the slot back. It is
 * asked again if the message became too old before it could be sent.
 *
 * It makes no calls to Discord itself: those would need slots, while it holds one.
 */
export type Compose<T = ComposedMessage> = () => Promise<T | undefined>;

/**
 * Discord. Every method makes one attempt, after it waited for a slot of the rate limits, and rejects
 * with a `DiscordApiError`, or with the reason of a signal that ends all its waits or calls.
 *
 * `order` is the creation time of the request in milliseconds: where several calls wait for one
 * bucket, newest and oldest take turns.
 *
 * @see DiscordClient, which implements it over HTTP.
 */
export interface Messenger {
  getCurrentUser(): Promise<{ readonly id: string; readonly username: string }>;
  /** Posts a message, at most once for each nonce within some minutes; returns its ID. */
  createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    order: number,
  ): Promise<string | undefined>;
  /** Makes a post in a forum, each time a new one; returns the ID of the thread and of its first message. */
  createPost(
    forumId: string,
    compose: Compose<ComposedPost>,
    order: number,
  ): Promise<string | undefined>;
  /** Lists the threads of a server that are not in the archive, and can be seen. */
  listActivePosts(guildId: string): Promise<readonly FoundPost[]>;
  /**
   * Lists up to 100 posts of a forum that are in the archive, those first that came there last.
   *
   * @param before Only those that came there before this time, as in `archivedAt`.
   */
  listArchivedPosts(
    forumId: string,
    before: string | undefined,
  ): Promise<readonly FoundPost[]>;
  /** Edits a message of this bot; returns whether a call was made. */
  editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    order: number,
  ): Promise<boolean>;
  /**
   * Lists up to 100 messages, newest first: those next before or next after a snowflake, or else the newest
   * of the channel.
   */
  listMessages(
    channelId: string,
    cursor: MessageCursor,
  ): Promise<readonly FoundMessage[]>;
  getChannel(channelId: string): Promise<ChannelInfo>;
  /** Opens the direct-message channel of a user, always the same one; returns its ID. */
  openDirectMessage(userId: string): Promise<string>;
  /** Makes the thread at a message; its ID is that of the message. Its name has 1 to 100 characters. */
  createThread(
    channelId: string,
    messageId: string,
    name: string,
    order: number,
  ): Promise<void>;
  /** Closes a thread: it goes into the archive, out of which the next message in it takes it. */
  archiveThread(threadId: string): Promise<void>;
  /** Takes a thread out of the archive, so that its messages can be edited. */
  unarchiveThread(channelId: string): Promise<void>;
  /** Returns the IDs of the tags that a post has. */
  getPostTags(postId: string): Promise<readonly string[]>;
  /** Sets the tags of a post, which takes it out of the archive. */
  setPostTags(postId: string, tags: readonly string[]): Promise<void>;
}
