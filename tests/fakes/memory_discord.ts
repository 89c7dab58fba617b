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
  type FoundMessage,
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
  embeds: RenderedMessage["embeds"];
  buttons: RenderedMessage["buttons"];
  /** Whom the post alerted. */
  readonly alerts: readonly string[];
  readonly nonce: string;
  readonly postedMs: number;
  deleted: boolean;
}

/** Discord. Calls are known as method and path. */
export class MemoryDiscord implements Messenger {
  readonly script: Script;
  /** Whether the bot may read the messages of its channels. */
  readsHistory = true;
  /** Gives out slots as in the real client; without it every call may go at once. */
  limiter: RateLimiter | undefined;
  readonly #clock: Clock;
  /** By ID, which is that of the message that the thread hangs from. */
  readonly threads = new Map<string, { name: string; archived: boolean }>();
  readonly #channels = new Map<string, Message[]>();
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
        const message = this.messages(channelId).find((m) =>
          m.id === messageId
        );
        if (message === undefined || message.deleted) {
          throw discordError(404, 10008, "PATCH /channels/:id/messages/:id");
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
      id: channelId,
      name: "reviews",
      lastMessageId: this.messages(channelId).at(-1)?.id,
      guildId: "1",
    }));
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
      this.threads.set(messageId, { name, archived: false });
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
    return this.script.run(call, cancellation.deadline, () => {});
  }

  /** Waits for a slot, composes, and calls. */
  async #composed<T>(
    call: string,
    compose: Compose,
    cancellation: Cancellation,
    effect: (message: RenderedMessage) => T,
  ): Promise<T | undefined> {
    const step = this.script.plan(call);
    cancellation.stop.throwIfAborted();
    if (step.slotMs !== undefined) {
      await this.#clock.sleep(step.slotMs, cancellation.stop);
    }
    using slot = await this.#slot(call, cancellation);
    let message: Awaited<ReturnType<Compose>>;
    do {
      message = await compose();
    } while (
      message?.readAtMs !== undefined &&
      this.#clock.monotonic() - message.readAtMs >= MAX_READ_AGE_MS
    );
    if (message === undefined) {
      this.script.putBack(call, step);
      return undefined;
    }
    slot?.sent();
    const answer = await this.script.run(
      call,
      cancellation.deadline,
      () => effect(message),
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
