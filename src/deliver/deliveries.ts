/**
 * Deliveries: one request at one recipient, brought in step one call at a time.
 *
 * @module
 */

import { Breaker, type Pass } from "../lib/async/breaker.ts";
import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Pause } from "../lib/async/pause.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { ClusterFacts } from "../message/announcement.ts";
import type { DiscordUsers } from "../people/discord_users.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import { DiscordApiError, fieldsOf } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import { hintForChannel, isDenial } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import { type PluginData, withDelivery } from "../record/plugin_data.ts";
import { announcementPost } from "./announcement_post.ts";
import { DeliveryFailures } from "./delivery_failures.ts";
import { DirectChannels } from "./places/direct_channels.ts";
import { type DeliveryTask, taskFor } from "./due/due.ts";
import { EditMessage } from "./edit_message.ts";
import { FindPosted, type FindPostedOptions } from "./find_posted.ts";
import { Forums } from "./places/forums.ts";
import {
  type AnnouncementDelivery,
  type DeliverableRequest,
  InFlightDelivery,
  isAnnouncement,
} from "./in_flight.ts";
import { NoticePosts } from "./notice_posts.ts";
import { nameOf, type Subject } from "./due/subject.ts";
import { PostOnce, type PostOnceOptions } from "./post_once.ts";
import { ThreadCalls } from "./thread_calls.ts";

/** What {@linkcode Deliveries} need. */
export interface DeliveriesOptions {
  readonly messenger: Messenger;
  readonly clock: Clock;
  readonly logger: Logger;
  /** ID of this process. */
  readonly self: string;
  readonly facts: ClusterFacts;
  readonly people: () => PeopleConfig;
  readonly discordUsers: DiscordUsers;
  /** User ID of the bot. */
  readonly botId: () => string;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: FindPostedOptions["mayReadHistory"];
  /** On while Discord refuses the token. */
  readonly pause: Pause;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
  /** Called when Discord refused the token. */
  readonly onTokenRefused: () => void;
  /** Called when another process was seen to take a request over first. */
  readonly onLeaseLost: (holder: string) => void;
  /** Called with each message that was posted, to count it. */
  readonly onPosted?: PostOnceOptions["onPosted"];
  /** Called with the ID of a request and the name of a delivery that has ended for now. */
  readonly onEnded: (id: string, name: string) => void;
}

const CHANNEL_BREAKER = { firstMs: 60_000, maxMs: 3_600_000 };

/** A look-up that takes another rule in the plugin's role is tried again after this time. */
const DENIED_LOOKUP_MS = 300_000;

/** What was read longer ago than this is read again before a call: a closed channel can take days. */
const MAX_AGE_MS = 60_000;

/** What is to be done for a delivery next, and where. */
type Assignment =
  | {
    readonly recipient: string;
    /** Returns whether Discord was called to write a message. */
    readonly send: () => Promise<boolean>;
    /** Recovers from what Discord answered; returns the error if it is the recipient's fault. */
    readonly recover: (
      error: DiscordApiError,
    ) => Promise<DiscordApiError | undefined>;
  }
  /** Nothing before its time. */
  | "wait"
  /** Nobody is to be told any more, which is to be recorded. */
  | { readonly settle: () => Promise<void> };

/** Carries out deliveries, each (request, recipient) on its own, and notices beside them. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #channels: DirectChannels;
  readonly #posts: PostOnce;
  readonly #edits: EditMessage;
  readonly #notices: NoticePosts;
  readonly #failures: DeliveryFailures;
  readonly #running = new Map<InFlightDelivery, Promise<void>>();
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    const { messenger, clock, discordUsers, onTokenRefused, botId } = options;
    const channels = this.#channels = new DirectChannels(messenger, botId);
    const forums = new Forums(messenger, clock);
    const posted = new FindPosted(options, forums);
    this.#posts = new PostOnce(options, channels, forums, posted);
    this.#edits = new EditMessage(options);
    const threads = new ThreadCalls(messenger, forums);
    const notices = new NoticePosts(discordUsers, this.#posts, threads);
    this.#notices = notices;
    this.#failures = new DeliveryFailures({
      messenger,
      notices,
      threads,
      onTokenRefused,
    });
  }

  /** How many deliveries have not ended. */
  get count(): number {
    return this.#running.size;
  }

  /** How many deliveries are tried ever more rarely: nothing is known to cure what they fail with. */
  get givenUp(): number {
    return [...this.#running.keys()].filter(({ isRefused }) => isRefused)
      .length;
  }

  /** How long the oldest that has not ended has been tried, in milliseconds; 0 if there is none. */
  get oldestMs(): number {
    const nowMs = this.#options.clock.monotonic();
    return this.#running.keys().reduce(
      (oldestMs, { startedMs }) => Math.max(oldestMs, nowMs - startedMs),
      0,
    );
  }

  /**
   * Brings deliveries in step; those under way take in by themselves what changed.
   *
   * @param holder Who held the lease when it was decided that this process acts.
   */
  start(
    request: DeliverableRequest,
    subjects: readonly Subject[],
    holder: string,
  ): void {
    const { inFlight } = request;
    for (const delivery of inFlight.values()) {
      delivery.holder = holder;
      delivery.wake();
    }
    for (const subject of subjects) {
      const name = nameOf(subject);
      if (inFlight.has(name)) continue;
      const delivery = new InFlightDelivery(request, subject, this.#options);
      delivery.holder = holder;
      inFlight.set(name, delivery);
      const running = this.#deliver(delivery);
      this.#running.set(delivery, running);
      running.finally(() => this.#running.delete(delivery));
    }
  }

  /** Waits until calls that are under way have ended and their outcome is recorded. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running.values());
    }
  }

  /** Does what a delivery needs, one call at a time, until it is in step. */
  async #deliver(delivery: InFlightDelivery): Promise<void> {
    const { request, name } = delivery;
    do {
      delivery.changedMeanwhile = false;
      for (let isOver = false; !isOver;) {
        try {
          const assignment = await this.#nextAssignment(delivery);
          if (assignment === undefined) isOver = true;
          else await this.#attempt(delivery, assignment);
        } catch (error) {
          isOver = !await this.#recover(delivery, error);
        }
      }
      if (await this.#isShownInDoubt(delivery)) {
        delivery.changedMeanwhile = true;
      }
      // What changed after the last look, but before this delivery ends, would else be missed.
    } while (delivery.changedMeanwhile);
    request.inFlight.delete(name);
    this.#options.onEnded(request.id, name);
  }

  /** Records what an edit of unknown outcome leaves in doubt; returns whether there is something to do again. */
  async #isShownInDoubt(delivery: InFlightDelivery): Promise<boolean> {
    try {
      return isAnnouncement(delivery) &&
        await this.#edits.recordUnconfirmed(delivery);
    } catch (error) {
      // Either this process ends, or nothing can be stored about the request any more.
      delivery.logger.debug("cannot record a doubt", { err: error });
      return false;
    }
  }

  /** Returns what a delivery needs next; `undefined` if it is in step, or not for this process to make. */
  async #nextAssignment(
    delivery: InFlightDelivery,
  ): Promise<Assignment | undefined> {
    const { cancellation, self } = this.#options;
    const { request: { record } } = delivery;
    if (cancellation.stop.aborted || delivery.leaseLost) return undefined;
    delivery.lookForNews();
    const isEarly = delivery.leftMs > 0;
    if (record.snapshot === undefined && isEarly) return "wait";
    const data = isAnnouncement(delivery)
      ? await delivery.toShow()
      : await delivery.stored();
    if (data === undefined) return undefined;
    if (!isAnnouncement(delivery)) {
      return await this.#nextNotice(delivery, data, isEarly);
    }
    const { terms, subject: { recipient } } = delivery;
    const task = taskFor(data, recipient, terms);
    if (task === undefined) return undefined;
    const mayBePosted = data.leaseHolder !== self ||
      this.#posts.mayRepeat(delivery);
    if (task.kind === "settle" && !mayBePosted) {
      return { settle: () => this.#drop(delivery) };
    }
    return isEarly ? "wait" : {
      recipient,
      send: () => this.#announce(delivery, task),
      recover: (error) => this.#failures.recoverTask(delivery, task, error),
    };
  }

  /** Returns whether a delivery goes on after a failure that is not Discord's answer. */
  async #recover(delivery: InFlightDelivery, error: unknown): Promise<boolean> {
    if (this.#options.cancellation.stop.aborted) return false;
    if (error instanceof TeleportError) {
      return this.#failures.recoverStore(delivery, error);
    }
    delivery.retryRarely(error);
    await this.#untilTried(delivery);
    return true;
  }

  async #nextNotice(
    delivery: InFlightDelivery,
    known: PluginData,
    isEarly: boolean,
  ): Promise<Assignment | undefined> {
    if (this.#notices.noticeOf(delivery, known) === undefined) return undefined;
    if (isEarly) return "wait";
    // It failed before: what is stored may be gone by now, and with it what there was to tell.
    const data = delivery.notBeforeMs === 0
      ? known
      : (await delivery.request.record.read()).data;
    const notice = data && this.#notices.noticeOf(delivery, data);
    if (data === undefined || notice === undefined) return undefined;
    try {
      const recipient = await this.#notices.recipientOf(delivery, notice, data);
      return recipient === undefined
        ? { settle: () => this.#notices.settle(delivery, notice) }
        : {
          recipient,
          send: () => this.#notices.send(delivery, notice, recipient),
          recover: (error) =>
            this.#failures.recoverNotice(delivery, notice, error),
        };
    } catch (error) {
      if (!isDenial(error)) throw error;
      delivery.wait(DENIED_LOOKUP_MS);
      return "wait";
    }
  }

  /** Does what is to be done as soon as its time has come and the breaker of the recipient lets it. */
  async #attempt(
    delivery: InFlightDelivery,
    assignment: Assignment,
  ): Promise<void> {
    const { clock, pause } = this.#options;
    const { request: { record }, logger } = delivery;
    if (assignment === "wait") return await this.#untilTried(delivery);
    if ("settle" in assignment) return await assignment.settle();
    if (pause.isPaused) {
      return await this.#pause(
        delivery,
        (signal) => pause.untilResumed(signal),
      );
    }
    const { recipient, send, recover } = assignment;
    const breaker = this.#breakers.getOrInsertComputed(
      recipient,
      () => new Breaker(CHANNEL_BREAKER, clock),
    );
    const pass = await this.#pause(
      delivery,
      (signal) => breaker.enter(signal, delivery),
    );
    if (pass === undefined) return;
    let isWritten = false;
    let channelError: DiscordApiError | undefined;
    try {
      // What is stored ends with the access that was asked for.
      const { data } = await record.read(MAX_AGE_MS);
      if (data === undefined) {
        return logger.warn("delivery given up: its plugin data is gone");
      }
      isWritten = await send();
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      channelError = await recover(error);
    } finally {
      // That a message can be read says nothing about whether one can be written.
      if (isWritten) pass.succeed();
      else if (channelError === undefined) pass.abandon();
      else this.#channelFailed(delivery, recipient, pass, channelError);
    }
  }

  /** Does what an announcement needs; returns whether Discord was called to write a message. */
  async #announce(
    delivery: AnnouncementDelivery,
    task: DeliveryTask,
  ): Promise<boolean> {
    if (task.kind === "edit") {
      return await this.#edits.edit(delivery, task.delivery.message);
    }
    const post = announcementPost(delivery, task.generation);
    if (task.kind === "post") return await this.#posts.post(delivery, post);
    // It may have been made, which is recorded then.
    if (!await this.#posts.search(delivery, post)) await this.#drop(delivery);
    return false;
  }

  /** Records that a delivery is not owed any more: its request resolved before it was announced there. */
  async #drop(delivery: AnnouncementDelivery): Promise<void> {
    const { subject: { recipient }, logger } = delivery;
    logger.info("request resolved before it was announced here");
    await delivery.record((data) =>
      taskFor(data, recipient)?.kind === "settle"
        ? withDelivery(data, recipient, { kind: "dropped" })
        : data
    );
  }

  /** Waits until the next call may be made. */
  async #untilTried(delivery: InFlightDelivery): Promise<void> {
    const { clock } = this.#options;
    const { leftMs } = delivery;
    await this.#pause(delivery, (signal) => clock.sleep(leftMs, signal));
  }

  /** Waits for something, but no longer than until the request changes. */
  async #pause<T>(
    delivery: InFlightDelivery,
    wait: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const signal = AbortSignal.any([
      this.#options.cancellation.stop,
      delivery.changed,
    ]);
    try {
      return await wait(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    }
  }

  #channelFailed(
    delivery: InFlightDelivery,
    recipient: string,
    pass: Pass,
    error: DiscordApiError,
  ): void {
    this.#channels.forget(recipient);
    if (!pass.fail()) return;
    delivery.logger.warn(
      "recipient cannot be reached, trying again from time to time",
      { ...fieldsOf(error), recipient, hint: hintForChannel(error) },
    );
  }
}
