/**
 * Teleport and Discord in memory, behind the interfaces that the service calls.
 *
 * They answer as the real services do; a {@linkcode Script} makes them fail.
 *
 * @module
 */

import { DiscordApiError } from "../../src/discord/errors.ts";
import {
  type AccessRequest,
  formatResourceId,
  type ResourceId,
} from "../../src/domain/access_request.ts";
import type { RenderedMessage } from "../../src/domain/announcement.ts";
import type { Entries } from "../../src/domain/plugin_data.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type {
  AuthService,
  ChannelInfo,
  Compose,
  FoundMessage,
  Messenger,
  Patience,
  ServerInfo,
  StoredEntries,
  WatchEvent,
} from "../../src/service/ports.ts";
import { snowflakeAt } from "../../src/service/search.ts";
import { type StatusName, TeleportError } from "../../src/teleport/errors.ts";
import { Script } from "./script.ts";

export const BOT_ID = "900000000000000001";
export const PERSON_ID = "900000000000000002";

const PAGE_SIZE = 500;
const HISTORY_PAGE = 100;
/** Discord remembers a nonce for some minutes. */
const NONCE_MS = 300_000;

/** Returns an error as the client for Teleport throws it. */
export function teleportError(
  code: StatusName,
  method = "UpdatePluginData",
): TeleportError {
  return new TeleportError(method, code, `the service says ${code}`);
}

/** Returns an error as the client for Discord throws it. */
export function discordError(
  status: number,
  code?: number,
  route = "POST /channels/:id/messages",
): DiscordApiError {
  return new DiscordApiError(route, `status ${status}`, { status, code });
}

/** A compare-and-swap that was asked for. */
export interface Write {
  readonly id: string;
  readonly set: Entries;
  readonly expect: Entries;
}

/** The Auth Service. Calls are known as their method, and the request's ID if there is one. */
export class MemoryAuth implements AuthService {
  readonly script: Script;
  readonly requests = new Map<string, AccessRequest>();
  readonly data = new Map<string, StoredEntries>();
  /** Writes that were asked for, whether they came to pass or not. */
  readonly writes: Write[] = [];
  /** Kinds that a watch agrees to send. */
  kinds: readonly string[] = ["access_request"];
  /** Whether a watch says INIT. */
  saysInit = true;
  /** What a list shows instead of the requests. */
  listed: readonly AccessRequest[] | undefined;
  readonly #watches = new Map<
    (event: WatchEvent) => void,
    (e: Error) => void
  >();

  constructor(clock: Clock) {
    this.script = new Script(clock);
  }

  /** How many streams are open. */
  get watches(): number {
    return this.#watches.size;
  }

  /** Stores a request and tells the watches. */
  put(request: AccessRequest): void {
    this.requests.set(request.id, request);
    this.send({ kind: "put", request });
  }

  /** Takes a request away and tells the watches. */
  remove(id: string): void {
    this.requests.delete(id);
    this.send({ kind: "delete", requestId: id });
  }

  /** Sends an event to every watch. */
  send(event: WatchEvent): void {
    for (const onEvent of this.#watches.keys()) onEvent(event);
  }

  /** Ends every watch. */
  endWatches(error: Error): void {
    for (const end of [...this.#watches.values()]) end(error);
  }

  /** Stores plugin data, whatever was stored before, as another process does. */
  store(id: string, entries: Entries, expires?: Date): void {
    this.data.set(id, { entries, expires });
  }

  /** Returns the plugin data of a request. */
  stored(id: string): Entries {
    return this.data.get(id)?.entries ?? {};
  }

  ping(signal: AbortSignal): Promise<ServerInfo> {
    return this.script.run("Ping", signal, () => ({
      clusterName: "example.com",
      serverVersion: "18.0.0",
      webAddress: "",
    }));
  }

  async watchEvents(
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<never> {
    await this.script.run("WatchEvents", signal, () => {});
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    this.#watches.set(onEvent, reject);
    signal.addEventListener("abort", abort, { once: true });
    if (this.saysInit) onEvent({ kind: "init", kinds: this.kinds });
    try {
      return await promise;
    } finally {
      this.#watches.delete(onEvent);
      signal.removeEventListener("abort", abort);
    }
  }

  async *listAccessRequests(
    signal: AbortSignal,
  ): AsyncIterable<readonly AccessRequest[]> {
    const all = this.listed ?? [...this.requests.values()].reverse();
    for (let from = 0; from === 0 || from < all.length; from += PAGE_SIZE) {
      const page = () => all.slice(from, from + PAGE_SIZE);
      yield await this.script.run("ListAccessRequests", signal, page);
    }
  }

  getAccessRequest(
    id: string,
    signal: AbortSignal,
  ): Promise<AccessRequest | undefined> {
    const read = () => this.requests.get(id);
    return this.script.run(`GetAccessRequest ${id}`, signal, read);
  }

  listPluginData(signal: AbortSignal): Promise<Map<string, StoredEntries>> {
    const read = () => new Map(this.data);
    return this.script.run("ListPluginData", signal, read);
  }

  getPluginData(
    id: string,
    signal: AbortSignal,
  ): Promise<StoredEntries | undefined> {
    const read = () => this.data.get(id);
    return this.script.run(`GetPluginData ${id}`, signal, read);
  }

  updatePluginData(
    id: string,
    set: Entries,
    expect: Entries,
    signal: AbortSignal,
  ): Promise<void> {
    return this.script.run(`UpdatePluginData ${id}`, signal, () => {
      this.writes.push({ id, set, expect });
      const now = this.data.get(id);
      if (now === undefined && !this.requests.has(id)) {
        throw teleportError("NOT_FOUND");
      }
      const entries = { ...now?.entries };
      for (const [key, value] of Object.entries(expect)) {
        if ((entries[key] ?? "") !== value) {
          throw teleportError("FAILED_PRECONDITION");
        }
      }
      for (const [key, value] of Object.entries(set)) {
        if (value === "") delete entries[key];
        else entries[key] = value;
      }
      this.store(id, entries, now?.expires);
    });
  }

  getRoleLogins(role: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.script.run(`GetRole ${role}`, signal, () => ["root"]);
  }

  findResourceNames(
    resources: readonly ResourceId[],
    signal: AbortSignal,
  ): Promise<Map<string, string>> {
    const kind = resources[0]?.kind ?? "";
    return this.script.run(
      `ListResources ${kind}`,
      signal,
      () => new Map(resources.map((r) => [formatResourceId(r), `${kind}/web`])),
    );
  }
}

/** A message as it stands in its channel. */
export interface Message extends FoundMessage {
  content: string;
  embeds: RenderedMessage["embeds"];
  readonly nonce: string;
  readonly postedMs: number;
  deleted: boolean;
}

/** Discord. Calls are known as method and path. */
export class MemoryDiscord implements Messenger {
  readonly script: Script;
  /** Whether the bot may read the messages of its channels. */
  readsHistory = true;
  readonly #clock: Clock;
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
      nonce: "",
      deleted: false,
      ...fields,
      postedMs,
    };
    this.messages(channelId).push(message);
    return message;
  }

  getCurrentUser(
    patience: Patience,
  ): Promise<{ readonly id: string; readonly username: string }> {
    const user = { id: BOT_ID, username: "bot" };
    return this.script.run("GET /users/@me", patience.call, () => user);
  }

  createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    _order: number,
    patience: Patience,
  ): Promise<string | undefined> {
    const call = `POST /channels/${channelId}/messages`;
    return this.#composed(call, compose, patience, ({ content, embeds }) => {
      const oldestMs = this.#clock.now() - NONCE_MS;
      const first = this.messages(channelId).find((m) =>
        m.nonce === nonce && m.postedMs > oldestMs
      );
      if (first?.deleted) throw discordError(404, 10008);
      return (first ?? this.add(channelId, { content, embeds, nonce })).id;
    });
  }

  async editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    _order: number,
    patience: Patience,
  ): Promise<boolean> {
    const call = `PATCH /channels/${channelId}/messages/${messageId}`;
    const edited = await this.#composed(call, compose, patience, (rendered) => {
      const message = this.messages(channelId).find((m) => m.id === messageId);
      if (message === undefined || message.deleted) {
        throw discordError(404, 10008, "PATCH /channels/:id/messages/:id");
      }
      message.content = rendered.content;
      message.embeds = rendered.embeds ?? message.embeds;
      return true;
    });
    return edited ?? false;
  }

  listMessages(
    channelId: string,
    before: string | undefined,
    patience: Patience,
  ): Promise<readonly FoundMessage[]> {
    const call = `GET /channels/${channelId}/messages`;
    return this.script.run(call, patience.call, () => {
      if (!this.readsHistory) return [];
      const older = (m: Message) =>
        before === undefined || BigInt(m.id) < BigInt(before);
      return this.messages(channelId)
        .filter((message) => !message.deleted && older(message))
        .slice(-HISTORY_PAGE).reverse();
    });
  }

  getChannel(channelId: string, patience: Patience): Promise<ChannelInfo> {
    return this.script.run(`GET /channels/${channelId}`, patience.call, () => ({
      id: channelId,
      name: "reviews",
      lastMessageId: this.messages(channelId).at(-1)?.id,
    }));
  }

  openDirectMessage(userId: string, patience: Patience): Promise<string> {
    const call = `POST /users/@me/channels ${userId}`;
    return this.script.run(call, patience.call, () => `7${userId.slice(1)}`);
  }

  unarchiveThread(channelId: string, patience: Patience): Promise<void> {
    const call = `PATCH /channels/${channelId}`;
    return this.script.run(call, patience.call, () => {});
  }

  /** Waits for a slot, composes, and calls. */
  async #composed<T>(
    call: string,
    compose: Compose,
    patience: Patience,
    effect: (message: RenderedMessage) => T,
  ): Promise<T | undefined> {
    const step = this.script.plan(call);
    patience.wait.throwIfAborted();
    if (step.slotMs !== undefined) {
      await this.#clock.sleep(step.slotMs, patience.wait);
    }
    const message = await compose();
    if (message === undefined) return undefined;
    return await this.script.run(
      call,
      patience.call,
      () => effect(message),
      step,
    );
  }
}
