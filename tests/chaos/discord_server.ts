/**
 * Discord, as far as messages of channels go.
 *
 * Source: docs/design/discord-messages.md 3; docs/design/discord-errors.md 2.
 *
 * @module
 */

import { DiscordApiError } from "../../src/ports/discord_error.ts";
import type {
  ComposedPost,
  Forum,
  FoundPost,
  MessageCursor,
} from "../../src/ports/messenger.ts";
import type {
  Button,
  RenderedMessage,
} from "../../src/ports/rendered_message.ts";
import { type Judge, OFFENSE } from "./judge.ts";
import { EPOCH_MS } from "./process.ts";
import type { VirtualTime } from "./virtual_time.ts";

export const BOT_ID = "900000000000000001";
const PERSON_ID = "900000000000000002";

export interface Message {
  readonly id: string;
  /** The channel that it belongs to: of the first message of a post, the forum. */
  readonly channelId: string;
  /** The channel that its thread hangs from. */
  readonly parentId: string | undefined;
  /** By the time of the run. */
  readonly atMs: number;
  readonly authorId: string;
  content: string;
  deleted: boolean;
  buttons: readonly Button[];
  /** Posted by a plugin that does not use nonces. */
  readonly official: boolean;
  /** ID of the message that it replies to. */
  readonly replyTo: string | undefined;
}

/** Channels by index; the last is the direct-message channel of a user. */
export const CHANNELS: readonly string[] = [
  "800000000000000001",
  "800000000000000002",
  "800000000000000003",
  "800000000000000004",
];

/** The direct-message channel of whoever makes the requests. */
export const REQUESTER_CHANNEL = "800000000000000005";

/** Every channel, by index. */
export const ALL_CHANNELS: readonly string[] = [...CHANNELS, REQUESTER_CHANNEL];

const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** The tags of the forum, by ID. */
export const TAGS: ReadonlyMap<string, string> = new Map([
  ["1", "PENDING"],
  ["2", "approved"],
  ["3", "거부됨"],
  ["4", "Promoted"],
  ["5", "Expired"],
  ["6", "other"],
]);

const POST = "POST /channels/:id/messages";
const CREATE_POST = "POST /channels/:id/threads";
const CREATE = "POST /channels/:id/messages/:id/threads";
const PATCH = "PATCH /channels/:id/messages/:id";

/** Messages of every channel, oldest first. */
export class DiscordServer {
  readonly #time: VirtualTime;
  readonly #judge: Judge;
  readonly #skewMs: number;
  readonly #nonceWindowMs: number;
  readonly #channels = new Map<string, Message[]>();
  readonly #nonces = new Map<string, { message: Message; atMs: number }>();
  readonly #archived = new Set<string>();
  /** The threads by their IDs, each that of its message, with the channel that they hang from. */
  readonly threads = new Map<string, string>();
  /** The posts of the forum, by ID. */
  readonly #posts = new Map<
    string,
    { name: string; tags: readonly string[] }
  >();
  readonly #forumId: string | undefined;
  #seq = 0;

  constructor(
    world: { time: VirtualTime; judge: Judge },
    options: {
      discordSkewMs: number;
      nonceWindowMs: number;
      forum?: number | undefined;
    },
  ) {
    this.#time = world.time;
    this.#judge = world.judge;
    this.#skewMs = options.discordSkewMs;
    this.#nonceWindowMs = options.nonceWindowMs;
    this.#forumId = CHANNELS[options.forum ?? -1];
    for (const id of ALL_CHANNELS) this.#channels.set(id, []);
  }

  /**
   * Every message of a channel, oldest first, deleted ones too; of the forum, those that begin its posts.
   */
  messages(channelId: string): readonly Message[] {
    return this.#channels.get(channelId) ?? [];
  }

  /** Whether a channel is the forum. */
  isForum(channelId: string): boolean {
    return channelId === this.#forumId;
  }

  /** Returns the forum that has a post; `undefined` for any other channel. */
  forumOf(channelId: string): string | undefined {
    return this.#posts.has(channelId) ? this.#forumId : undefined;
  }

  /** Returns where a channel counts: a post belongs to its forum. */
  placeOf(channelId: string): string {
    return this.forumOf(channelId) ?? channelId;
  }

  /** Whether a channel or thread is there. */
  exists(channelId: string): boolean {
    return this.#channels.has(channelId);
  }

  /** Lets a person say something in every channel. */
  chatter(): void {
    for (const id of ALL_CHANNELS) {
      if (!this.isForum(id)) this.#add(id, PERSON_ID, "hello", false);
    }
  }

  /** Deletes a message, as a person would; every other post as a whole. */
  delete(message: Message): void {
    message.deleted = true;
    const isWhole = this.#posts.has(message.id) && BigInt(message.id) % 2n > 0n;
    if (isWhole) this.#channels.delete(message.id);
  }

  /** Posts without a nonce, as the official plugin does. */
  postOfficially(channelId: string, content: string): Message {
    return this.#add(channelId, BOT_ID, content, true);
  }

  post(
    channelId: string,
    nonce: string,
    rendered: RenderedMessage,
  ): string {
    if (this.isForum(channelId)) throw refusal(POST, 400, 40058);
    this.#checkContent(POST, rendered);
    this.#judge.messageSent(rendered, nonce);
    const key = `${channelId} ${nonce}`;
    const first = this.#nonces.get(key);
    if (
      first !== undefined &&
      this.#time.nowMs - first.atMs < this.#nonceWindowMs
    ) {
      if (first.message.deleted) throw refusal(POST, 404, 10008);
      this.#judge.count("posts answered with an earlier message");
      return first.message.id;
    }
    this.#archived.delete(channelId);
    const { content, replyTo } = rendered;
    if (replyTo !== undefined) this.#checkReply(channelId, replyTo);
    const message = this.#add(channelId, BOT_ID, content, false, replyTo);
    message.buttons = rendered.buttons;
    this.#nonces.set(key, { message, atMs: this.#time.nowMs });
    this.#judge.posted(message);
    return message.id;
  }

  /** Makes a post in the forum. */
  createPost(forumId: string, { name, tags, message }: ComposedPost): string {
    if (!this.isForum(forumId)) throw refusal(CREATE_POST, 400, 50024);
    this.#checkContent(CREATE_POST, message);
    this.#judge.messageSent(message, undefined);
    const first = this.#add(forumId, BOT_ID, message.content, false);
    first.buttons = message.buttons;
    this.#channels.set(first.id, [first]);
    this.threads.set(first.id, forumId);
    this.#posts.set(first.id, { name, tags });
    this.#judge.count("posts of forums");
    this.#judge.posted(first);
    return first.id;
  }

  /** Returns what is known of a channel as a forum. */
  forum(channelId: string): Forum | undefined {
    if (!this.isForum(channelId)) return undefined;
    const tags = [...TAGS].map(([id, name]) => {
      return { id, name, isModerated: false };
    });
    return { id: channelId, guildId: "1", tags, requiresTag: false };
  }

  /** Lists the posts, the newest first. */
  listPosts(archived: boolean): FoundPost[] {
    const posts = [...this.#posts].filter(([id]) =>
      this.exists(id) && this.isArchived(id) === archived
    );
    return posts.reverse().map(([id, { name }]) => ({
      id,
      name,
      parentId: this.#forumId ?? "",
      ownerId: BOT_ID,
      archivedAt: new Date(EPOCH_MS + this.#time.nowMs).toISOString(),
    }));
  }

  /** Returns the tags of a post. */
  tagsOf(postId: string): readonly string[] {
    this.#channel(postId);
    return this.#posts.get(postId)?.tags ?? [];
  }

  setTags(postId: string, tags: readonly string[]): void {
    this.#channel(postId);
    const post = this.#posts.get(postId);
    if (post === undefined) throw refusal("PATCH /channels/:id", 400, 50024);
    post.tags = tags;
    this.unarchive(postId);
  }

  edit(
    channelId: string,
    messageId: string,
    rendered: RenderedMessage,
  ): void {
    this.#checkContent(PATCH, rendered);
    this.#judge.messageSent(rendered, undefined);
    const message = this.#channel(channelId).find((m) => m.id === messageId);
    if (message?.authorId !== BOT_ID) {
      this.#judge.fail(`edit of a foreign message in ${channelId}`);
      throw refusal(PATCH, 403, 50005);
    }
    if (message.deleted) throw refusal(PATCH, 404, 10008);
    if (this.#archived.has(channelId)) throw refusal(PATCH, 400, 50083);
    message.content = rendered.content;
    message.buttons = rendered.buttons;
    this.#judge.edited(message);
  }

  list(channelId: string, { before, after }: MessageCursor): Message[] {
    // What begins a post stands in the post.
    const all = this.isForum(channelId) ? [] : this.#channel(channelId);
    const found = all.filter((message) => !message.deleted)
      .filter((m) => before === undefined || BigInt(m.id) < BigInt(before))
      .filter((m) => after === undefined || BigInt(m.id) > BigInt(after));
    const page = after === undefined ? found.slice(-100) : found.slice(0, 100);
    return page.reverse();
  }

  lastMessageId(channelId: string): string | undefined {
    return this.#channel(channelId).at(-1)?.id;
  }

  createThread(channelId: string, messageId: string): void {
    const message = this.#channel(channelId).find((m) => m.id === messageId);
    if (message?.deleted !== false) throw refusal(CREATE, 404, 10008);
    if (this.threads.has(messageId)) throw refusal(CREATE, 400, 160004);
    this.threads.set(messageId, channelId);
    this.#channels.set(messageId, []);
  }

  isArchived(channelId: string): boolean {
    return this.#archived.has(channelId);
  }

  archive(channelId: string): void {
    this.#archived.add(channelId);
  }

  unarchive(channelId: string): void {
    this.#archived.delete(channelId);
  }

  #add(
    channelId: string,
    authorId: string,
    content: string,
    official: boolean,
    replyTo?: string,
  ): Message {
    const ms = EPOCH_MS + this.#time.nowMs + this.#skewMs - DISCORD_EPOCH_MS;
    const id = (BigInt(Math.floor(ms)) << 22n) + BigInt(this.#seq++);
    const message: Message = {
      id: String(id),
      channelId,
      parentId: this.threads.get(channelId),
      atMs: this.#time.nowMs,
      authorId,
      content,
      official,
      replyTo,
      deleted: false,
      buttons: [],
    };
    this.#channel(channelId).push(message);
    return message;
  }

  /** What does not exist cannot be replied to. */
  #checkReply(channelId: string, messageId: string): void {
    const message = this.#channel(channelId).find((m) => m.id === messageId);
    if (message?.deleted !== false) throw refusal(POST, 400, 50035);
  }

  #checkContent(route: string, { content, embeds }: RenderedMessage): void {
    if (
      content.includes(OFFENSE) ||
      JSON.stringify(embeds ?? []).includes(OFFENSE)
    ) {
      throw refusal(route, 400, 240000);
    }
  }

  #channel(id: string): Message[] {
    const messages = this.#channels.get(id);
    if (messages !== undefined) return messages;
    throw refusal("GET /channels/:id", 404, 10003);
  }
}

/** Returns a definite refusal. */
export function refusal(
  route: string,
  status: number,
  code: number,
  retryAfterMs?: number,
): DiscordApiError {
  return new DiscordApiError(route, `refused with ${code}`, {
    status,
    code,
    retryAfterMs,
  });
}
