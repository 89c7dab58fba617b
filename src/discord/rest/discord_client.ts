/**
 * Calls Discord's HTTP API.
 *
 * @module
 */

import type { Cancellation } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import type { Logger } from "../../lib/log/logger.ts";
import type { Secret } from "../../lib/secret.ts";
import {
  type ChannelInfo,
  type Compose,
  type ComposedPost,
  type FoundMessage,
  type FoundPost,
  MAX_READ_AGE_MS,
  type MessageCursor,
  type Messenger,
} from "../../ports/messenger.ts";
import type { RenderedMessage } from "../../ports/rendered_message.ts";
import { type ApiRoute, routeOf } from "../rate_limit/api_route.ts";
import { readLimits } from "../rate_limit/limit_headers.ts";
import { RateLimiter } from "../rate_limit/rate_limiter.ts";
import {
  type Answer,
  isObject,
  type JsonObject,
  objectsOf,
  textOf,
} from "./answer.ts";
import { failedAnswer } from "./call_failure.ts";
import type { HttpCaller } from "./http_caller.ts";
import { readAppliedTags, readForum, readPosts } from "./forum_answers.ts";
import { encodeEdit, encodeForumPost, encodePost } from "./message_payload.ts";

const MAX_LISTED = 100;

/** What a {@linkcode DiscordClient} needs. */
export interface DiscordClientOptions {
  readonly http: HttpCaller;
  readonly clock: Clock;
  /** Used instead of one of its own. */
  readonly limiter?: RateLimiter;
  /** Called with how long each call waited for the rate limits. */
  readonly onSlot?: (route: string, ms: number) => void;
  /** Returns the bot's token. It is asked before each call, so that a new token needs no restart. */
  readonly token: () => Secret;
  readonly logger: Logger;
  /** `stop` ends the wait of each call for its slot, `deadline` the call itself. */
  readonly cancellation: Cancellation;
}

/** What to send, and when that was read which it was composed from. */
interface Composed {
  readonly body: unknown;
  readonly readAtMs?: number | undefined;
}

/** One attempt: what to send, once the slot is there, and how to read the answer. */
interface Call<T> {
  readonly route: ApiRoute;
  /** What to send, where that is known from the start. */
  readonly body?: unknown;
  /** Composes the body; `undefined` means that no call is needed. May be asked again. */
  readonly compose?: () => Promise<Composed | undefined>;
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
export class DiscordClient implements Messenger, Disposable {
  readonly #options: DiscordClientOptions;
  readonly #limiter: RateLimiter;

  constructor(options: DiscordClientOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#limiter = options.limiter ?? new RateLimiter(clock, logger);
  }

  /** Returns the same client for calls that end at other times. */
  within(cancellation: Cancellation): DiscordClient {
    const limiter = this.#limiter;
    return new DiscordClient({ ...this.#options, limiter, cancellation });
  }

  /** Closes the connections that are kept open. */
  [Symbol.dispose](): void {
    this.#options.http[Symbol.dispose]();
  }

  getCurrentUser(): ReturnType<Messenger["getCurrentUser"]> {
    return this.get(routeOf("GET", "/users/@me"), readUser);
  }

  createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    order: number,
  ): Promise<string | undefined> {
    return this.#attempt({
      route: routeOf("POST", "/channels/:id/messages", channelId),
      compose: bodyOf(compose, (message) => encodePost(message, nonce)),
      read: readId,
      order,
    });
  }

  createPost(
    forumId: string,
    compose: Compose<ComposedPost>,
    order: number,
  ): Promise<string | undefined> {
    return this.#attempt({
      route: routeOf("POST", "/channels/:id/threads", forumId),
      compose: async () => {
        const post = await compose();
        return post &&
          { body: encodeForumPost(post), readAtMs: post.message.readAtMs };
      },
      read: readId,
      order,
    });
  }

  listActivePosts(guildId: string): Promise<readonly FoundPost[]> {
    const route = routeOf("GET", "/guilds/:id/threads/active", guildId);
    return this.get(route, readPosts);
  }

  listArchivedPosts(
    forumId: string,
    before: string | undefined,
  ): Promise<readonly FoundPost[]> {
    const template = "/channels/:id/threads/archived/public";
    const route = routeOf("GET", template, forumId);
    const cursor = before === undefined ? {} : { before };
    return this.#list(route, cursor, readPosts);
  }

  getPostTags(postId: string): Promise<readonly string[]> {
    const route = routeOf("GET", "/channels/:id", postId);
    return this.get(route, readAppliedTags);
  }

  setPostTags(postId: string, tags: readonly string[]): Promise<void> {
    const changes = { archived: false, applied_tags: [...tags] };
    return this.#modifyThread(postId, changes);
  }

  async editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    order: number,
  ): Promise<boolean> {
    const template = "/channels/:id/messages/:id";
    const edited = await this.#attempt({
      route: routeOf("PATCH", template, channelId, messageId),
      compose: bodyOf(compose, encodeEdit),
      read: readDone,
      order,
    });
    return edited ?? false;
  }

  listMessages(
    channelId: string,
    cursor: MessageCursor,
  ): Promise<readonly FoundMessage[]> {
    const route = routeOf("GET", "/channels/:id/messages", channelId);
    return this.#list(route, cursor, readMessages);
  }

  getChannel(channelId: string): Promise<ChannelInfo> {
    const route = routeOf("GET", "/channels/:id", channelId);
    return this.get(route, readChannel);
  }

  openDirectMessage(userId: string): Promise<string> {
    const route = routeOf("POST", "/users/@me/channels");
    const body = { recipient_id: userId };
    return this.#call({ route, body, read: readId });
  }

  /** Asks where the Gateway is, and how many sessions may still be started; `Gateway` checks what it says. */
  getGateway(): Promise<JsonObject> {
    const read = (json: unknown) => isObject(json) ? json : undefined;
    return this.get(routeOf("GET", "/gateway/bot"), read);
  }

  async createThread(
    channelId: string,
    messageId: string,
    name: string,
    order: number,
  ): Promise<void> {
    const template = "/channels/:id/messages/:id/threads";
    const route = routeOf("POST", template, channelId, messageId);
    const call = { route, body: { name }, read: readDone, order };
    await this.#call(call);
  }

  archiveThread(threadId: string): Promise<void> {
    return this.#modifyThread(threadId, { archived: true });
  }

  unarchiveThread(channelId: string): Promise<void> {
    return this.#modifyThread(channelId, { archived: false });
  }

  async #modifyThread(threadId: string, body: JsonObject): Promise<void> {
    const route = routeOf("PATCH", "/channels/:id", threadId);
    await this.#call({ route, body, read: readDone });
  }

  /** Deletes a message of this bot. */
  async deleteMessage(channelId: string, messageId: string): Promise<void> {
    const template = "/channels/:id/messages/:id";
    const route = routeOf("DELETE", template, channelId, messageId);
    await this.#call({ route, read: readDone });
  }

  /**
   * Reads something that has no method of its own.
   *
   * @param read Returns `undefined` if the answer lacks what it should have.
   */
  get<T>(
    route: ApiRoute<"GET">,
    read: (json: unknown) => T | undefined,
  ): Promise<T> {
    return this.#call({ route, read: ({ json }) => read(json) });
  }

  /** Lists as many as one answer holds. */
  #list<T>(
    route: ApiRoute<"GET">,
    cursor: MessageCursor,
    read: (json: unknown) => T | undefined,
  ): Promise<T> {
    const query = new URLSearchParams({ limit: `${MAX_LISTED}`, ...cursor });
    const path = `${route.path}?${query}`;
    return this.get({ ...route, path }, read);
  }

  /** Makes a call that is always needed. */
  async #call<T>(call: Call<T>): Promise<T> {
    const result = await this.#attempt(call);
    if (result === undefined) throw new TypeError("A call was not composed");
    return result;
  }

  async #attempt<T>(call: Call<T>): Promise<T | undefined> {
    const { clock, onSlot, cancellation } = this.#options;
    const { stop, deadline } = cancellation;
    const { route, body, compose, order = 0 } = call;
    for (;;) {
      const startedMs = clock.monotonic();
      using slot = await this.#limiter.acquire(route, order, stop)
        .finally(() => onSlot?.(route.name, clock.monotonic() - startedMs));
      const composingMs = clock.monotonic();
      const composed = compose === undefined ? { body } : await compose();
      if (composed === undefined) return undefined;
      if (slot.isClosed()) continue;
      const { readAtMs = composingMs } = composed;
      const ageMs = clock.monotonic() - readAtMs;
      if (ageMs >= MAX_READ_AGE_MS) {
        this.#options.logger.warn("call came too late, composing it anew", {
          route: route.name,
          age_ms: Math.round(ageMs),
          hint:
            "the Auth Service takes seconds to answer, or this process was held still",
        });
        continue;
      }
      deadline.throwIfAborted();
      slot.sent();
      const answer = await this.#options.http.send(
        route,
        composed.body,
        this.#options.token(),
        deadline,
      );
      const { status, headers, error } = answer;
      slot.settle(readLimits(status, headers, error));
      const isSuccess = status >= 200 && status < 300 && error === undefined;
      const result = isSuccess ? call.read(answer) : undefined;
      if (result === undefined) throw failedAnswer(route, answer);
      return result;
    }
  }
}

/** Returns what composes the body of a call that sends a message. */
function bodyOf(
  compose: Compose,
  encode: (message: RenderedMessage) => unknown,
): () => Promise<Composed | undefined> {
  return async () => {
    const message = await compose();
    return message && { body: encode(message), readAtMs: message.readAtMs };
  };
}

function readUser(json: unknown): { id: string; username: string } | undefined {
  return isObject(json) && typeof json.id === "string"
    ? { id: json.id, username: textOf(json.username) }
    : undefined;
}

function readChannel(json: unknown): ChannelInfo | undefined {
  if (!isObject(json) || typeof json.id !== "string") return undefined;
  return {
    name: textOf(json.name),
    lastMessageId: textOf(json.last_message_id) || undefined,
    guildId: textOf(json.guild_id) || undefined,
    forum: readForum(json),
  };
}

function readId({ json }: Answer): string | undefined {
  return isObject(json) ? textOf(json.id) || undefined : undefined;
}

function readDone({ status, json }: Answer): true | undefined {
  return status === 204 || isObject(json) ? true : undefined;
}

function readMessages(json: unknown): readonly FoundMessage[] | undefined {
  return Array.isArray(json) ? objectsOf(json).flatMap(readMessage) : undefined;
}

function readMessage({ id, content, author }: JsonObject): FoundMessage[] {
  if (!isObject(author)) return [];
  if (typeof id !== "string" || typeof author.id !== "string") return [];
  return [{ id, authorId: author.id, content: textOf(content) }];
}
