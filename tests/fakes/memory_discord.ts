/**
 * Discord in memory: it answers as the real one does, and a {@linkcode Script} makes it fail.
 *
 * @module
 */

import { snowflakeAt } from "../../src/deliver/due/snowflake.ts";
import { readLimits } from "../../src/discord/rate_limit/limit_headers.ts";
import type {
  RateLimiter,
  Slot,
} from "../../src/discord/rate_limit/rate_limiter.ts";
import type { Cancellation } from "../../src/lib/async/cancellation.ts";
import type { Clock } from "../../src/lib/async/clock.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import {
  type ChannelInfo,
  type Compose,
  type ComposedMessage,
  type ComposedPost,
  type ForumTag,
  type FoundMessage,
  type FoundPost,
  MAX_READ_AGE_MS,
  type MessageCursor,
  type Messenger,
} from "../../src/ports/messenger.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import { Script } from "../daemon/pipeline/script.ts";

export const BOT_ID = "900000000000000001";
export const PERSON_ID = "900000000000000002";

const HISTORY_PAGE = 100;
/** Discord remembers a nonce for some minutes. */
const NONCE_MS = 300_000;

/** What an answer says of limits where there are none. */
const FINE = readLimits(200, new Headers(), undefined);

/** Returns an error as the client for Discord throws it. */
export function discordError(
  status: number,
  code?: number,
  route = "POST /channels/:id/messages",
): DiscordApiError {
  return new DiscordApiError(route, `status ${status}`, { status, code });
}

/** A message as it stands in its channel. */
export interface Message extends FoundMessage {
  content: string;
  /** ID of the message that it replies to. */
  readonly replyTo: string | undefined;
  embeds: RenderedMessage["embeds"];
  buttons: RenderedMessage["buttons"];
  /** Whom the post alerted. */
  readonly alerts: readonly string[];
  readonly nonce: string;
  readonly postedMs: number;
  deleted: boolean;
}

/** A thread at a message, or a post of a forum. */
export interface Thread {
  name: string;
  archived: boolean;
  /** Where it hangs. */
  readonly parentId: string;
  tags: readonly string[];
}

/** A forum. */
export interface MemoryForum {
  tags: readonly ForumTag[];
  requiresTag: boolean;
}

/** Discord, for any number of processes. Calls are known as method and path. */
export class MemoryDiscord {
  readonly script: Script;
  /** Whether the bot may read the messages of its channels. */
  readsHistory = true;
  /** Gives out slots as in the real client; without it every call may go at once. */
  limiter: RateLimiter | undefined;
  readonly #clock: Clock;
  /** By ID, which is that of the message that the thread hangs from. */
  readonly threads = new Map<string, Thread>();
  /** Channels that are forums. */
  readonly forums = new Map<string, MemoryForum>();
  readonly #channels = new Map<string, Message[]>();
  readonly #deleted = new Set<string>();
  #seq = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.script = new Script(clock);
  }

  /** Messages of a channel, oldest first, deleted ones too. */
  messages(channelId: string): Message[] {
    const messages = this.#channels.get(channelId) ?? [];
    this.#channels.set(channelId, messages);
    return messages;
  }

  /** Makes a channel a forum, with tags whose IDs are their places from 1 on. */
  addForum(channelId: string, ...tags: readonly string[]): MemoryForum {
    const forum: MemoryForum = {
      tags: tags.map((name, i) => ({
        id: String(i + 1),
        name,
        isModerated: false,
      })),
      requiresTag: false,
    };
    this.forums.set(channelId, forum);
    return forum;
  }

  /** The posts of a forum by their IDs, oldest first. */
  posts(forumId: string): [string, Thread][] {
    return [...this.threads].filter(([, { parentId }]) => parentId === forumId);
  }

  /** Deletes a post with everything in it, as a person would. */
  deletePost(postId: string): void {
    this.threads.delete(postId);
    this.#channels.delete(postId);
    this.#deleted.add(postId);
  }

  /** Adds a message to a channel. */
  add(channelId: string, fields: Partial<Message> = {}): Message {
    const postedMs = fields.postedMs ?? this.#clock.now();
    const message = {
      id: String(snowflakeAt(postedMs) + this.#seq++),
      authorId: BOT_ID,
      content: "",
      embeds: [],
      buttons: [],
      alerts: [],
      replyTo: undefined,
      nonce: "",
      deleted: false,
      ...fields,
      postedMs,
    };
    this.messages(channelId).push(message);
    return message;
  }

  getCurrentUser(
    cancellation: Cancellation,
  ): Promise<{ readonly id: string; readonly username: string }> {
    const user = { id: BOT_ID, username: "bot" };
    return this.script.run("GET /users/@me", cancellation.deadline, () => user);
  }

  createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    _order: number,
    cancellation: Cancellation,
  ): Promise<string | undefined> {
    const call = `POST /channels/${channelId}/messages`;
    return this.#composed(call, compose, cancellation, (rendered) => {
      const { content, embeds, buttons, alerts = [], replyTo } = rendered;
      this.#checkThere(channelId, "POST /channels/:id/messages");
      if (this.forums.has(channelId)) throw discordError(400, 40058);
      const oldestMs = this.#clock.now() - NONCE_MS;
      const first = this.messages(channelId).find((m) =>
        m.nonce === nonce && m.postedMs > oldestMs
      );
      if (first?.deleted) throw discordError(404, 10008);
      const thread = this.threads.get(channelId);
      if (thread !== undefined) thread.archived = false;
      const fields = { content, embeds, buttons, alerts, replyTo, nonce };
      return (first ?? this.add(channelId, fields)).id;
    });
  }

  createPost(
    forumId: string,
    compose: Compose<ComposedPost>,
    _order: number,
    cancellation: Cancellation,
  ): Promise<string | undefined> {
    const call = `POST /channels/${forumId}/threads`;
    const route = "POST /channels/:id/threads";
    return this.#composed(
      call,
      compose,
      cancellation,
      ({ name, tags, message }) => {
        const forum = this.forums.get(forumId);
        if (forum === undefined) throw discordError(400, 50024, route);
        if (forum.requiresTag && tags.length === 0) {
          throw discordError(400, 40067, route);
        }
        const { content, embeds, buttons, alerts = [] } = message;
        const { id } = this.add("", { content, embeds, buttons, alerts });
        this.#channels.set(id, this.messages("").splice(-1));
        this.threads.set(id, {
          name,
          tags,
          archived: false,
          parentId: forumId,
        });
        return id;
      },
    );
  }

  listActivePosts(
    guildId: string,
    cancellation: Cancellation,
  ): Promise<readonly FoundPost[]> {
    const call = `GET /guilds/${guildId}/threads/active`;
    return this.#limited(
      call,
      cancellation,
      () => this.#list(false).reverse(),
    );
  }

  listArchivedPosts(
    forumId: string,
    _before: string | undefined,
    cancellation: Cancellation,
  ): Promise<readonly FoundPost[]> {
    const call = `GET /channels/${forumId}/threads/archived/public`;
    return this.#limited(
      call,
      cancellation,
      () =>
        this.#list(true).filter(({ parentId }) => parentId === forumId)
          .reverse(),
    );
  }

  #list(archived: boolean): FoundPost[] {
    return [...this.threads].filter(([, thread]) =>
      thread.archived === archived
    ).map(([id, { name, parentId }]) => ({
      id,
      name,
      parentId,
      ownerId: BOT_ID,
      archivedAt: new Date(this.#clock.now()).toISOString(),
    }));
  }

  getPostTags(
    postId: string,
    cancellation: Cancellation,
  ): Promise<readonly string[]> {
    return this.#limited(`GET /channels/${postId}`, cancellation, () => {
      this.#checkThere(postId, "GET /channels/:id");
      return this.threads.get(postId)?.tags ?? [];
    });
  }

  setPostTags(
    postId: string,
    tags: readonly string[],
    cancellation: Cancellation,
  ): Promise<void> {
    const call = `PATCH /channels/${postId} tags ${tags}`;
    return this.#limited(call, cancellation, () => {
      this.#checkThere(postId, "PATCH /channels/:id");
      const thread = this.threads.get(postId);
      if (thread === undefined) return;
      thread.archived = false;
      thread.tags = tags;
    });
  }

  /** What a person deleted is no channel any more. */
  #checkThere(channelId: string, route: string): void {
    if (this.#deleted.has(channelId)) throw discordError(404, 10003, route);
  }

  async editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    _order: number,
    cancellation: Cancellation,
  ): Promise<boolean> {
    const call = `PATCH /channels/${channelId}/messages/${messageId}`;
    const edited = await this.#composed(
      call,
      compose,
      cancellation,
      (rendered) => {
        const route = "PATCH /channels/:id/messages/:id";
        this.#checkThere(channelId, route);
        if (this.threads.get(channelId)?.archived) {
          throw discordError(400, 50083, route);
        }
        const message = this.messages(channelId).find((m) =>
          m.id === messageId
        );
        if (message === undefined || message.deleted) {
          throw discordError(404, 10008, route);
        }
        message.content = rendered.content;
        message.embeds = rendered.embeds ?? message.embeds;
        message.buttons = rendered.buttons;
        return true;
      },
    );
    return edited ?? false;
  }

  listMessages(
    channelId: string,
    { before, after }: MessageCursor,
    cancellation: Cancellation,
  ): Promise<readonly FoundMessage[]> {
    const call = `GET /channels/${channelId}/messages`;
    return this.#limited(call, cancellation, () => {
      if (!this.readsHistory) return [];
      const isMeant = ({ id, deleted }: Message) =>
        !deleted && (before === undefined || BigInt(id) < BigInt(before)) &&
        (after === undefined || BigInt(id) > BigInt(after));
      const meant = this.messages(channelId).filter(isMeant);
      const page = after === undefined
        ? meant.slice(-HISTORY_PAGE)
        : meant.slice(0, HISTORY_PAGE);
      return page.reverse();
    });
  }

  getChannel(
    channelId: string,
    cancellation: Cancellation,
  ): Promise<ChannelInfo> {
    return this.#limited(`GET /channels/${channelId}`, cancellation, () => ({
      name: "reviews",
      lastMessageId: this.messages(channelId).at(-1)?.id,
      guildId: "1",
      forum: this.#forum(channelId),
    }));
  }

  #forum(id: string): ChannelInfo["forum"] {
    const forum = this.forums.get(id);
    return forum && { id, guildId: "1", ...forum };
  }

  openDirectMessage(
    userId: string,
    cancellation: Cancellation,
  ): Promise<string> {
    const call = `POST /users/@me/channels ${userId}`;
    return this.script.run(
      call,
      cancellation.deadline,
      () => `7${userId.slice(1)}`,
    );
  }

  createThread(
    channelId: string,
    messageId: string,
    name: string,
    _order: number,
    cancellation: Cancellation,
  ): Promise<void> {
    const call = `POST /channels/${channelId}/messages/${messageId}/threads`;
    return this.#limited(call, cancellation, () => {
      const message = this.messages(channelId).find((m) => m.id === messageId);
      if (message === undefined || message.deleted) {
        throw discordError(
          404,
          10008,
          "POST /channels/:id/messages/:id/threads",
        );
      }
      if (this.threads.has(messageId)) {
        throw discordError(
          400,
          160004,
          "POST /channels/:id/messages/:id/threads",
        );
      }
      const thread = { name, archived: false, parentId: channelId, tags: [] };
      this.threads.set(messageId, thread);
    });
  }

  archiveThread(threadId: string, cancellation: Cancellation): Promise<void> {
    const call = `PATCH /channels/${threadId}`;
    return this.#limited(call, cancellation, () => {
      const thread = this.threads.get(threadId);
      if (thread !== undefined) thread.archived = true;
    });
  }

  unarchiveThread(
    channelId: string,
    cancellation: Cancellation,
  ): Promise<void> {
    const call = `PATCH /channels/${channelId}`;
    return this.script.run(call, cancellation.deadline, () => {
      const thread = this.threads.get(channelId);
      if (thread !== undefined) thread.archived = false;
    });
  }

  /** Waits for a slot, composes, and calls. */
  async #composed<T, C extends ComposedMessage | ComposedPost>(
    call: string,
    compose: Compose<C>,
    cancellation: Cancellation,
    effect: (composed: C) => T,
  ): Promise<T | undefined> {
    const step = this.script.plan(call);
    cancellation.stop.throwIfAborted();
    if (step.slotMs !== undefined) {
      await this.#clock.sleep(step.slotMs, cancellation.stop);
    }
    using slot = await this.#slot(call, cancellation);
    let composed: C | undefined;
    let readAtMs: number | undefined;
    do {
      composed = await compose();
      const message: ComposedMessage | undefined = composed === undefined
        ? undefined
        : "message" in composed
        ? composed.message
        : composed;
      readAtMs = message?.readAtMs;
    } while (
      readAtMs !== undefined &&
      this.#clock.monotonic() - readAtMs >= MAX_READ_AGE_MS
    );
    if (composed === undefined) {
      this.script.putBack(call, step);
      return undefined;
    }
    slot?.sent();
    const answer = await this.script.run(
      call,
      cancellation.deadline,
      () => effect(composed),
      step,
    );
    slot?.settle(FINE);
    return answer;
  }

  /** Waits for a slot, and calls. */
  async #limited<T>(
    call: string,
    cancellation: Cancellation,
    effect: () => T,
  ): Promise<T> {
    using slot = await this.#slot(call, cancellation);
    slot?.sent();
    const answer = await this.script.run(call, cancellation.deadline, effect);
    slot?.settle(FINE);
    return answer;
  }

  async #slot(call: string, { stop }: Cancellation): Promise<Slot | undefined> {
    const route = { method: "GET", name: call, path: "", major: "" } as const;
    return await this.limiter?.acquire(route, 0, stop);
  }
}

/** Returns Discord as one process reaches it: all its calls are ended in one way. */
export function messengerOf(
  discord: MemoryDiscord,
  cancellation: Cancellation,
): Messenger {
  return {
    getCurrentUser: () => discord.getCurrentUser(cancellation),
    createMessage: (...call) => discord.createMessage(...call, cancellation),
    createPost: (...call) => discord.createPost(...call, cancellation),
    listActivePosts: (id) => discord.listActivePosts(id, cancellation),
    listArchivedPosts: (...call) =>
      discord.listArchivedPosts(...call, cancellation),
    editMessage: (...call) => discord.editMessage(...call, cancellation),
    listMessages: (...call) => discord.listMessages(...call, cancellation),
    getChannel: (id) => discord.getChannel(id, cancellation),
    openDirectMessage: (id) => discord.openDirectMessage(id, cancellation),
    createThread: (...call) => discord.createThread(...call, cancellation),
    archiveThread: (id) => discord.archiveThread(id, cancellation),
    unarchiveThread: (id) => discord.unarchiveThread(id, cancellation),
    getPostTags: (id) => discord.getPostTags(id, cancellation),
    setPostTags: (...call) => discord.setPostTags(...call, cancellation),
  };
}
