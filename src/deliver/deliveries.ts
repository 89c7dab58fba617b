/**
 * Deliveries: one request at one recipient, brought in step one call at a time.
 *
 * @module
 */

import { Breaker, type Pass } from "../lib/async/breaker.ts";
import type { Logger } from "../lib/log/logger.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import { hintForChannel, isDenial } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { PluginData } from "../record/plugin_data.ts";
import { factsOf } from "../record/shown_facts.ts";
import {
  DeliveryFailures,
  type DeliveryFailuresContext,
  fieldsOf,
} from "./delivery_failures.ts";
import { DirectChannels } from "./direct_channels.ts";
import { isDue, type Work, workFor } from "./due.ts";
import { type CallContext, DeliveryCalls } from "./edit_message.ts";
import { Course, type DeliverableRequest } from "./in_flight.ts";
import { type NoticeCallContext, NoticeCalls } from "./notice_posts.ts";
import { isNoticeKey, type Notice } from "./notices.ts";
import { Posts } from "./post_once.ts";

/** What {@linkcode Deliveries} need. */
export interface DeliveryContext
  extends CallContext, NoticeCallContext, DeliveryFailuresContext {
  readonly logger: Logger;
  /** Called when the last delivery of a request has ended for now. */
  readonly onIdle: (id: string) => void;
}

const CHANNEL_BREAKER = { firstMs: 60_000, maxMs: 3_600_000 };

/** A look-up that takes another rule in the plugin's role is tried again after this time. */
const DENIED_LOOKUP_MS = 300_000;

/** What was read longer ago than this is read again before a call: a closed channel can take days. */
const MAX_AGE_MS = 60_000;

/** Something to do about a course, and for whom. */
type Task =
  | { readonly work: Work; readonly recipient: string }
  | { readonly notice: Notice; readonly recipient: string };

/** Carries out deliveries, each (request, recipient) on its own, and notices beside them. */
export class Deliveries {
  readonly #context: DeliveryContext;
  readonly #channels: DirectChannels;
  readonly #calls: DeliveryCalls;
  readonly #notices: NoticeCalls;
  readonly #failures: DeliveryFailures;
  readonly #courses = new Map<DeliverableRequest, Map<string, Course>>();
  readonly #running = new Set<Promise<void>>();
  readonly #breakers = new Map<string, Breaker>();

  constructor(context: DeliveryContext) {
    this.#context = context;
    const posts = new Posts(context);
    this.#channels = new DirectChannels(context);
    this.#calls = new DeliveryCalls(context, posts, this.#channels);
    this.#notices = new NoticeCalls(context, posts, this.#channels);
    this.#failures = new DeliveryFailures(context, this.#calls, this.#notices);
  }

  /** How many deliveries have not ended. */
  get count(): number {
    return this.#running.size;
  }

  /** How many deliveries are tried ever more rarely: nothing is known to cure what they fail with. */
  get refused(): number {
    let count = 0;
    for (const courses of this.#courses.values()) {
      for (const { isRefused } of courses.values()) if (isRefused) count++;
    }
    return count;
  }

  /** How long the oldest that has not ended has been tried, in milliseconds; 0 if there is none. */
  get oldestMs(): number {
    const nowMs = this.#context.clock.monotonic();
    let oldestMs = 0;
    for (const courses of this.#courses.values()) {
      for (const { startedMs } of courses.values()) {
        oldestMs = Math.max(oldestMs, nowMs - startedMs);
      }
    }
    return oldestMs;
  }

  /** Whether some delivery of the request has not ended. */
  isBusy(request: DeliverableRequest): boolean {
    return this.#courses.has(request);
  }

  /** Brings deliveries in step; those under way take in by themselves what changed. */
  start(request: DeliverableRequest, recipients: readonly string[]): void {
    const courses = this.#courses.get(request) ?? new Map<string, Course>();
    for (const course of courses.values()) course.wake();
    for (const recipient of recipients) {
      if (courses.has(recipient)) continue;
      const course = new Course(request, recipient, this.#context);
      courses.set(recipient, course);
      this.#courses.set(request, courses);
      const running = this.#run(course);
      this.#running.add(running);
      running.finally(() => this.#running.delete(running));
    }
  }

  /** Waits until calls that are under way have ended and their outcome is recorded. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #run(course: Course): Promise<void> {
    const { request, recipient } = course;
    do {
      course.stirred = false;
      while (await this.#step(course));
      // What changed after the last look, but before this course ends, would else be missed.
    } while (course.stirred);
    const courses = this.#courses.get(request);
    courses?.delete(recipient);
    if (courses?.size !== 0) return;
    this.#courses.delete(request);
    this.#context.onIdle(request.id);
  }

  /** Does the next thing that a delivery needs; returns whether there may be more to do. */
  async #step(course: Course): Promise<boolean> {
    const { patience, clock } = this.#context;
    if (patience.wait.aborted || course.yielded) return false;
    try {
      const { record } = course.request;
      this.#lookForNews(course);
      const waitMs = course.notBeforeMs - clock.monotonic();
      if (record.snapshot === undefined && waitMs > 0) {
        await this.#pause(course, (signal) => clock.sleep(waitMs, signal));
        return true;
      }
      const { data } = record.snapshot ?? await record.read(patience.call);
      if (data === undefined) return false;
      if (isNoticeKey(course.recipient)) {
        return await this.#stepNotice(course, data, waitMs);
      }
      const work = workFor(data, course.recipient);
      if (work === undefined) return false;
      if (!isDue(data, course.recipient, new Date(clock.now()))) return false;
      if (work.kind === "settle" && !this.#calls.mayBePosted(course, data)) {
        await this.#calls.drop(course);
        return true;
      }
      const { recipient } = course;
      await this.#attempt(course, waitMs, { work, recipient });
      return true;
    } catch (error) {
      if (patience.wait.aborted) return false;
      if (error instanceof TeleportError) {
        return this.#failures.recoverTeleport(course, error);
      }
      this.#failures.retryRarely(course, error);
      await this.#pause(course, (signal) => {
        return clock.sleep(course.notBeforeMs - clock.monotonic(), signal);
      });
      return true;
    }
  }

  /** What was refused is tried at once when there is something else to show. */
  #lookForNews(course: Course): void {
    const { data } = course.request.record.snapshot ?? {};
    if (course.refusedFacts === undefined || data === undefined) return;
    if (factsOf(data) === course.refusedFacts) return;
    course.refusedFacts = undefined;
    course.notBeforeMs = 0;
  }

  async #stepNotice(
    course: Course,
    known: PluginData,
    waitMs: number,
  ): Promise<boolean> {
    const { clock, patience } = this.#context;
    if (this.#notices.noticeOf(course, known) === undefined) return false;
    if (waitMs > 0) {
      await this.#pause(course, (signal) => clock.sleep(waitMs, signal));
      return true;
    }
    // It failed before: what is stored may be gone by now, and with it what there was to tell.
    const data = course.notBeforeMs === 0
      ? known
      : (await course.request.record.read(patience.call)).data;
    if (data === undefined) return false;
    const notice = this.#notices.noticeOf(course, data);
    if (notice === undefined) return false;
    let recipient: string | undefined;
    try {
      recipient = await this.#notices.recipientOf(course, notice, data);
    } catch (error) {
      if (!isDenial(error)) throw error;
      course.notBeforeMs = clock.monotonic() + DENIED_LOOKUP_MS;
      return true;
    }
    if (recipient === undefined) await this.#notices.settle(course, notice);
    else await this.#attempt(course, 0, { notice, recipient });
    return true;
  }

  /** Does what is to be done when its time has come, or at least waits for that. */
  async #attempt(course: Course, waitMs: number, task: Task): Promise<void> {
    const { clock, token } = this.#context;
    if (waitMs > 0) {
      await this.#pause(course, (signal) => clock.sleep(waitMs, signal));
    } else if (!token.isOpen) {
      await this.#pause(course, (signal) => token.pass(signal));
    } else await this.#guarded(course, task);
  }

  /** Waits for something, but no longer than until the request changes. */
  async #pause<T>(
    course: Course,
    wait: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const signal = AbortSignal.any([
      this.#context.patience.wait,
      course.changed,
    ]);
    try {
      return await wait(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    }
  }

  /** Does the work as soon as the breaker of the recipient lets it. */
  async #guarded(course: Course, task: Task): Promise<void> {
    const { recipient } = task;
    const breaker = this.#breakerOf(recipient);
    const pass = await this.#pause(
      course,
      (signal) => breaker.enter(signal, course),
    );
    if (pass === undefined) return;
    try {
      if (await this.#isOver(course)) return pass.abandon();
      const written = "work" in task
        ? await this.#calls.carryOut(course, task.work)
        : await this.#notices.carryOut(course, task.notice, recipient);
      if (written) pass.succeed();
      else pass.abandon();
    } catch (error) {
      if (!(error instanceof DiscordApiError)) {
        pass.abandon();
        throw error;
      }
      const recovery = "work" in task
        ? this.#failures.recoverWork(course, task.work, error)
        : this.#failures.recoverNotice(course, task.notice, error);
      const channelError = await recovery.catch((failure) => {
        pass.abandon();
        throw failure;
      });
      if (channelError === undefined) pass.abandon();
      else this.#channelFailed(course, recipient, pass, channelError);
    }
  }

  /** Whether there is nothing to deliver any more: what is stored ends with the access that was asked for. */
  async #isOver({ request, logger }: Course): Promise<boolean> {
    const { call } = this.#context.patience;
    const { data } = await request.record.read(call, MAX_AGE_MS);
    if (data !== undefined) return false;
    logger.warn("delivery given up: its plugin data is gone");
    return true;
  }

  #channelFailed(
    course: Course,
    recipient: string,
    pass: Pass,
    error: DiscordApiError,
  ): void {
    this.#channels.forget(recipient);
    if (!pass.fail()) return;
    course.logger.warn(
      "recipient cannot be reached, trying again from time to time",
      { ...fieldsOf(error), recipient, hint: hintForChannel(error) },
    );
  }

  #breakerOf(recipient: string): Breaker {
    let breaker = this.#breakers.get(recipient);
    if (breaker === undefined) {
      breaker = new Breaker(CHANNEL_BREAKER, this.#context.clock);
      this.#breakers.set(recipient, breaker);
    }
    return breaker;
  }
}
