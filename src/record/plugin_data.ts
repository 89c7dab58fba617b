/**
 * Plugin data: what is stored in the cluster about one announced request.
 *
 * The keys without `x-` are shared with the official plugin, byte for byte; it ignores and keeps ours.
 *
 * Source: docs/design/plugin-data.md 1; docs/design/plugin-data.md 2.
 *
 * @module
 */

import type {
  RequestKind,
  ResourceConstraints,
} from "../ports/access_request.ts";
import type { HiddenFields } from "./hidden_fields.ts";

/** What a message can say about its request; `EXPIRED` covers every request that went away unresolved. */
export const SHOWN_STATES = [
  "PENDING",
  "APPROVED",
  "DENIED",
  "PROMOTED",
  "EXPIRED",
] as const;

/** One of {@linkcode SHOWN_STATES}. */
export type ShownState = typeof SHOWN_STATES[number];

/** How a request ended, as stored; `""` while it is pending. */
export type Resolution = "" | Exclude<ShownState, "PENDING">;

/** A posted message. */
export interface MessageRef {
  readonly channelId: string;
  readonly messageId: string;
}

/** Whether a message is the first of a post in a forum: its thread has its ID. */
export function isForumPost({ channelId, messageId }: MessageRef): boolean {
  return channelId === messageId;
}

/** One request at one recipient. */
export type Delivery =
  | {
    readonly kind: "owed";
    /** Counts the announcements that were lost again; part of the nonce. */
    readonly generation: number;
    /** Since when; left out where that is within a minute of the request's creation. */
    readonly since?: Date;
  }
  | {
    readonly kind: "posted";
    readonly message: MessageRef;
    /** Counts the announcements that were lost again; part of the nonce. */
    readonly generation: number;
    /** Digest of the facts that the message shows, {@linkcode SHOWS_UNKNOWN} or {@linkcode SHOWS_GONE}. */
    readonly shows: string;
    /** What the message hides. */
    readonly hides: HiddenFields;
  }
  | { readonly kind: "dropped" };

/** One whose message is there, or was. */
export type PostedDelivery = Delivery & { readonly kind: "posted" };

/** The thread at the announcement of one recipient, or the post that it is. Its ID is that of the message. */
export type Thread =
  /** It is to be made. */
  | { readonly kind: "wanted" }
  /** `said` is the verdict that its messages have told so far; see `verdictOf`. */
  | { readonly kind: "open" | "closed"; readonly said: string }
  /** There is none, and none is to be made: Discord refused it, or a person deleted it. */
  | { readonly kind: "none" };

/** What a message shows is not known: it has to be edited. */
export const SHOWS_UNKNOWN = "?";

/** The message was deleted by a person, or can no longer be edited. */
export const SHOWS_GONE = "gone";

/** Stands for the Discord user of somebody who is not known yet. */
export const NOT_KNOWN = "?";

/** What is stored of a request and shown as it is. */
export interface ShownFacts {
  readonly user: string;
  readonly roles: readonly string[];
  /** Logins that each role allows; `undefined` as long as they could not be read. */
  readonly loginsByRole: ReadonlyMap<string, readonly string[]> | undefined;
  readonly reason: string;
  /** Display names of the requested resources, such as `node/web-1` or `/cluster/kind/name`. */
  readonly resources: readonly string[];
  /** What the access to a resource is narrowed to, by its place in `resources`. */
  readonly constraints: ReadonlyMap<number, ResourceConstraints>;
  readonly resolveReason: string;
  /** `undefined` in plugin data that the official plugin wrote; then only `reviewsCount` is known. */
  readonly reviewCounts: ReviewCounts | undefined;
  readonly reviewsCount: number;
  /** When the granted access begins; `undefined` if that is as soon as it is granted. */
  readonly accessStarts: Date | undefined;
}

/** Decoded plugin data of one request. */
export interface PluginData extends ShownFacts {
  /** Fields of the request that the build which wrote this did not know; see {@linkcode AccessRequest}. */
  readonly unknownFields: readonly string[];
  readonly resolution: Resolution;
  readonly annotations: ReadonlyMap<string, readonly string[]>;
  /** Whether this plugin has written here; otherwise only the official one has. */
  readonly own: boolean;
  /** Random ID of the process that acts for this request; `""` if there is none. */
  readonly leaseHolder: string;
  /** When a holder of the lease that has to wait before it acts last showed that it lives. */
  readonly renewed: Date | undefined;
  /** Decides the title; the request itself is not at hand any more when it has ended. */
  readonly kind: RequestKind;
  readonly created: Date | undefined;
  readonly requestExpires: Date | undefined;
  readonly accessExpires: Date | undefined;
  /** Whether EXPIRED was concluded from absence, without a DELETE event. */
  readonly inferred: boolean;
  /** By recipient: a channel ID, or `user:<id>`. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Discord user ID of the requester, or {@linkcode NOT_KNOWN}; `undefined` if there is none. */
  readonly userId: string | undefined;
  /**
   * Whom the announcement mentions: `role:` or `user:` and an ID. {@linkcode NOT_KNOWN} among them says
   * that some reviewers are not known yet who are to be mentioned or told.
   */
  readonly mentions: readonly string[];
  /** What the requester was told: state and reviews; `undefined` if nobody is to tell. */
  readonly told: string | undefined;
  /** When recipients were last reminded. */
  readonly reminded: ReadonlyMap<string, Date>;
  /** The last reminder at each recipient, where there may be more than one. */
  readonly reminders: ReadonlyMap<string, SentReminder>;
  /** Up to which age a request was escalated, in seconds; `undefined` if it was not. */
  readonly escalated: number | undefined;
  /** By recipient, the age for which it was told by an escalation, in seconds. */
  readonly called: ReadonlyMap<string, number>;
  /** Whom the announcement mentions at those recipients that an escalation added, instead of `mentions`. */
  readonly mentionsAt: ReadonlyMap<string, readonly string[]>;
  /** The end of access that the requester was told of; `undefined` if of none. */
  readonly toldEnd: Date | undefined;
  /** Recipients whose message says that access is over. */
  readonly ended: ReadonlySet<string>;
  /** The threads at the announcements, by recipient. */
  readonly threads: ReadonlyMap<string, Thread>;
  /** The state by which the post in a forum was tagged, by recipient. */
  readonly tags: ReadonlyMap<string, ShownState>;
}

/** A reminder that was carried out. */
export interface SentReminder {
  /** Its place in the configuration, from 1 on. */
  readonly number: number;
  /** Its message; that of the one before, or the announcement, if none is there. */
  readonly messageId: string;
}

/** Whether a request has expired, or the access that it asks for, whether or not anybody has said so. */
export function hasExpired(
  { requestExpires, accessExpires }: PluginData,
  now: Date,
): boolean {
  return isPast(requestExpires, now) || isPast(accessExpires, now);
}

/** Whether an end has come; one that is not known has not. */
export function isPast(end: Date | undefined, now: Date): boolean {
  return end !== undefined && end <= now;
}

/** Returns the data with one delivery replaced or added. */
export function withDelivery(
  data: PluginData,
  recipient: string,
  delivery: Delivery,
): PluginData {
  const deliveries = new Map(data.deliveries).set(recipient, delivery);
  return { ...data, deliveries };
}

/** Returns the data with what becomes of each delivery; it is the same object if each stays as it is. */
export function withEachDelivery(
  data: PluginData,
  change: (delivery: Delivery, recipient: string) => Delivery,
): PluginData {
  let next = data;
  for (const [recipient, delivery] of data.deliveries) {
    const changed = change(delivery, recipient);
    if (changed !== delivery) next = withDelivery(next, recipient, changed);
  }
  return next;
}

/** The first message to a recipient, before it is posted. */
export const OWED: Delivery = { kind: "owed", generation: 1 };

/** Returns the data with a message owed to each recipient that has none; it is the same object if all have one. */
export function withOwed(
  data: PluginData,
  recipients: readonly string[],
): PluginData {
  const missing = recipients.filter((each) => !data.deliveries.has(each));
  return missing.reduce((all, each) => withDelivery(all, each, OWED), data);
}

/** Returns the data with one thread replaced or added. */
export function withThread(
  data: PluginData,
  recipient: string,
  thread: Thread,
): PluginData {
  return { ...data, threads: new Map(data.threads).set(recipient, thread) };
}

/** Returns the data after the post at a recipient was tagged by a state. */
export function withTag(
  data: PluginData,
  recipient: string,
  state: ShownState,
): PluginData {
  return { ...data, tags: new Map(data.tags).set(recipient, state) };
}

/** How many reviews of each verdict a request has. */
export interface ReviewCounts {
  readonly approvals: number;
  readonly denials: number;
  readonly promotions: number;
}

/** Owed so soon after its request was made, a message needs no time of its own. */
const LATE_MS = 60_000;

/**
 * Returns the data with the time since when they are owed for those messages that were not owed before; it is
 * the same object if there are none, or the request has just been made.
 */
export function withOwedTimes(
  before: PluginData | undefined,
  after: PluginData,
  now: Date,
): PluginData {
  const createdMs = after.created?.getTime() ?? -Infinity;
  if (now.getTime() - createdMs <= LATE_MS) return after;
  return withEachDelivery(after, (delivery, recipient) => {
    const isNew = delivery.kind === "owed" && delivery.since === undefined &&
      before?.deliveries.get(recipient)?.kind !== "owed";
    return isNew ? { ...delivery, since: now } : delivery;
  });
}
