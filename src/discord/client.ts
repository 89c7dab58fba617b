/**
 * Calls Discord's HTTP API.
 *
 * @module
 */

import type {
  ChannelInfo,
  Compose,
  FoundMessage,
  Messenger,
  Patience,
} from "../service/ports.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Secret } from "../lib/secret.ts";
import { type Answer, discordError, isObject, readAnswer } from "./answer.ts";
import { failedAnswer, failedFetch, timedOut } from "./failure.ts";
import { HttpPool } from "./http_pool.ts";
import { encodeEdit, encodePost } from "./payload.ts";
import { readLimits } from "./rate_limit.ts";
import { RateLimiter } from "./rate_limiter.ts";
import { type Route, routeOf } from "./route.ts";

/** Version of the API that this client speaks. A path without one means v6. */
const API_VERSION = "v10";

const PROJECT_URL = "https://github.com/teleport-discord/teleport-discord";

const MAX_LISTED = 100;

/** What a {@linkcode DiscordClient} needs. */
export interface DiscordClientOptions {
  /** Base of the API; the version is appended unless it ends in one. */
  readonly apiUrl: string;
  /** Returns the bot's token. It is asked before each call, so that a new token needs no restart. */
  readonly token: () => Secret;
  /** Version of this program, for `User-Agent`. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one call may take, from sending to the end of the answer. */
  readonly callTimeoutMs?: number;
  readonly fetch?: typeof fetch;
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
  readonly #limiter: RateLimiter;
  readonly #http = new HttpPool();
  readonly #base: string;

  constructor(options: DiscordClientOptions) {
    this.#options = options;
    this.#limiter = new RateLimiter(options.clock, options.logger);
    this.#base = withVersion(options.apiUrl);
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
    before: string | undefined,
    patience: Patience,
  ): Promise<readonly FoundMessage[]> {
    const route = routeOf("GET", "/channels/:id/messages", channelId);
    const query = new URLSearchParams({ limit: `${MAX_LISTED}` });
    if (before !== undefined) query.set("before", before);
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

  async unarchiveThread(channelId: string, patience: Patience): Promise<void> {
    await this.#call({
      route: routeOf("PATCH", "/channels/:id", channelId),
      compose: () => Promise.resolve({ body: { archived: false } }),
      read: readDone,
    }, patience);
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
      const composed = await call.compose();
      if (composed === undefined) return undefined;
      if (slot.isClosed) continue;
      patience.call.throwIfAborted();
      slot.sent();
      const answer = await this.#send(call.route, composed.body, patience.call);
      const { status, headers } = answer;
      slot.settle(readLimits(status, headers, discordError(answer)));
      const isSuccess = status >= 200 && status < 300 &&
        discordError(answer) === undefined;
      const result = isSuccess ? call.read(answer) : undefined;
      if (result === undefined) throw failedAnswer(call.route, answer);
      return result;
    }
  }

  /** Sends a call and reads its answer, within the time that one call may take. */
  async #send(
    route: Route,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { clock, callTimeoutMs = 15_000 } = this.#options;
    const ended = new AbortController();
    const end = () => ended.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    const late = timedOut(route, callTimeoutMs);
    clock.sleep(callTimeoutMs, ended.signal).then(
      () => ended.abort(late),
      () => {/* The answer came in time. */},
    );
    try {
      const answer = await this.#exchange(route, body, ended.signal);
      ended.signal.throwIfAborted();
      return answer;
    } catch (thrown) {
      ended.signal.throwIfAborted();
      throw failedFetch(route, thrown);
    } finally {
      signal.removeEventListener("abort", end);
      ended.abort();
    }
  }

  async #exchange(
    route: Route,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { token, version } = this.#options;
    const headers = new Headers({
      accept: "application/json",
      authorization: `Bot ${token().reveal()}`,
      "user-agent": `DiscordBot (${PROJECT_URL}, ${version})`,
    });
    if (body !== undefined) headers.set("content-type", "application/json");
    const fetch = this.#options.fetch ?? globalThis.fetch;
    using http = this.#http.borrow();
    const response = await fetch(this.#base + route.path, {
      client: http.client,
      method: route.method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // A redirect would carry the token to wherever it points.
      redirect: "manual",
      signal,
    });
    return await readAnswer(response);
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
  const { id, content, author } = value;
  return typeof id === "string" && typeof author.id === "string"
    ? [{ id, authorId: author.id, content: textOf(content) }]
    : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Returns the base of all paths: no slash at its end, and always a version. */
function withVersion(apiUrl: string): string {
  const base = apiUrl.replace(/\/+$/, "");
  return /\/v\d+$/.test(base) ? base : `${base}/${API_VERSION}`;
}
