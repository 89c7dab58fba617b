/**
 * Plugin data as strings, byte for byte as the official plugin writes them.
 *
 * Source: docs/design/plugin-data.md 1; docs/design/plugin-data.md 2.
 *
 * @module
 */

import type {
  ConstraintKind,
  RequestKind,
  ResourceConstraints,
} from "../ports/access_request.ts";
import {
  decodeStringLists,
  decodeStrings,
  encodeStringLists,
  encodeStrings,
} from "./go_json.ts";
import { type HiddenFields, HIDEABLE_FIELDS, hiding } from "./hidden_fields.ts";
import {
  type Delivery,
  type MessageRef,
  NOT_KNOWN,
  type PluginData,
  type Resolution,
  type ReviewCounts,
  type SentReminder,
  type ShownState,
  SHOWS_UNKNOWN,
  type Thread,
} from "./plugin_data.ts";

/** Plugin data as the Auth Service stores it; `""` stands for an absent key. */
export type Entries = Readonly<Record<string, string>>;

/** The keys that the official plugin always writes; requiring all of them absent makes a claim exclusive. */
const OFFICIAL_KEYS = [
  "user",
  "roles",
  "request_reason",
  "resources",
  "reviews_count",
  "resolution",
  "resolve_reason",
  "messages",
] as const;

/** What a claim requires: nothing stored yet, neither by the official plugin nor by this one. */
export const EXPECT_ABSENT: Entries = Object.fromEntries(
  [...OFFICIAL_KEYS, "x-version", "x-owner"].map((key) => [key, ""]),
);

const DELIVERY_PREFIX = "x-to:";

const HIDDEN_PREFIX = "x-hidden:";

const REMINDED_PREFIX = "x-reminded:";

const REMINDERS_PREFIX = "x-reminders:";
const THREAD_PREFIX = "x-thread:";
const TAG_PREFIX = "x-tag:";

const ENDED_PREFIX = "x-ended:";

const CALLED_PREFIX = "x-called:";

const MENTIONS_PREFIX = "x-mentions:";

/** Stands for a list of nobody: an empty text would delete the key. */
const NOBODY = "-";

/** Lists with more characters than this are left out: a stored object has a size limit. */
const MAX_LISTS_CHARS = 100_000;

/** Encodes plugin data with every key; keys without a value are `""`, which deletes them. */
export function encodePluginData(data: PluginData): Record<string, string> {
  const { reviewCounts: counts } = data;
  const entries: Record<string, string> = {
    user: data.user,
    roles: data.roles.join(","),
    request_reason: data.reason,
    resources: data.resources.length > 0 ? encodeStrings(data.resources) : "",
    reviews_count: data.reviewsCount > 0 ? String(data.reviewsCount) : "",
    resolution: data.resolution,
    resolve_reason: data.resolveReason,
    messages: encodeMessages(data.deliveries),
    system_annotations: encodeLists(data.annotations),
    logins_by_role: encodeLists(data.loginsByRole),
    "x-version": data.own ? "1" : "",
    "x-owner": data.leaseHolder,
    "x-kind": data.kind === "UNDEFINED" ? "" : data.kind,
    "x-created": encodeTime(data.created),
    "x-request-expires": encodeTime(data.requestExpires),
    "x-starts": encodeTime(data.accessStarts),
    "x-access-expires": encodeTime(data.accessExpires),
    "x-constraints": encodeConstraints(data.constraints),
    "x-unknown-fields": data.unknownFields.join(","),
    "x-reviews": counts === undefined
      ? ""
      : `${counts.approvals}/${counts.denials}/${counts.promotions}`,
    "x-inferred": data.inferred ? "1" : "",
    "x-user": data.userId ?? "",
    "x-mentions": data.mentions.join(","),
    "x-told": data.told ?? "",
    "x-told-end": encodeTime(data.toldEnd),
    "x-escalated": data.escalated === undefined ? "" : String(data.escalated),
  };
  for (const [recipient, delivery] of data.deliveries) {
    entries[DELIVERY_PREFIX + recipient] = encodeDelivery(delivery);
    if (delivery.kind === "posted" && delivery.hides !== undefined) {
      entries[HIDDEN_PREFIX + recipient] = encodeHidden(delivery.hides);
    }
  }
  for (const [recipient, time] of data.reminded) {
    entries[REMINDED_PREFIX + recipient] = encodeTime(time);
  }
  for (const [recipient, { number, messageId }] of data.reminders) {
    entries[REMINDERS_PREFIX + recipient] = `${number} ${messageId}`;
  }
  for (const recipient of data.ended) entries[ENDED_PREFIX + recipient] = "1";
  for (const [recipient, seconds] of data.called) {
    entries[CALLED_PREFIX + recipient] = String(seconds);
  }
  for (const [recipient, mentions] of data.mentionsAt) {
    entries[MENTIONS_PREFIX + recipient] = mentions.join(",") || NOBODY;
  }
  for (const [recipient, thread] of data.threads) {
    entries[THREAD_PREFIX + recipient] = encodeThread(thread);
  }
  for (const [recipient, state] of data.tags) {
    entries[TAG_PREFIX + recipient] = state;
  }
  return entries;
}

/**
 * Decodes stored plugin data. Nothing is refused: what cannot be understood counts as absent, since a
 * message that exists must be kept in step whatever else somebody wrote.
 */
export function decodePluginData(entries: Entries): PluginData {
  const roles = entries["roles"] ?? "";
  return {
    user: entries["user"] ?? "",
    roles: roles === "" ? [] : roles.split(","),
    reason: entries["request_reason"] ?? "",
    resources: decodeStrings(entries["resources"] ?? "") ?? [],
    constraints: decodeConstraints(entries["x-constraints"] ?? ""),
    unknownFields: decodeFieldNames(entries["x-unknown-fields"] ?? ""),
    reviewsCount: decodeCount(entries["reviews_count"]),
    resolution: decodeResolution(entries["resolution"]),
    resolveReason: entries["resolve_reason"] ?? "",
    annotations: decodeStringLists(entries["system_annotations"] ?? "") ??
      new Map(),
    loginsByRole: decodeStringLists(entries["logins_by_role"] ?? ""),
    own: (entries["x-version"] ?? "") !== "",
    leaseHolder: entries["x-owner"] ?? "",
    kind: decodeKind(entries["x-kind"]),
    created: decodeTime(entries["x-created"]),
    requestExpires: decodeTime(entries["x-request-expires"]),
    accessStarts: decodeTime(entries["x-starts"]),
    accessExpires: decodeTime(entries["x-access-expires"]),
    reviewCounts: decodeReviewCounts(entries["x-reviews"]),
    inferred: entries["x-inferred"] === "1",
    deliveries: decodeDeliveries(entries),
    userId: decodeUserId(entries["x-user"]),
    mentions: decodeMentions(entries["x-mentions"] ?? ""),
    told: TOLD.test(entries["x-told"] ?? "") ? entries["x-told"] : undefined,
    reminded: decodeByRecipient(entries, REMINDED_PREFIX, decodeTime),
    reminders: decodeByRecipient(entries, REMINDERS_PREFIX, decodeReminder),
    toldEnd: decodeTime(entries["x-told-end"]),
    escalated: decodeCount(entries["x-escalated"]) || undefined,
    called: decodeByRecipient(
      entries,
      CALLED_PREFIX,
      (text) => decodeCount(text) || undefined,
    ),
    mentionsAt: decodeByRecipient(entries, MENTIONS_PREFIX, decodeMentions),
    ended: new Set(
      decodeByRecipient(
        entries,
        ENDED_PREFIX,
        (text) => text === "1" ? true : undefined,
      ).keys(),
    ),
    threads: decodeByRecipient(entries, THREAD_PREFIX, decodeThread),
    tags: decodeByRecipient(entries, TAG_PREFIX, decodeTag),
  };
}

/** Returns the entries to write so that stored data which says `before` says `after`. */
export function encodeChanges(
  before: PluginData,
  after: PluginData,
): Record<string, string> {
  const old = encodedOnce(before);
  const changed: Record<string, string> = {};
  for (const [key, value] of Object.entries(encodedOnce(after))) {
    // A message that only the official keys name has no own key yet, but a delivery that was decoded from it.
    if (value !== (old[key] ?? "")) changed[key] = value;
  }
  for (const key of Object.keys(old)) {
    if (!key.startsWith(HIDDEN_PREFIX)) continue;
    // Where nothing is hidden any more, there is no key.
    const delivery = after.deliveries.get(key.slice(HIDDEN_PREFIX.length));
    const hides = delivery?.kind === "posted" ? delivery.hides : undefined;
    if (hides === undefined) changed[key] = "";
  }
  return changed;
}

/** What was written last is what the next change is made from. */
const encoded = new WeakMap<PluginData, Entries>();

function encodedOnce(data: PluginData): Entries {
  let entries = encoded.get(data);
  if (entries === undefined) {
    entries = encodePluginData(data);
    encoded.set(data, entries);
  }
  return entries;
}

function encodeLists(
  lists: ReadonlyMap<string, readonly string[]> | undefined,
): string {
  if (lists === undefined || lists.size === 0) return "";
  let chars = 0;
  for (const [name, values] of lists) {
    chars += name.length + values.reduce((sum, each) => sum + each.length, 0);
    if (chars > MAX_LISTS_CHARS) return "";
  }
  const text = encodeStringLists(lists);
  return text.length > MAX_LISTS_CHARS ? "" : text;
}

/** By the place of the resource, its kind and then the values: `{"0":["ssh","root"]}`. */
function encodeConstraints(
  constraints: ReadonlyMap<number, ResourceConstraints>,
): string {
  if (constraints.size === 0) return "";
  return encodeStringLists(
    new Map(
      [...constraints].map(([place, { kind, values }]) => [
        String(place),
        [kind, ...values],
      ]),
    ),
  );
}

function decodeConstraints(text: string): Map<number, ResourceConstraints> {
  const constraints = new Map<number, ResourceConstraints>();
  for (const [place, [kind, ...values]] of decodeStringLists(text) ?? []) {
    if (!/^\d{1,6}$/.test(place)) continue;
    const isKnown = isConstraintKind(kind) && values.length > 0;
    constraints.set(
      Number(place),
      isKnown ? { kind, values } : { kind: "unknown", values: [] },
    );
  }
  return constraints;
}

function isConstraintKind(text: string | undefined): text is ConstraintKind {
  return text === "aws_console" || text === "ssh" || text === "windows_desktop";
}

/** Names such as `AccessRequestSpecV3.28`. */
function decodeFieldNames(text: string): string[] {
  return text.split(",").filter((name) => /^[\w.]{1,100}$/.test(name));
}

function encodeMessages(deliveries: ReadonlyMap<string, Delivery>): string {
  const refs = new Set<string>();
  for (const delivery of deliveries.values()) {
    if (delivery.kind === "posted") refs.add(encodeRef(delivery.message));
  }
  return [...refs].join(",");
}

function encodeRef(message: MessageRef): string {
  return `${message.channelId}/${message.messageId}`;
}

function encodeDelivery(delivery: Delivery): string {
  switch (delivery.kind) {
    case "owed":
      return `owed ${delivery.generation} ${encodeTime(delivery.since)}`
        .trimEnd();
    case "posted":
      return `${
        encodeRef(delivery.message)
      } ${delivery.generation} ${delivery.shows}`;
    case "dropped":
      return "dropped";
  }
}

/** The deliveries in the order of `messages`, so that encoding them again changes nothing there. */
function decodeDeliveries(entries: Entries): Map<string, Delivery> {
  const own = new Map<string, Delivery>();
  const recipientByRef = new Map<string, string>();
  for (const [key, value] of Object.entries(entries)) {
    if (!key.startsWith(DELIVERY_PREFIX)) continue;
    const recipient = key.slice(DELIVERY_PREFIX.length);
    if (!RECIPIENT.test(recipient)) continue;
    const delivery = decodeDelivery(
      value,
      decodeHidden(entries[HIDDEN_PREFIX + recipient] ?? ""),
    );
    if (delivery === undefined) continue;
    own.set(recipient, delivery);
    if (delivery.kind === "posted") {
      recipientByRef.set(encodeRef(delivery.message), recipient);
    }
  }
  const deliveries = new Map<string, Delivery>();
  for (const message of decodeMessages(entries)) {
    const ref = encodeRef(message);
    const known = recipientByRef.get(ref);
    const delivery = known === undefined ? undefined : own.get(known);
    if (known !== undefined && delivery !== undefined) {
      deliveries.set(known, delivery);
    } else {deliveries.set(
        freeRecipient(message, own, deliveries),
        officialDelivery(message),
      );}
  }
  for (const [recipient, delivery] of own) {
    // A message that the official plugin posted meanwhile settles what was owed there.
    if (!deliveries.has(recipient)) deliveries.set(recipient, delivery);
  }
  return deliveries;
}

/** A message that has no own key belongs to its channel; a second one in a channel goes by its full name. */
function freeRecipient(
  message: MessageRef,
  own: ReadonlyMap<string, Delivery>,
  deliveries: ReadonlyMap<string, Delivery>,
): string {
  const taken = deliveries.has(message.channelId) ||
    own.get(message.channelId)?.kind === "posted";
  return taken ? encodeRef(message) : message.channelId;
}

function officialDelivery(message: MessageRef): Delivery {
  return { kind: "posted", message, generation: 1, shows: SHOWS_UNKNOWN };
}

function decodeMessages(entries: Entries): MessageRef[] {
  const refs = (entries["messages"] ?? "").split(",");
  const channelId = entries["channel_id"];
  const timestamp = entries["timestamp"];
  if (channelId !== undefined && timestamp !== undefined) {
    refs.push(`${channelId}/${timestamp}`);
  }
  return [...new Set(refs.map((ref) => ref.trim()))].map(decodeRef).filter((
    ref,
  ) => ref !== undefined);
}

/** A channel, a user, or one of several messages in a channel. */
const RECIPIENT = /^(\d{1,20}|user:\d{1,20}|\d{1,20}\/\d{1,20})$/;

const REF = /^(\d{1,20})\/(\d{1,20})$/;

const MENTION = /^(\?|(?:role|user):\d{1,20})$/;

/** State, and reviews by verdict, or only their number where the official plugin counted them; then the start. */
const TOLD = /^[A-Z]+(?:-\d{1,9}){1,3}(?:@[-:\dTZ]{20,24})?$/;

function decodeUserId(text: string | undefined): string | undefined {
  return text === NOT_KNOWN || /^\d{1,20}$/.test(text ?? "") ? text : undefined;
}

/** Returns what is stored by recipient below a prefix, as far as it can be read. */
function decodeByRecipient<T>(
  entries: Entries,
  prefix: string,
  decode: (text: string) => T | undefined,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const [key, text] of Object.entries(entries)) {
    if (!key.startsWith(prefix)) continue;
    const recipient = key.slice(prefix.length);
    const value = decode(text);
    if (RECIPIENT.test(recipient) && value !== undefined) {
      found.set(recipient, value);
    }
  }
  return found;
}

function decodeMentions(text: string): string[] {
  return text.split(",").filter((mention) => MENTION.test(mention));
}

function decodeReminder(text: string): SentReminder | undefined {
  const [, number, messageId] = /^([1-9]\d{0,3}) (\d{1,20})$/.exec(text) ?? [];
  return number === undefined || messageId === undefined
    ? undefined
    : { number: Number(number), messageId };
}

function encodeThread(thread: Thread): string {
  switch (thread.kind) {
    case "wanted":
    case "none":
      return thread.kind;
    case "open":
      return thread.said;
    case "closed":
      return `${thread.said} closed`;
  }
}

function decodeThread(text: string): Thread | undefined {
  if (text === "wanted" || text === "none") return { kind: text };
  const [said = "", mark] = text.split(" ");
  if (!TOLD.test(said)) return undefined;
  if (mark === undefined) return { kind: "open", said };
  return mark === "closed" ? { kind: "closed", said } : undefined;
}

function decodeRef(text: string): MessageRef | undefined {
  const [, channelId, messageId] = REF.exec(text) ?? [];
  return channelId === undefined || messageId === undefined
    ? undefined
    : { channelId, messageId };
}

function encodeHidden(hides: HiddenFields): string {
  return HIDEABLE_FIELDS.filter((field) => hides.includes(field)).join(",");
}

function decodeHidden(text: string): HiddenFields {
  const names = text.split(",");
  return HIDEABLE_FIELDS.filter((field) => names.includes(field));
}

function decodeDelivery(
  text: string,
  hides: HiddenFields,
): Delivery | undefined {
  if (text === "dropped") return { kind: "dropped" };
  const [first = "", second = "", shows] = text.split(" ");
  if (first === "owed") {
    const since = decodeTime(shows);
    const generation = Math.max(1, decodeCount(second));
    return { kind: "owed", generation, ...(since && { since }) };
  }
  const message = decodeRef(first);
  if (message === undefined || shows === undefined || shows === "") {
    return undefined;
  }
  return {
    kind: "posted",
    message,
    generation: Math.max(1, decodeCount(second)),
    shows,
    ...hiding(hides),
  };
}

function decodeCount(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** With each resolution that there is: one that is missing would be read back as pending. */
const RESOLUTIONS: ReadonlyMap<string, Resolution> = new Map(
  Object.entries(
    {
      "": "",
      APPROVED: "APPROVED",
      DENIED: "DENIED",
      PROMOTED: "PROMOTED",
      EXPIRED: "EXPIRED",
    } satisfies { readonly [Each in Resolution]: Each },
  ),
);

function decodeResolution(text = ""): Resolution {
  return RESOLUTIONS.get(text) ?? "";
}

function decodeTag(text: string): ShownState | undefined {
  return text === "PENDING" ? text : decodeResolution(text) || undefined;
}

function decodeKind(text: string | undefined): RequestKind {
  return text === "SHORT_TERM" || text === "LONG_TERM" ? text : "UNDEFINED";
}

function decodeReviewCounts(
  text: string | undefined,
): ReviewCounts | undefined {
  const [, approvals, denials, promotions] =
    /^(\d{1,6})\/(\d{1,6})\/(\d{1,6})$/.exec(text ?? "") ?? [];
  if (approvals === undefined) return undefined;
  return {
    approvals: Number(approvals),
    denials: Number(denials),
    promotions: Number(promotions),
  };
}

/** RFC 3339 in whole seconds, as Go prints a time without a fraction. */
export function encodeTime(time: Date | undefined): string {
  return time === undefined ? "" : time.toISOString().replace(/\.\d+Z$/, "Z");
}

function decodeTime(text: string | undefined): Date | undefined {
  if (text === undefined || text === "") return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
