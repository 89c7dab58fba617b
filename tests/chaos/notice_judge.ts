/**
 * What must hold of notices: the requester is told each news once, each recipient is reminded once each time.
 *
 * @module
 */

import { isReminderOf } from "../../src/message/notice_message.ts";
import { stateOfTag } from "../../src/message/state_tags.ts";
import { SHOWS_GONE } from "../../src/record/plugin_data.ts";
import { decodePluginData } from "../../src/record/plugin_data_codec.ts";
import type { Cluster } from "./cluster.ts";
import {
  type DiscordServer,
  type Message,
  REQUESTER_CHANNEL,
  TAGS,
} from "./discord_server.ts";
import type { Faults } from "./faults.ts";
import { type Judge, reviewsOf, stateOf, sumOf } from "./judge.ts";
import type { PeoplePlan } from "./schedule.ts";

type Entries = Readonly<Record<string, string>>;

/** Clocks differ. */
const CLOCKS_MS = 4500;

/** Discord's clock, by which a message was posted, may differ by this much. */
const SKEW_MS = 20_000;

/** A message that comes so much later than its request is reminded of by its own time. */
const LATE_MS = 60_000;

/** A reminder is there so soon after its time when all is well. */
const PROMPT_MS = 12_000;

/** A reminder may be on its way for so long after it became known that a request was reviewed. */
const STALE_MS = 20_000;

/** Watches over what is sent beside announcements. */
export class NoticeJudge {
  readonly #judge: Judge;
  readonly #cluster: Cluster;
  readonly #faults: Faults;
  readonly #people: PeoplePlan | undefined;
  readonly #told = new Set<string>();
  /** How many reminders of a request a channel has. */
  readonly #reminded = new Map<string, number>();
  readonly #inThreads = new Set<string>();
  readonly #official = new Set<string>();
  readonly #hasNews = new Set<string>();
  /** Requests that ended; an end that was inferred can be taken back before anybody is told. */
  readonly #hasEnd = new Set<string>();
  /** Since when it is stored that a request needs no reminder. */
  readonly #settledAtMs = new Map<string, number>();

  constructor(
    judge: Judge,
    faults: Faults,
    people: PeoplePlan | undefined,
  ) {
    this.#judge = judge;
    this.#cluster = judge.cluster;
    this.#faults = faults;
    this.#people = people;
  }

  /** Plugin data was written. */
  written(id: string, before: Entries, after: Entries): void {
    const isNew = (key: string) =>
      after[key] !== undefined && after[key] !== before[key];
    // Somebody was told of the request, so its requester is to be told what comes of it.
    const isFollowed =
      (before["messages"] ?? before["x-version"]) !== undefined;
    if (isFollowed && isNew("reviews_count")) this.#hasNews.add(id);
    if (isFollowed && isNew("resolution")) this.#hasEnd.add(id);
    if (after["resolution"] === undefined) this.#hasEnd.delete(id);
    if (before["resolution"] !== undefined && !after["resolution"]) {
      // An end that was none may be told again when it comes.
      for (const said of this.#inThreads) {
        if (said.includes(id)) this.#inThreads.delete(said);
      }
    }
    const isOpen = (after["resolution"] ?? "") === "" &&
      after["reviews_count"] === undefined;
    if (isOpen) this.#settledAtMs.delete(id);
    else if (!this.#settledAtMs.has(id)) {
      this.#settledAtMs.set(id, this.#cluster.time.nowMs);
    }
  }

  /** The official plugin claimed a request. */
  claimedOfficially(id: string): void {
    this.#official.add(id);
  }

  /** The requester was sent something. */
  told(message: Message): void {
    const id = subjectIn(message.content);
    this.#judge.count("news for requesters");
    if (this.#people?.requester !== true) {
      this.#judge.fail(`the requester of ${id} is not to be told`);
    }
    const state = stateOf(message.content);
    const news = [
      id,
      state,
      reviewsOf(message.content),
      ...message.content.match(/<t:\d+:\w>/g) ?? [],
    ].join(" ");
    if (this.#told.has(news)) {
      this.#judge.fail(`the requester of ${id} was told the same twice`);
    }
    this.#told.add(news);
    const states: ReadonlySet<string> = this.#cluster.states(id);
    if (state !== "EXPIRED" && !states.has(state)) {
      this.#judge.fail(`the requester of ${id} was told ${state}`);
    }
  }

  /** A reminder was posted. */
  reminded(message: Message): void {
    const id = subjectIn(message.content);
    this.#judge.count("reminders");
    const key = `${id} ${message.parentId ?? message.channelId}`;
    const count = (this.#reminded.get(key) ?? 0) + 1;
    this.#reminded.set(key, count);
    if (count > 1) this.#judge.count("further reminders");
    const request = this.#cluster.last(id);
    const times = this.#people?.remindAfterMs ?? [];
    if (count > times.length) {
      this.#judge.fail(`${message.channelId} was reminded twice of ${id}`);
    }
    const ageMs = this.#cluster.wallMs - (request?.created.getTime() ?? 0);
    if (
      ageMs + CLOCKS_MS < (times[count - 1] ?? Infinity) &&
      this.#faults.wereAbsent("clock", 0)
    ) this.#judge.fail(`${message.channelId} was reminded of ${id} too soon`);
    const settledMs = this.#settledAtMs.get(id) ?? Infinity;
    if (this.#cluster.time.nowMs - settledMs > STALE_MS) {
      this.#judge.fail(
        `${message.channelId} was reminded of ${id} for nothing`,
      );
    }
  }

  /** Something was said in a thread. */
  saidInThread(message: Message): void {
    const id = subjectIn(message.content);
    this.#judge.count("messages in threads");
    const key = `${message.channelId} ${message.content}`;
    if (this.#inThreads.has(key)) {
      this.#judge.fail(`the thread of ${id} said twice: ${message.content}`);
    }
    this.#inThreads.add(key);
    const state = stateOf(message.content);
    const states: ReadonlySet<string> = this.#cluster.states(id);
    if (state !== "" && state !== "EXPIRED" && !states.has(state)) {
      this.#judge.fail(`the thread of ${id} said ${state}`);
    }
  }

  /** Threads have told every review and the outcome, and are closed with it. */
  checkThreads(discord: DiscordServer, id: string): void {
    const entries = this.#cluster.stored(id);
    if (entries === undefined) return;
    const { threads, deliveries } = decodePluginData(entries);
    const reviews = Number(entries["reviews_count"] ?? 0);
    const resolution = entries["resolution"] ?? "";
    for (const [recipient, thread] of threads) {
      const delivery = deliveries.get(recipient);
      if (delivery?.kind !== "posted" || thread.kind === "none") continue;
      const { channelId, messageId } = delivery.message;
      if (!this.#judge.isReachable(discord.placeOf(channelId))) continue;
      // A person deleted the post, and nothing was to be said since.
      if (!discord.exists(channelId)) continue;
      if (thread.kind === "wanted") {
        if (delivery.shows === SHOWS_GONE) continue;
        this.#judge.fail(`${id} has no thread in ${channelId}`);
        continue;
      }
      const said = discord.messages(messageId)
        .filter(({ id }) => id !== messageId).map(({ content }) => content);
      const numbers = said.map((content) =>
        Number(/^\*[^*]+\*: (\d+)$/m.exec(content)?.[1] ?? 0) ||
        // Of what can no longer be read, only the number is told.
        (stateOf(content) === "" ? sumOf(reviewsOf(content)) : 0)
      );
      const outcomes = said.map(stateOf).filter((state) => state !== "");
      this.#judge.count(`threads ${thread.kind}`);
      if (reviews > 0 && Math.max(0, ...numbers) !== reviews) {
        this.#judge.fail(`the thread of ${id} lacks review ${reviews}`);
      }
      if (resolution !== "" && outcomes.at(-1) !== resolution) {
        this.#judge.fail(`the thread of ${id} lacks ${resolution}`);
      }
      // Where the end of access is told, the thread stays open until then.
      const awaitsEnd = resolution === "APPROVED" &&
        this.#people?.beforeEndMs !== undefined &&
        entries[`x-ended:${recipient}`] === undefined;
      const isDone = resolution !== "" && !awaitsEnd;
      if (isDone && !discord.isArchived(messageId)) {
        this.#judge.fail(`the thread of ${id} is still open`);
      }
      if (discord.forumOf(messageId) !== undefined) {
        this.#checkTags(discord, id, messageId, resolution || "PENDING");
      }
    }
  }

  /** A post is tagged by the state of its request. */
  #checkTags(
    discord: DiscordServer,
    id: string,
    postId: string,
    state: string,
  ): void {
    const states = discord.tagsOf(postId)
      .map((tag) => stateOfTag(TAGS.get(tag) ?? ""));
    const isForbidden = !this.#faults.wereAbsent("unknown refusals", 0) ||
      !this.#faults.wereAbsent("channel forbidden", 0);
    this.#judge.count("tags of posts");
    // A tag that is refused is done without.
    if (states.join() !== state && !isForbidden) {
      this.#judge.fail(`${id} is ${state}, and its post is tagged ${states}`);
    }
  }

  /** In the end nothing is owed any more. */
  verdict(discord: DiscordServer): void {
    for (const id of this.#cluster.ids) {
      if (this.#people?.requester === true) this.#checkNews(discord, id);
      this.checkReminders(discord, id);
      this.checkThreads(discord, id);
    }
  }

  /** The requester has been told what is stored. */
  #checkNews(discord: DiscordServer, id: string): void {
    const entries = this.#cluster.stored(id);
    if (entries === undefined) return;
    if (!this.#judge.isReachable(REQUESTER_CHANNEL)) return;
    // An official claim that resolved before anything was posted is nobody's business.
    const hasNews = this.#hasNews.has(id) || this.#hasEnd.has(id);
    if (this.#official.has(id) && !hasNews) return;
    const reviews = Number(entries["reviews_count"] ?? 0);
    const resolution = entries["resolution"] ?? "";
    if (reviews === 0 && resolution === "") return;
    const isTold = discord.messages(REQUESTER_CHANNEL).some(({ content }) =>
      subjectIn(content) === id && sumOf(reviewsOf(content)) === reviews &&
      (resolution === "" || stateOf(content) === resolution)
    );
    if (!isTold) {
      this.#judge.fail(
        `the requester of ${id} was not told of ${resolution} and ${reviews} reviews`,
      );
    }
  }

  /** Whoever has an unreviewed request before them for long enough has been reminded. */
  checkReminders(discord: DiscordServer, id: string): void {
    const request = this.#cluster.current(id);
    const entries = this.#cluster.stored(id);
    const times = this.#people?.remindAfterMs ?? [];
    if (
      request?.state !== "PENDING" || request.reviews.length > 0 ||
      entries === undefined
    ) return;
    const createdMs = this.#cluster.time.nowMs -
      (this.#cluster.wallMs - request.created.getTime());
    for (const [recipient, delivery] of decodePluginData(entries).deliveries) {
      if (delivery.kind !== "posted" || recipient.includes("/")) continue;
      const { channelId, messageId } = delivery.message;
      if (!this.#judge.isReachable(discord.placeOf(channelId))) continue;
      const inChannel = discord.messages(channelId);
      const message = inChannel.find((each) => each.id === messageId);
      const inThread = discord.threads.has(messageId) &&
          channelId !== messageId
        ? discord.messages(messageId)
        : [];
      const reminders = [...inChannel, ...inThread].filter(({ content }) =>
        isReminderOf(content, id)
      );
      if (message?.deleted !== false) continue;
      // How late it came is told by Discord's clock.
      const lateByMs = message.atMs - createdMs - LATE_MS;
      const doubtMs = CLOCKS_MS + SKEW_MS;
      const earliestMs = lateByMs > doubtMs ? message.atMs : createdMs;
      const latestMs = lateByMs > -doubtMs ? message.atMs : createdMs;
      const due = times.filter((ms) =>
        latestMs + ms + SKEW_MS + PROMPT_MS <= this.#cluster.time.nowMs
      );
      if (due.length === 0) continue;
      if (reminders.length < 1 || reminders.length > times.length) {
        this.#judge.fail(
          `${recipient} was reminded ${reminders.length} times of ${id}`,
        );
      }
      // A clock that ran ahead may have had it sent earlier.
      const lastMs = earliestMs + (due.at(-1) ?? 0) - SKEW_MS - CLOCKS_MS;
      if (
        this.#faults.wereAbsent("clock", 0) &&
        !reminders.some(({ atMs }) => atMs >= lastMs)
      ) {
        this.#judge.fail(`${recipient} lacks the last reminder of ${id}`);
      }
    }
  }
}

/** Returns the request that any message of ours is about. */
export function subjectIn(content: string): string {
  return /^\*ID\*: (.*)$/m.exec(content)?.[1] ?? "";
}
