/**
 * The calls that the core needs of the Auth Service, and which versions of it are supported.
 *
 * The client implements them; tests implement them in memory.
 *
 * @module
 */

import { isAtLeast } from "../lib/versions.ts";
import type { AccessRequest, Resource, ResourceId } from "./access_request.ts";
import type { MonitoringRule } from "./monitoring_rule.ts";
import type { User } from "./user.ts";

/** How far a list may be behind the events: Teleport reads lists from caches. */
export const LIST_LAG_MS = 10_000;

/** Name under which this plugin and the official one keep their data, and by which rules name it. */
export const PLUGIN_NAME = "discord";

/** Kinds of the resources that are watched. */
export const ACCESS_REQUEST_KIND = "access_request";
export const MONITORING_RULE_KIND = "access_monitoring_rule";

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
export type StoredEntriesById = Pick<
  ReadonlyMap<string, StoredEntries>,
  "get" | "keys"
>;

/** Answer of `Ping`. */
export interface ServerInfo {
  readonly clusterName: string;
  readonly serverVersion: string;
  /** `host:port` of the web UI; empty if there is none or the edition has no web reviews. */
  readonly webAddress: string;
  /** Whether roles may let people review, which the Community Edition refuses to store. */
  readonly takesReviews: boolean;
}

/** How large an answer of the Auth Service may be where there is memory enough. */
export const ANSWER_BYTES = { usual: 64 * 2 ** 20, large: 512 * 2 ** 20 };

/**
 * The Auth Service. Every method rejects with a `TeleportError`, or with the reason of the signal that ends its
 * calls.
 *
 * @see TeleportClient, which implements it over gRPC.
 */
export interface AuthService {
  /** Returns the same service for calls that this signal ends. */
  within(signal: AbortSignal): AuthService;
  ping(): Promise<ServerInfo>;
  /**
   * Watches access requests and monitoring rules until the stream ends, which is always an error.
   * Events are handed over as they come and never wait for the receiver.
   */
  watchEvents(onEvent: (event: WatchEvent) => void): Promise<never>;
  /**
   * Lists requests, newest first, some at a time.
   *
   * @param reading `ahead` reads a page while the one before is taken in: it is older by that time.
   */
  listAccessRequests(
    reading?: "ahead",
  ): AsyncIterable<readonly AccessRequest[]>;
  /** Lists monitoring rules; `undefined` if the server knows none. Those of other plugins may be among them. */
  listMonitoringRules(): Promise<readonly MonitoringRule[] | undefined>;
  /** Reads one request by its ID, past every cache; `undefined` if there is none. */
  getAccessRequest(id: string): Promise<AccessRequest | undefined>;
  /**
   * Reads the data of this plugin for all requests, by request ID, in one answer.
   *
   * @param size `large` takes a connection of its own, and for a moment twice the memory of the answer.
   * @throws {TeleportError} With RESOURCE_EXHAUSTED if the answer is larger than {@linkcode ANSWER_BYTES}.
   */
  listPluginData(size?: "large"): Promise<StoredEntriesById>;
  /** Reads the data of this plugin for one request; `undefined` if nothing is stored. */
  getPluginData(id: string): Promise<StoredEntries | undefined>;
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
  ): Promise<void>;
  /** Logins that a role allows, as written in the role. */
  getRoleLogins(role: string): Promise<readonly string[]>;
  /** Reads a user by name; `undefined` if there is none, such as a user of another cluster. */
  getUser(name: string): Promise<User | undefined>;
  /**
   * Reads what a user had at the last login, grants of access lists included; `undefined` if the user
   * never logged in.
   */
  getUserLoginState(name: string): Promise<User | undefined>;
  /** Looks up resources; returns those that are found, by `formatResourceId`. Leaf clusters' never are. */
  findResources(
    resources: readonly ResourceId[],
  ): Promise<Map<string, Resource>>;
}

/** Oldest major version of Teleport that this program is made for. */
export const OLDEST_TELEPORT = 14;

/**
 * Whether this program is made for a version of Teleport, such as `18.0.0`. Newer ones than were tried
 * count as well, as long as nothing is known that is different for this program:
 * docs/teleport-versions.md.
 */
export function isSupportedTeleport(version: string): boolean {
  return Number.parseInt(version) >= OLDEST_TELEPORT;
}

/** Whether a rule says whom this plugin tells of access requests. */
export function concernsRouting(rule: MonitoringRule): boolean {
  return rule.plugin === PLUGIN_NAME &&
    rule.subjects.includes(ACCESS_REQUEST_KIND);
}

/**
 * First version of Teleport that stores the schedules of access monitoring rules. One before it drops them
 * without a word, and the rule holds day and night.
 *
 * Source: the reference of Teleport's operator; on 18.0.0 it was seen that they are dropped.
 */
export const SCHEDULES_SINCE = "18.2.8";

/** Whether a version of Teleport, such as `18.0.0`, stores the schedules of access monitoring rules. */
export function keepsSchedules(version: string): boolean {
  return isAtLeast(version, SCHEDULES_SINCE);
}
