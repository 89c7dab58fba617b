/**
 * What must always hold, checked with each call.
 *
 * @module
 */

import type { LogFields } from "../../src/lib/log/log_record.ts";
import { CATALOGUES } from "../../src/message/catalogue/languages.ts";
import { isTitle } from "../../src/message/catalogue/titles.ts";
import { isReminderOf } from "../../src/message/notice_message.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { WatchEvent } from "../../src/ports/auth_service.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import type { Cluster } from "./cluster.ts";
import {
  ALL_CHANNELS,
  type Message,
  REQUESTER_CHANNEL,
} from "./discord_server.ts";
import { EndJudge } from "./end_judge.ts";
import { EscalationJudge } from "./escalation_judge.ts";
import type { Faults } from "./faults.ts";
import { NoticeJudge, subjectIn } from "./notice_judge.ts";
import type { Process } from "./process.ts";
import type { PeoplePlan } from "./schedule.ts";

type Entries = Readonly<Record<string, string>>;

/** A cached read may be this old when a post is composed; the rest is time on the way. */
const STALE_POST_MS = 5000 + 3000 + 10_000 + 1000;

/** What Discord refuses, whoever says it. */
export const OFFENSE = "offends";

/** Clocks differ, and plugin data holds whole seconds. */
const CLOCKS_MS = 4500;

/** States in the order in which they follow each other. */
const RANK = ["PENDING", "EXPIRED", "APPROVED", "PROMOTED", "DENIED"];

/** After this time an event has been recorded, and is what a message shows. */
const KNOWN_MS = 6000;

/**
 * An edit may be so late: it is allowed by a read that may be 5 s old, and Discord may be slow. Only within
 * this time after an act of another process may a message go back to what was true earlier.
 */
const LATE_EDIT_MS = 5000 + 3000 + 500;

/**
 * A post that no nonce protects may be on its way for 10 s: one in a forum, or a reminder that may be in a thread.
 * What a process that stops gives back takes 5 s at most.
 */
const POST_ARRIVES_MS = 10_000 + 5000;

/** Calls that one process may make in one second, and in one run. */
const MAX_CALLS_A_SECOND = 400;
const MAX_CALLS = 20_000;

/** The same call may be made so often in such a time; a loop without waiting makes many more. */
const MAX_REPEATS = 100;
const REPEAT_MS = 5000;
/** Lists come in pages, and several deliveries may search one channel. */
const PAGED = /^(GET|ListAccessRequests|POST #-1)/;

/** Watches over a run; the first thing that is wrong ends it. */
export class Judge {
  readonly cluster: Cluster;
  readonly counters = new Map<string, number>();
  readonly hidden = new Set<string>();
  readonly lostEvents = new Set<string>();
  /** Messages that an older edit reached late, and nobody was left to notice: a known limit. */
  readonly overtaken = new Set<string>();
  #failure: string | undefined;
  readonly #faults: Faults;
  readonly #trace: string[] | undefined;
  readonly #hasThreads: boolean;
  readonly #acts = new Map<string, { process: Process; atMs: number }[]>();
  readonly #late = new Map<string, Process>();
  readonly #resolvedAtMs = new Map<string, number>();
  readonly #live = new Map<string, Message[]>();
  readonly #listed = new Set<string>();
  readonly #newest = new Map<
    string,
    readonly [rank: number, reviews: number]
  >();
  /** Whose call reaches Discord just now. */
  #arriving: Process | undefined;
  readonly #seen = new Map<string, { atMs: number; facts: number[] }[]>();
  readonly #repeats = new Map<string, number>();
  #second = -1;
  #callsThisSecond = 0;
  readonly #calls = new Map<Process, number>();
  /** By process and request, when it was last unknown what became of a post that no nonce protects. */
  readonly #postInDoubtAtMs = new Map<string, number>();

  readonly notices: NoticeJudge;
  readonly ends: EndJudge;
  readonly escalations: EscalationJudge;

  constructor(
    cluster: Cluster,
    faults: Faults,
    trace: string[] | undefined,
    people: PeoplePlan | undefined,
  ) {
    this.cluster = cluster;
    this.#faults = faults;
    this.#trace = trace;
    this.#hasThreads = people?.threads === true;
    this.notices = new NoticeJudge(this, faults, people);
    this.ends = new EndJudge(this, faults, people);
    this.escalations = new EscalationJudge(this, faults, people);
    cluster.onWrite = (id, before, after) => this.#written(id, before, after);
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  fail(text: string): void {
    this.trace(`FAILURE ${text}`);
    this.#failure ??= text;
  }

  trace(text: string): void {
    if (this.#trace === undefined) return;
    const ms = Math.round(this.cluster.time.nowMs);
    this.#trace.push(`${String(ms).padStart(8)} ${text}`);
  }

  /** Whether the bot can write to a channel once all is well. */
  isReachable(channelId: string): boolean {
    return !this.#faults.isClosed(ALL_CHANNELS.indexOf(channelId));
  }

  /** Counts how often something happened, to see that the schedules reach it. */
  count(what: string): void {
    this.counters.set(what, (this.counters.get(what) ?? 0) + 1);
  }

  countCall(process: Process, name: string): void {
    const second = Math.floor(this.cluster.time.nowMs / 1000);
    if (second !== this.#second) this.#callsThisSecond = 0;
    this.#second = second;
    const calls = (this.#calls.get(process) ?? 0) + 1;
    this.#calls.set(process, calls);
    const span = Math.floor(this.cluster.time.nowMs / REPEAT_MS);
    const key = `${span} ${process.id} ${name}`;
    const repeats = (this.#repeats.get(key) ?? 0) + 1;
    this.#repeats.set(key, repeats);
    if (repeats > MAX_REPEATS && !PAGED.test(name)) {
      this.fail(`repeated again and again: ${name}`);
    }
    if (++this.#callsThisSecond > MAX_CALLS_A_SECOND || calls > MAX_CALLS) {
      this.fail(`too many calls, the last is ${name}`);
    }
  }

  /** A list showed this request, which proves something about others that it did not show. */
  listed(id: string): void {
    this.#listed.add(id);
  }

  /** A role did not show this request for a while. */
  hid(id: string): void {
    this.hidden.add(id);
  }

  lost(event: WatchEvent): void {
    if (event.kind === "delete") this.lostEvents.add(event.requestId);
    if (event.kind === "put") this.lostEvents.add(event.request.id);
    this.count("lost events");
  }

  writeAsked(id: string, set: Entries, expect: Entries): void {
    if (Object.keys(expect).length === 0) {
      this.fail(`unconditional write to ${id}`);
    }
    if (Object.keys(set).length === 0) this.fail(`empty write to ${id}`);
  }

  /** A process recorded a message, so it knows what the others recorded until then. */
  wrote(process: Process, id: string, set: Entries): void {
    for (const value of Object.values(set)) {
      const subject = `${id} ${value.split("/")[0]}`;
      if (this.#late.get(subject) === process) this.#late.delete(subject);
    }
  }

  died(process: Process): void {
    for (const [subject, late] of this.#late) {
      if (late === process) this.overtaken.add(subject);
    }
  }

  /** Names what a message is about: request and channel. */
  subjectOf(content: string, channelId: string | undefined): string {
    return `${idOf(content) || `notice:${subjectIn(content)}`} ${channelId}`;
  }

  /** A process does not know what became of its post, in a forum or as a message. */
  postInDoubt(
    process: Process,
    { content }: RenderedMessage,
    isInForum: boolean,
  ): void {
    const id = subjectIn(content);
    const mayMove = this.#hasThreads && isReminderOf(content, id);
    if (!isInForum && !mayMove) return;
    this.#postInDoubtAtMs.set(`${process.id} ${id}`, this.cluster.time.nowMs);
  }

  /** A process ended as it was told to: what it still owes belongs to nobody. */
  ended(process: Process, toldAtMs: number): void {
    if (!this.#faults.wereAbsent("auth", toldAtMs)) return;
    if (!this.#faults.wereAbsent("clock", 0)) return;
    for (const id of this.cluster.ids) {
      const { "x-owner": owner, ...entries } = this.cluster.stored(id) ?? {};
      const owes = Object.entries(entries).some(([key, value]) =>
        key.startsWith("x-to:") && value.startsWith("owed")
      );
      const request = this.cluster.current(id);
      const isOver = request?.state !== "PENDING" ||
        (request.accessExpires?.getTime() ?? Infinity) <=
          this.cluster.wallMs + CLOCKS_MS;
      const inDoubtAtMs = this.#postInDoubtAtMs.get(`${process.id} ${id}`) ??
        -Infinity;
      const mayArrive = this.cluster.time.nowMs - inDoubtAtMs < POST_ARRIVES_MS;
      if (owner === process.id && owes && !isOver && !mayArrive) {
        this.fail(`${id} was not given back by ${owner}`);
      }
    }
  }

  othersActed(process: Process, subject: string, sinceMs: number): boolean {
    const channel = subject.split(" ")[1] ?? "";
    return [subject, channel].some((key) =>
      (this.#acts.get(key) ?? []).some((act) =>
        act.process !== process && act.atMs >= sinceMs
      )
    );
  }

  /** A process looked for messages in a channel. */
  searched(process: Process, channelId: string): void {
    this.#act(process, channelId);
  }

  /** A call about a message reached Discord. */
  arrived(process: Process, subject: string, sinceMs: number): void {
    if (this.othersActed(process, subject, sinceMs)) {
      this.count("calls that arrived after another process acted");
      this.#late.set(subject, process);
    }
    this.#arriving = process;
    this.#act(process, subject);
  }

  #act(process: Process, subject: string): void {
    const acts = this.#acts.get(subject) ?? [];
    acts.push({ process, atMs: this.cluster.time.nowMs });
    this.#acts.set(subject, acts);
  }

  /** A process was told of a state. */
  saw(process: Process, request: AccessRequest): void {
    const key = `${process.id} ${request.id}`;
    const facts = [RANK.indexOf(request.state), request.reviews.length];
    const seen = this.#seen.get(key) ?? [];
    seen.push({ atMs: this.cluster.time.nowMs, facts });
    this.#seen.set(key, seen);
  }

  /** A process has its slot and is about to send: it shows the newest that it knew in time. */
  composed(process: Process, message: RenderedMessage): void {
    const { nowMs } = this.cluster.time;
    const id = idOf(message.content);
    const shown = [
      RANK.indexOf(stateOf(message.content)),
      sumOf(reviewsOf(message.content)),
    ];
    for (const { atMs, facts } of this.#seen.get(`${process.id} ${id}`) ?? []) {
      if (nowMs - atMs < KNOWN_MS || process.wasHeldSince(atMs)) continue;
      if (!this.#faults.wereAbsent("auth", atMs)) continue;
      if (facts.some((fact, i) => fact > (shown[i] ?? 0))) {
        this.fail(`${process.id} sent an old state of ${id}`);
      }
    }
  }

  messageSent(message: RenderedMessage, nonce: string | undefined): void {
    const { content, embeds } = message;
    if (content.length > 2000 || content === "") this.fail("content too long");
    if ((embeds ?? []).length > 10) this.fail("too many embeds");
    const request = this.cluster.last(idOf(content));
    if (
      request !== undefined && !request.reason.includes(OFFENSE) &&
      !/^\*(?:User|사용자)\*: /m.test(content)
    ) this.fail(`${request.id} was sent as the minimal message for no reason`);
    if (nonce !== undefined && !/^[\w-]{22}$/.test(nonce)) {
      this.fail(`bad nonce ${nonce}`);
    }
  }

  /** A new message was posted. */
  posted(message: Message): void {
    if (isReminderOf(message.content, subjectIn(message.content))) {
      return this.notices.reminded(message);
    }
    if (this.escalations.isCall(message)) {
      return this.escalations.called(message);
    }
    if (!ALL_CHANNELS.includes(message.channelId)) {
      return this.notices.saidInThread(message);
    }
    if (message.channelId === REQUESTER_CHANNEL) {
      return this.ends.isNotice(message)
        ? this.ends.told(message)
        : this.notices.told(message);
    }
    const nowMs = this.cluster.time.nowMs;
    const id = idOf(message.content);
    const request = this.cluster.last(id);
    if (request === undefined) return this.fail(`post for no request ${id}`);
    if (stateOf(message.content) !== "PENDING") {
      this.fail(`${id} was announced as ${stateOf(message.content)}`);
    }
    const expires = request.accessExpires?.getTime() ?? Infinity;
    if (expires + 30_000 < this.cluster.wallMs) {
      this.fail(`${id} was announced after its access had expired`);
    }
    const resolvedMs = this.#resolvedAtMs.get(id) ?? Infinity;
    if (nowMs - resolvedMs > STALE_POST_MS) {
      this.fail(`${id} was announced although it was known to be resolved`);
    }
    const key = `${id} ${message.channelId}`;
    const messages = this.#live.get(key) ?? [];
    this.#live.set(key, [...messages, message]);
    if (messages.some((earlier) => !earlier.deleted)) {
      this.fail(`${id} was posted twice to ${message.channelId}`);
    }
    if (messages.some((earlier) => this.#isRecorded(id, earlier))) {
      this.fail(`${id} was posted again after a person had deleted it`);
    }
    this.count("posts");
  }

  /**
   * A process says that two messages announce a request. It is right if it was held still with the answer of a
   * search, while a person deleted what it had found and another process posted anew.
   */
  saidToBeDoubled(
    { request_id: id, channel_id: channelId, message_id: messageId }: LogFields,
  ): void {
    const message = this.#live.get(`${id} ${channelId}`)
      ?.find((each) => each.id === messageId);
    if (message?.deleted !== true) {
      this.fail(`${id} was said to stand twice in ${channelId}`);
    }
  }

  /** The official plugin posted a message. */
  postedOfficially(id: string, message: Message): void {
    const key = `${id} ${message.channelId}`;
    this.#live.set(key, [...this.#live.get(key) ?? [], message]);
  }

  edited(message: Message): void {
    const id = idOf(message.content);
    const state = stateOf(message.content);
    this.count("edits");
    this.#checkOrder(message);
    this.ends.edited(id, message);
    if (state === "EXPIRED") return;
    const states: ReadonlySet<string> = this.cluster.states(id);
    if (!states.has(state)) this.fail(`${id} was shown as ${state}`);
  }

  /** A message does not go back, unless an edit is overtaken on its last few seconds. */
  #checkOrder({ id, content, channelId }: Message): void {
    const rank = RANK.indexOf(stateOf(content));
    const reviews = sumOf(reviewsOf(content));
    const [newestRank, newestReviews] = this.#newest.get(id) ?? [-1, 0];
    const isOlder = rank < newestRank ||
      rank === newestRank && reviews < newestReviews;
    // An end that was inferred may turn out to be none.
    if (!isOlder || newestRank === RANK.indexOf("EXPIRED")) {
      this.#newest.set(id, [rank, reviews]);
      return;
    }
    this.count("messages that went back for a moment");
    const subject = this.subjectOf(content, channelId);
    const sinceMs = this.cluster.time.nowMs - LATE_EDIT_MS;
    const process = this.#arriving;
    if (process !== undefined && this.othersActed(process, subject, sinceMs)) {
      return;
    }
    this.fail(`${subject} went back from ${newestRank} to ${rank}`);
  }

  #isRecorded(id: string, message: Message): boolean {
    return (this.cluster.stored(id)?.["messages"] ?? "").split(",")
      .some((ref) => ref.endsWith(`/${message.id}`));
  }

  #written(id: string, before: Entries | undefined, after: Entries): void {
    const problem = problemOf(after) ?? regression(before ?? {}, after);
    if (problem !== undefined) this.fail(`plugin data of ${id}: ${problem}`);
    this.notices.written(id, before ?? {}, after);
    this.escalations.written(id, before ?? {}, after);
    if (before?.["x-owner"] !== undefined && after["x-owner"] === undefined) {
      this.count("requests given back");
    }
    const resolution = after["resolution"] ?? "";
    if (resolution === "") this.#resolvedAtMs.delete(id);
    else if (!this.#resolvedAtMs.has(id)) {
      this.#resolvedAtMs.set(id, this.cluster.time.nowMs);
    }
    const request = this.cluster.current(id);
    if (
      resolution === "EXPIRED" && before?.["resolution"] !== "EXPIRED" &&
      request !== undefined
    ) {
      // As stored: an approval that a partial list hides moves the expiry without anybody knowing.
      const storedExpiry = Date.parse(before?.["x-request-expires"] ?? "");
      const isPast = !this.#faults.wereAbsent("clock", 0) ||
        Math.min(
            request.requestExpires?.getTime() ?? Infinity,
            Number.isNaN(storedExpiry) ? Infinity : storedExpiry,
          ) <= this.cluster.wallMs + CLOCKS_MS;
      const proven = [...this.#listed].some((other) => other !== id);
      if (!this.hidden.has(id) || !(isPast || proven)) {
        this.fail(`${id} was taken for expired while it exists`);
      }
    }
  }
}

/** What would make the official plugin fail on this data. */
function problemOf(entries: Entries): string | undefined {
  const resources = entries["resources"];
  if (resources !== undefined && !isStrings(resources)) return "resources";
  const count = entries["reviews_count"];
  if (count !== undefined && !/^[1-9]\d*$/.test(count)) return "reviews_count";
  const resolution = entries["resolution"];
  if (
    resolution !== undefined &&
    !["APPROVED", "DENIED", "PROMOTED", "EXPIRED"].includes(resolution)
  ) return "resolution";
  const messages = refsOf(entries);
  if (!messages.every((ref) => /^\d{17,20}\/\d{17,20}$/.test(ref))) {
    return "messages";
  }
  if (new Set(messages).size !== messages.length) return "repeated messages";
  const isOwn = entries["x-version"] !== undefined;
  const isForSomebody = Object.keys(entries).some((k) => k.startsWith("x-to:"));
  if (isOwn && !isForSomebody && messages.length === 0) return "nobody to tell";
  return undefined;
}

/** What may not be taken back. */
function regression(before: Entries, after: Entries): string | undefined {
  if (
    Number(after["reviews_count"] ?? 0) < Number(before["reviews_count"] ?? 0)
  ) {
    return "fewer reviews than before";
  }
  const kept = refsOf(before).every((ref) => refsOf(after).includes(ref));
  if (!kept) return "a message was forgotten";
  const lost = Object.keys(before).some((key) =>
    /^x-(told$|told-end$|ended:|escalated$|called:|mentions:|reminded:|reminders:|thread:)/
      .test(key) &&
    after[key] === undefined
  );
  if (lost) return "a notice was forgotten";
  const was = before["resolution"] ?? "";
  const is = after["resolution"] ?? "";
  const legal = was === is || was === "" || was === "EXPIRED" ||
    (was === "APPROVED" && is === "DENIED");
  if (!legal) return `${was} became ${is}`;
  if (was === "EXPIRED" && is === "" && before["x-inferred"] !== "1") {
    return "EXPIRED after a DELETE event became pending";
  }
  return undefined;
}

function refsOf(entries: Entries): string[] {
  const messages = entries["messages"] ?? "";
  return messages === "" ? [] : messages.split(",");
}

function isStrings(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((v) => typeof v === "string");
  } catch {
    return false;
  }
}

/** Returns the request that a message announces. */
export function idOf(content: string): string {
  const [title = "", id = ""] = content.split("\n", 2);
  return isTitle(title, "announcement") ? id.replace("*ID*: ", "") : "";
}

/** Returns the state that a message shows, in whatever language. */
export function stateOf(content: string): string {
  const line = /^\*(?:Status|상태)\*: \S+ (.*)$/m.exec(content)?.[1] ?? "";
  const states = Object.values(CATALOGUES).flatMap(({ lines }) =>
    Object.entries(lines.states)
  );
  return states.find(([, text]) => line.startsWith(text))?.[0] ?? "";
}

/** Returns the reviews that a message counts: approvals and denials, or only their sum. */
export function reviewsOf(content: string): string {
  return /^\*(?:Reviews|검토)\*: (.*)$/m.exec(content)?.[1] ?? "";
}

/** Returns how many reviews a message counts. */
export function sumOf(reviews: string): number {
  return (reviews.match(/\d+/g) ?? []).reduce((sum, n) => sum + Number(n), 0);
}
