/**
 * Discord, as far as messages of channels go.
 *
 * Source: docs/design/discord-messages.md 3; docs/design/discord-errors.md 2.
 *
 * @module
 */

import { DiscordApiError } from "../../src/ports/discord_error.ts";
import type { MessageCursor } from "../../src/ports/messenger.ts";
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

const POST = "POST /channels/:id/messages";
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
  #seq = 0;

  constructor(
    world: { time: VirtualTime; judge: Judge },
    options: { discordSkewMs: number; nonceWindowMs: number },
  ) {
    this.#time = world.time;
    this.#judge = world.judge;
    this.#skewMs = options.discordSkewMs;
    this.#nonceWindowMs = options.nonceWindowMs;
    for (const id of ALL_CHANNELS) this.#channels.set(id, []);
  }

  /** Every message of a channel, oldest first, deleted ones too. */
  messages(channelId: string): readonly Message[] {
    return this.#channel(channelId);
  }

  /** Lets a person say something in every channel. */
  chatter(): void {
    for (const id of ALL_CHANNELS) this.#add(id, PERSON_ID, "hello", false);
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
    const found = this.#channel(channelId)
      .filter((message) => !message.deleted)
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
