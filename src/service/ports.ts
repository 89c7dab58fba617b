/**
 * The few calls that the service needs of Teleport and of Discord.
 *
 * The concrete clients implement these interfaces; tests implement them in memory.
 *
 * @module
 */

import type { AccessRequest, ResourceId } from "../domain/access_request.ts";
import type { RenderedMessage } from "../domain/announcement.ts";
import type { Resource } from "../domain/resource.ts";
import type { User } from "../domain/user.ts";
import type { MonitoringRule } from "../domain/monitoring_rule.ts";

/** What the event stream of the Auth Service says. */
export type WatchEvent =
  /** First event: the watch is open. `kinds` are the resource kinds that the server agreed to send. */
  | { readonly kind: "init"; readonly kinds: readonly string[] }
  | { readonly kind: "put"; readonly request: AccessRequest }
  | { readonly kind: "delete"; readonly requestId: string }
  | { readonly kind: "put rule"; readonly rule: MonitoringRule }
  | { readonly kind: "delete rule"; readonly name: string }
  /** Something that this build cannot use; `detail` names it for the log. */
  | { readonly kind: "unknown"; readonly detail: string };

/** The plugin data of one request: strings exactly as stored. */
export interface StoredEntries {
  readonly entries: Readonly<Record<string, string>>;
  /** When the Auth Service drops this data: access expiry + 1 h. */
  readonly expires: Date | undefined;
}

/** Plugin data by request ID; a `Map` is one. It may be decoded only when it is asked for. */
export interface StoredEntriesById {
  readonly size: number;
  get(id: string): StoredEntries | undefined;
  delete(id: string): boolean;
  keys(): IterableIterator<string>;
}

/** Answer of `Ping`. */
export interface ServerInfo {
  readonly clusterName: string;
  readonly serverVersion: string;
  /** `host:port` of the web UI; empty if there is none or the edition has no web reviews. */
  readonly webAddress: string;
}

/**
 * The Auth Service. Every method rejects with a `TeleportError`, or with the signal's reason.
 *
 * @see TeleportClient, which implements it over gRPC.
 */
export interface AuthService {
  ping(signal: AbortSignal): Promise<ServerInfo>;
  /**
   * Watches access requests and monitoring rules until the stream ends, which is always an error.
   * Events are handed over as they come and never wait for the receiver.
   */
  watchEvents(
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<never>;
  /** Lists requests, newest first, a page at a time. */
  listAccessRequests(
    signal: AbortSignal,
  ): AsyncIterable<readonly AccessRequest[]>;
  /** Lists monitoring rules; `undefined` if the server knows none. Those of other plugins may be among them. */
  listMonitoringRules(
    signal: AbortSignal,
  ): Promise<readonly MonitoringRule[] | undefined>;
  /** Reads one request by its ID, past every cache; `undefined` if there is none. */
  getAccessRequest(
    id: string,
    signal: AbortSignal,
  ): Promise<AccessRequest | undefined>;
  /** Reads the data of this plugin for all requests, by request ID, in one answer. */
  listPluginData(signal: AbortSignal): Promise<StoredEntriesById>;
  /** Reads the data of this plugin for one request; `undefined` if nothing is stored. */
  getPluginData(
    id: string,
    signal: AbortSignal,
  ): Promise<StoredEntries | undefined>;
  /**
   * Writes plugin data by compare-and-swap.
   *
   * `set` with the value `""` deletes a key. In `expect`, `""` requires that the key is absent;
   * an empty `expect` writes unconditionally.
   */
  updatePluginData(
    id: string,
    set: Readonly<Record<string, string>>,
    expect: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Logins that a role allows, as written in the role. */
  getRoleLogins(role: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Reads a user by name; `undefined` if there is none, such as a user of another cluster. */
  getUser(name: string, signal: AbortSignal): Promise<User | undefined>;
  /**
   * Reads what a user had at the last login, grants of access lists included; `undefined` if the user
   * never logged in.
   */
  getUserLoginState(
    name: string,
    signal: AbortSignal,
  ): Promise<User | undefined>;
  /** Looks up resources; returns those that are found, by `formatResourceId`. Leaf clusters' never are. */
  findResources(
    resources: readonly ResourceId[],
    signal: AbortSignal,
  ): Promise<Map<string, Resource>>;
}

/** How one look at one request ended: the kind of its plan, or that it failed. */
export const ROUND_RESULTS = [
  "ignore",
  "confirm",
  "route",
  "announce",
  "follow",
  "wait",
  "failed",
] as const;
export type RoundResult = typeof ROUND_RESULTS[number];

/** Runs a round, and hands on how it ended. */
export type AroundRound = (
  round: () => Promise<RoundResult>,
) => Promise<unknown>;

/** How long a call to Discord may take: `wait` ends the wait for a slot, `call` the call itself. */
export interface Patience {
  readonly wait: AbortSignal;
  readonly call: AbortSignal;
}

/** A message found in a channel. */
export interface FoundMessage {
  readonly id: string;
  readonly authorId: string;
  readonly content: string;
  /** ID of the message that it replies to. */
  readonly replyTo: string | undefined;
}

/** What is known of a channel. */
export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly lastMessageId: string | undefined;
  /** Server that it is in; `undefined` for direct messages. */
  readonly guildId: string | undefined;
}

/**
 * Composes a message at the last moment, when the call has its slot; `undefined` gives the slot back.
 *
 * It makes no calls to Discord itself: those would need slots, while it holds one.
 */
export type Compose = () => Promise<RenderedMessage | undefined>;

/**
 * Discord. Every method makes one attempt, after it waited for a slot of the rate limits, and rejects
 * with a `DiscordApiError`, or with the reason of a signal.
 *
 * `order` is the creation time of the request in milliseconds: where several calls wait for one
 * bucket, newest and oldest take turns.
 *
 * @see DiscordClient, which implements it over HTTP.
 */
export interface Messenger {
  getCurrentUser(
    patience: Patience,
  ): Promise<{ readonly id: string; readonly username: string }>;
  /** Posts a message, at most once for each nonce within some minutes; returns its ID. */
  createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    order: number,
    patience: Patience,
  ): Promise<string | undefined>;
  /** Edits a message of this bot; returns whether a call was made. */
  editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    order: number,
    patience: Patience,
  ): Promise<boolean>;
  /** Lists up to 100 messages, newest first, all older than the snowflake `before` if it is given. */
  listMessages(
    channelId: string,
    before: string | undefined,
    patience: Patience,
  ): Promise<readonly FoundMessage[]>;
  getChannel(channelId: string, patience: Patience): Promise<ChannelInfo>;
  /** Opens the direct-message channel of a user, always the same one; returns its ID. */
  openDirectMessage(userId: string, patience: Patience): Promise<string>;
  /** Takes a thread out of the archive, so that its messages can be edited. */
  unarchiveThread(channelId: string, patience: Patience): Promise<void>;
}
