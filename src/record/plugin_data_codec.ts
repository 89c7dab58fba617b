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
import {
  type HiddenFields,
  HIDEABLE_FIELDS,
  NOTHING_HIDDEN,
} from "./hidden_fields.ts";
import {
  type Delivery,
  type MessageRef,
  type PluginData,
  type Resolution,
  type ReviewCounts,
  type SentReminder,
  SHOWN_STATES,
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

/** Stands for a list of nobody: an empty text would delete the key. */
const NOBODY = "-";

/** Lists with more characters than this are left out: a stored object has a size limit. */
const MAX_LISTS_CHARS = 100_000;

/**
 * Encodes plugin data with every key, also of every recipient; keys without a value are `""`, which deletes them.
 */
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
    "x-renewed": encodeTime(data.renewed),
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
  const addEach = <T>(
    prefix: string,
    values: Iterable<readonly [recipient: string, value: T]>,
    encode: (value: T) => string,
  ) => {
    for (const recipient of data.deliveries.keys()) {
      entries[prefix + recipient] = "";
    }
    for (const [recipient, value] of values) {
      entries[prefix + recipient] = encode(value);
    }
  };
  addEach("x-to:", data.deliveries, encodeDelivery);
  addEach("x-hidden:", data.deliveries, encodeHidden);
  addEach("x-reminded:", data.reminded, encodeTime);
  addEach(
    "x-reminders:",
    data.reminders,
    (sent) => `${sent.number} ${sent.messageId}`,
  );
  addEach("x-ended:", data.ended.entries(), () => "1");
  addEach("x-called:", data.called, String);
  addEach("x-mentions:", data.mentionsAt, (all) => all.join(",") || NOBODY);
  addEach("x-thread:", data.threads, encodeThread);
  addEach("x-tag:", data.tags, (state) => state);
  return entries;
}

/**
 * Decodes stored plugin data. Nothing is refused: what cannot be understood counts as absent, since a
 * message that exists must be kept in step whatever else somebody wrote.
 */
export function decodePluginData(entries: Entries): PluginData {
  const text = (key: string) => entries[key] ?? "";
  // There are few, and nine kinds of them are looked for.
  const byRecipient = Object.entries(entries)
    .filter(([key]) => key.includes(":"));
  const each = <T>(prefix: string, decode: (text: string) => T | undefined) =>
    decodeByRecipient(byRecipient, prefix, decode);
  return {
    user: text("user"),
    roles: text("roles") === "" ? [] : text("roles").split(","),
    reason: text("request_reason"),
    resources: decodeStrings(text("resources")) ?? [],
    constraints: decodeConstraints(text("x-constraints")),
    unknownFields: decodeFieldNames(text("x-unknown-fields")),
    reviewsCount: decodeCount(text("reviews_count")),
    resolution: decodeResolution(text("resolution")),
    resolveReason: text("resolve_reason"),
    annotations: decodeStringLists(text("system_annotations")) ?? new Map(),
    loginsByRole: decodeStringLists(text("logins_by_role")),
    own: text("x-version") !== "",
    leaseHolder: text("x-owner"),
    renewed: decodeTime(text("x-renewed")),
    kind: decodeKind(text("x-kind")),
    created: decodeTime(text("x-created")),
    requestExpires: decodeTime(text("x-request-expires")),
    accessStarts: decodeTime(text("x-starts")),
    accessExpires: decodeTime(text("x-access-expires")),
    reviewCounts: decodeReviewCounts(text("x-reviews")),
    inferred: text("x-inferred") === "1",
    deliveries: decodeDeliveries(entries, byRecipient),
    userId: USER_ID.test(text("x-user")) ? text("x-user") : undefined,
    mentions: decodeMentions(text("x-mentions")),
    told: TOLD.test(text("x-told")) ? text("x-told") : undefined,
    reminded: each("x-reminded:", decodeTime),
    reminders: each("x-reminders:", decodeReminder),
    toldEnd: decodeTime(text("x-told-end")),
    escalated: decodeSeconds(text("x-escalated")),
    called: each("x-called:", decodeSeconds),
    mentionsAt: each("x-mentions:", decodeMentions),
    ended: new Set(
      each("x-ended:", (text) => text === "1" || undefined).keys(),
    ),
    threads: each("x-thread:", decodeThread),
    tags: each("x-tag:", decodeState),
  };
}

/** Returns the entries to write so that stored data which says `before` says `after`. */
export function encodeChanges(
  before: PluginData,
  after: PluginData,
): Record<string, string> {
  const old = encoded.getOrInsertComputed(before, encodePluginData);
  const next = encoded.getOrInsertComputed(after, encodePluginData);
  const changed: Record<string, string> = {};
  for (const [key, value] of Object.entries(next)) {
    // A message that only the official keys name has no own key yet, but a delivery that was decoded from it.
    if (value !== (old[key] ?? "")) changed[key] = value;
  }
  return changed;
}

/** What was written last is what the next change is made from. */
const encoded = new WeakMap<PluginData, Entries>();

function encodeLists(
  lists: ReadonlyMap<string, readonly string[]> | undefined,
): string {
  if (lists === undefined || lists.size === 0) return "";
  const text = encodeStringLists(lists);
  return text.length > MAX_LISTS_CHARS ? "" : text;
}

/** Returns by the place of the resource its kind and then the values: `{"0":["ssh","root"]}`. */
export function encodeConstraints(
  constraints: PluginData["constraints"],
): string {
  if (constraints.size === 0) return "";
  const lists = [...constraints].map(([place, { kind, values }]) =>
    [String(place), [kind, ...values]] as const
  );
  return encodeStringLists(new Map(lists));
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
    case "posted": {
      const { message, generation, shows } = delivery;
      return `${encodeRef(message)} ${generation} ${shows}`;
    }
    case "dropped":
      return "dropped";
  }
}

/** What is stored by recipient: key and text of each. */
type RecipientEntries = readonly (readonly [key: string, text: string])[];

/** The deliveries in the order of `messages`, so that encoding them again changes nothing there. */
function decodeDeliveries(
  entries: Entries,
  byRecipient: RecipientEntries,
): Map<string, Delivery> {
  const own = decodeByRecipient(byRecipient, "x-to:", decodeDelivery);
  const hidden = decodeByRecipient(byRecipient, "x-hidden:", decodeHidden);
  const ownByRef = new Map<string, readonly [string, Delivery]>();
  for (const [recipient, delivery] of own) {
    if (delivery.kind !== "posted") continue;
    const hides = hidden.get(recipient) ?? NOTHING_HIDDEN;
    const posted = { ...delivery, hides };
    own.set(recipient, posted);
    ownByRef.set(encodeRef(delivery.message), [recipient, posted]);
  }
  const deliveries = new Map<string, Delivery>();
  for (const message of decodeMessages(entries)) {
    const [recipient, delivery] = ownByRef.get(encodeRef(message)) ??
      officialDelivery(message, own, deliveries);
    deliveries.set(recipient, delivery);
  }
  for (const [recipient, delivery] of own) {
    // A message that the official plugin posted meanwhile settles what was owed there.
    if (!deliveries.has(recipient)) deliveries.set(recipient, delivery);
  }
  return deliveries;
}

/** A message that has no own key belongs to its channel; a second one in a channel goes by its full name. */
function officialDelivery(
  message: MessageRef,
  own: ReadonlyMap<string, Delivery>,
  deliveries: ReadonlyMap<string, Delivery>,
): readonly [recipient: string, delivery: Delivery] {
  const { channelId } = message;
  const taken = deliveries.has(channelId) ||
    own.get(channelId)?.kind === "posted";
  const [shows, hides] = [SHOWS_UNKNOWN, NOTHING_HIDDEN];
  return [
    taken ? encodeRef(message) : channelId,
    { kind: "posted", message, generation: 1, shows, hides },
  ];
}

function decodeMessages(entries: Entries): MessageRef[] {
  const refs = (entries["messages"] ?? "").split(",");
  const channelId = entries["channel_id"];
  const timestamp = entries["timestamp"];
  if (channelId !== undefined && timestamp !== undefined) {
    refs.push(`${channelId}/${timestamp}`);
  }
  return [...new Set(refs.map((ref) => ref.trim()))]
    .flatMap((ref) => decodeRef(ref) ?? []);
}

/** A channel, a user, or one of several messages in a channel. */
const RECIPIENT = /^(\d{1,20}|user:\d{1,20}|\d{1,20}\/\d{1,20})$/;

const REF = /^(\d{1,20})\/(\d{1,20})$/;

const USER_ID = /^(\?|\d{1,20})$/;

const MENTION = /^(\?|(?:role|user):\d{1,20})$/;

/** State, and reviews by verdict, or only their number where the official plugin counted them; then the start. */
const TOLD = /^[A-Z]+(?:-\d{1,9}){1,3}(?:@[-:\dTZ]{20,24})?$/;

/** Returns what is stored by recipient below a prefix, as far as it can be read. */
function decodeByRecipient<T>(
  entries: RecipientEntries,
  prefix: string,
  decode: (text: string) => T | undefined,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const [key, text] of entries) {
    if (!key.startsWith(prefix) || text === "") continue;
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

/** Returns a thread as it is stored. */
export function encodeThread(thread: Thread): string {
  if (!("said" in thread)) return thread.kind;
  return thread.kind === "open" ? thread.said : `${thread.said} closed`;
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

function encodeHidden(delivery: Delivery): string {
  const hides = delivery.kind === "posted" ? delivery.hides : [];
  return HIDEABLE_FIELDS.filter((field) => hides.includes(field)).join(",");
}

function decodeHidden(text: string): HiddenFields {
  const names = text.split(",");
  return HIDEABLE_FIELDS.filter((field) => names.includes(field));
}

/** Without what its message hides, which has a key of its own. */
function decodeDelivery(text: string): Delivery | undefined {
  if (text === "dropped") return { kind: "dropped" };
  const [first = "", second = "", third = ""] = text.split(" ");
  const generation = Math.max(1, decodeCount(second));
  if (first === "owed") {
    const since = decodeTime(third);
    return { kind: "owed", generation, ...(since && { since }) };
  }
  const message = decodeRef(first);
  const hides = NOTHING_HIDDEN;
  return message === undefined || third === ""
    ? undefined
    : { kind: "posted", message, generation, shows: third, hides };
}

function decodeCount(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function decodeSeconds(text: string): number | undefined {
  return decodeCount(text) || undefined;
}

function decodeState(text: string): ShownState | undefined {
  return SHOWN_STATES.find((state) => state === text);
}

function decodeResolution(text: string): Resolution {
  const state = decodeState(text) ?? "PENDING";
  return state === "PENDING" ? "" : state;
}

function decodeKind(text: string): RequestKind {
  return text === "SHORT_TERM" || text === "LONG_TERM" ? text : "UNDEFINED";
}

function decodeReviewCounts(text: string): ReviewCounts | undefined {
  if (!/^\d{1,6}\/\d{1,6}\/\d{1,6}$/.test(text)) return undefined;
  const [approvals = 0, denials = 0, promotions = 0] = text.split("/")
    .map(Number);
  return { approvals, denials, promotions };
}

/** RFC 3339 in whole seconds, as Go prints a time without a fraction. */
export function encodeTime(time: Date | undefined): string {
  return time === undefined ? "" : time.toISOString().replace(/\.\d+Z$/, "Z");
}

function decodeTime(text: string): Date | undefined {
  if (text === "") return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Each field as it is where no key of it is stored. */
export const NOTHING_STORED: PluginData = decodePluginData({});
