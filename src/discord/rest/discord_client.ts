/**
 * Calls Discord's HTTP API.
 *
 * @module
 */

import type { Patience } from "../../lib/async/cancellation.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { Secret } from "../../lib/secret.ts";
import type {
  ChannelInfo,
  Compose,
  FoundMessage,
  MessageCursor,
  Messenger,
} from "../../ports/messenger.ts";
import { type Route, routeOf } from "../rate_limit/api_route.ts";
import { readLimits } from "../rate_limit/limit_headers.ts";
import { RateLimiter } from "../rate_limit/rate_limiter.ts";
import {
  type Answer,
  discordError,
  isObject,
  type JsonObject,
} from "./answer.ts";
import { failedAnswer } from "./call_failure.ts";
import { HttpCaller, type HttpCallerOptions } from "./http_caller.ts";
import { encodeEdit, encodePost } from "./message_payload.ts";

const MAX_LISTED = 100;

/**
 * How long the composing of a call may take, from its first look at what is stored until it is sent. A process that
 * was held still in between would else send what others have overtaken.
 */
const MAX_COMPOSE_MS = 5000;

/** Gives out the right to make a call. */
export type Slots = Pick<RateLimiter, "acquire">;

/** Makes a call. */
export type Sender = Pick<HttpCaller, "send">;

/** What a {@linkcode DiscordClient} needs. */
export interface DiscordClientOptions extends HttpCallerOptions {
  /** Used instead of one of its own, such as one that measures. */
  readonly limiter?: Slots;
  readonly http?: Sender;
  /** Returns the bot's token. It is asked before each call, so that a new token needs no restart. */
  readonly token: () => Secret;
  readonly logger: Logger;
}

/** One attempt: what to send, once the slot is there, and how to read the answer. */
interface Call<T> {
  readonly route: Route;
  /** Composes the body; `undefined` means that no call is needed. May be asked again. */
  readonly compose: () => Promise<{ readonly body?: unknown } | undefined>;
  /** Reads the answer of a call that went well; `undefined` if it lacks what it should have. */
  readonly read: (answer: Answer) => T | undefined;
  readonly order?: number;
}

/**
 * The bot, as Discord sees it.
 *
 * Each call waits for its slot, is composed, and is sent once. It rejects with a `DiscordApiError`, or with
 * the reason of the signal that ended it. If a refusal arrives while a message is composed, the call
 * waits anew, and the message is composed anew.
 */
export class DiscordClient implements Messenger {
  readonly #options: DiscordClientOptions;
  readonly #limiter: Slots;
  readonly #http: Sender;

  constructor(options: DiscordClientOptions) {
    this.#options = options;
    const { limiter, http } = options;
    this.#limiter = limiter ?? new RateLimiter(options.clock, options.logger);
    this.#http = http ?? new HttpCaller(options);
  }

  getCurrentUser(
    patience: Patience,
  ): Promise<{ readonly id: string; readonly username: string }> {
    return this.#call({
      route: routeOf("GET", "/users/@me"),
      compose: nothing,
      read: ({ json }) =>
        isObject(json) && typeof json.id === "string"
          ? { id: json.id, username: textOf(json.username) }
          : undefined,
    }, patience);
  }

  createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    order: number,
    patience: Patience,
  ): Promise<string | undefined> {
    return this.#attempt({
      route: routeOf("POST", "/channels/:id/messages", channelId),
      compose: async () => {
        const message = await compose();
        return message && { body: encodePost(message, nonce) };
      },
      read: readId,
      order,
    }, patience);
  }

  async editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    order: number,
    patience: Patience,
  ): Promise<boolean> {
    const edited = await this.#attempt({
      route: routeOf(
        "PATCH",
        "/channels/:id/messages/:id",
        channelId,
        messageId,
      ),
      compose: async () => {
        const message = await compose();
        return message && { body: encodeEdit(message) };
      },
      read: readDone,
      order,
    }, patience);
    return edited ?? false;
  }

  listMessages(
    channelId: string,
    cursor: MessageCursor,
    patience: Patience,
  ): Promise<readonly FoundMessage[]> {
    const route = routeOf("GET", "/channels/:id/messages", channelId);
    const query = new URLSearchParams({ limit: `${MAX_LISTED}`, ...cursor });
    return this.#call({
      route: { ...route, path: `${route.path}?${query}` },
      compose: nothing,
      read: ({ json }) =>
        Array.isArray(json) ? json.flatMap(readMessage) : undefined,
    }, patience);
  }

  getChannel(channelId: string, patience: Patience): Promise<ChannelInfo> {
    return this.#call({
      route: routeOf("GET", "/channels/:id", channelId),
      compose: nothing,
      read: ({ json }) =>
        isObject(json) && typeof json.id === "string"
          ? {
            id: json.id,
            name: textOf(json.name),
            lastMessageId: textOf(json.last_message_id) || undefined,
            guildId: textOf(json.guild_id) || undefined,
          }
          : undefined,
    }, patience);
  }

  openDirectMessage(userId: string, patience: Patience): Promise<string> {
    return this.#call({
      route: routeOf("POST", "/users/@me/channels"),
      compose: () => Promise.resolve({ body: { recipient_id: userId } }),
      read: readId,
    }, patience);
  }

  /** Asks where the Gateway is, and how many sessions may still be started; `Gateway` checks what it says. */
  getGateway(patience: Patience): Promise<JsonObject> {
    return this.#call({
      route: routeOf("GET", "/gateway/bot"),
      compose: nothing,
      read: ({ json }) => isObject(json) ? json : undefined,
    }, patience);
  }

  async unarchiveThread(channelId: string, patience: Patience): Promise<void> {
    await this.#call({
      route: routeOf("PATCH", "/channels/:id", channelId),
      compose: () => Promise.resolve({ body: { archived: false } }),
      read: readDone,
    }, patience);
  }

  /** Deletes a message of this bot. */
  async deleteMessage(
    channelId: string,
    messageId: string,
    patience: Patience,
  ): Promise<void> {
    const template = "/channels/:id/messages/:id";
    await this.#call({
      route: routeOf("DELETE", template, channelId, messageId),
      compose: nothing,
      read: readDone,
    }, patience);
  }

  /**
   * Reads something that has no method of its own.
   *
   * @param read Returns `undefined` if the answer lacks what it should have.
   */
  get<T>(
    route: Route<"GET">,
    read: (json: unknown) => T | undefined,
    patience: Patience,
  ): Promise<T> {
    const compose = nothing;
    return this.#call(
      { route, compose, read: ({ json }) => read(json) },
      patience,
    );
  }

  /** Makes a call that is always needed. */
  async #call<T>(call: Call<T>, patience: Patience): Promise<T> {
    const result = await this.#attempt(call, patience);
    if (result === undefined) throw new TypeError("A call was not composed");
    return result;
  }

  async #attempt<T>(
    call: Call<T>,
    patience: Patience,
  ): Promise<T | undefined> {
    for (;;) {
      using slot = await this.#limiter.acquire(
        call.route,
        call.order ?? 0,
        patience.wait,
      );
      const startedMs = this.#options.clock.monotonic();
      const composed = await call.compose();
      if (composed === undefined) return undefined;
      const tookMs = this.#options.clock.monotonic() - startedMs;
      if (slot.isClosed || tookMs >= MAX_COMPOSE_MS) continue;
      patience.call.throwIfAborted();
      slot.sent();
      const answer = await this.#http.send(
        call.route,
        composed.body,
        this.#options.token(),
        patience.call,
      );
      const { status, headers } = answer;
      slot.settle(readLimits(status, headers, discordError(answer)));
      const isSuccess = status >= 200 && status < 300 &&
        discordError(answer) === undefined;
      const result = isSuccess ? call.read(answer) : undefined;
      if (result === undefined) throw failedAnswer(call.route, answer);
      return result;
    }
  }
}

function nothing(): Promise<{ readonly body?: unknown }> {
  return Promise.resolve({});
}

function readId({ json }: Answer): string | undefined {
  return isObject(json) ? textOf(json.id) || undefined : undefined;
}

function readDone({ status, json }: Answer): true | undefined {
  return status === 204 || isObject(json) ? true : undefined;
}

function readMessage(value: unknown): FoundMessage[] {
  if (!isObject(value) || !isObject(value.author)) return [];
  const { id, content, author, message_reference: reference } = value;
  if (typeof id !== "string" || typeof author.id !== "string") return [];
  const replyTo = isObject(reference) ? textOf(reference.message_id) : "";
  return [{
    id,
    authorId: author.id,
    content: textOf(content),
    replyTo: replyTo || undefined,
  }];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
