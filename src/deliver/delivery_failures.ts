/**
 * What follows from a call of a delivery that failed.
 *
 * Source: docs/design/failures.md 2, 3.
 *
 * @module
 */

import type { Patience } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import { refusalHint } from "../ports/admin_hints.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import {
  knownHint,
  recoverDiscord,
  recoverTeleport,
} from "../ports/recovery.ts";
import type { TeleportError } from "../ports/teleport_error.ts";
import { factsOf } from "../record/shown_facts.ts";
import type { Work } from "./due.ts";
import type { DeliveryCalls } from "./edit_message.ts";
import type { Course } from "./in_flight.ts";
import type { NoticeCalls } from "./notice_posts.ts";
import type { Notice } from "./notices.ts";

/** What {@linkcode DeliveryFailures} need. */
export interface DeliveryFailuresContext {
  readonly clock: Clock;
  readonly messenger: Messenger;
  readonly patience: Patience;
  /** Called when Discord refused the token. */
  readonly onTokenRefused: () => void;
}

/** Discord's JSON error code for a form whose fields are not as they should be. */
const INVALID_FORM = 50035;

/** Does what a failure calls for. */
export class DeliveryFailures {
  readonly #context: DeliveryFailuresContext;
  readonly #calls: DeliveryCalls;
  readonly #notices: NoticeCalls;

  constructor(
    context: DeliveryFailuresContext,
    calls: DeliveryCalls,
    notices: NoticeCalls,
  ) {
    this.#context = context;
    this.#calls = calls;
    this.#notices = notices;
  }

  /**
   * Tries a delivery again ever more rarely, since nothing is known to cure what happened: a refusal with an
   * unknown code, or a fault of this program. It is said once.
   */
  retryRarely(course: Course, error: unknown): void {
    const isNews = !course.isRefused;
    const waitMs = course.nextRareMs();
    const { data } = course.request.record.snapshot ?? {};
    course.refusedFacts = data && factsOf(data);
    course.notBeforeMs = this.#context.clock.monotonic() + waitMs;
    const isRefusal = error instanceof DiscordApiError;
    const fields = isRefusal
      ? { ...fieldsOf(error), hint: knownHint(error), wait_ms: waitMs }
      : { err: error, wait_ms: waitMs };
    const level = !isNews ? "debug" : isRefusal ? "warn" : "error";
    course.logger[level](
      "delivery failed, trying again ever more rarely",
      fields,
    );
  }

  /**
   * Recovers from what Discord answered about a message.
   *
   * @returns `undefined` if that was possible; else the error that is the recipient's fault.
   */
  async recoverWork(
    course: Course,
    work: Work,
    error: DiscordApiError,
  ): Promise<DiscordApiError | undefined> {
    if (this.#leaveOutRefused(course, error)) return undefined;
    switch (recoverDiscord(error)) {
      case "retry":
        this.#retry(course, error);
        break;
      case "token":
        this.#context.onTokenRefused();
        break;
      case "channel":
        return error;
      case "archived":
        return await this.#unarchive(course, work, error);
      case "unknown message":
        if (work.kind === "edit") {
          await this.#calls.markGone(course, "message was deleted");
        } else if (work.kind === "post" && course.lostPosts++ === 0) {
          await this.#calls.nextGeneration(course, work.generation);
        } else this.#retry(course, error);
        break;
      case "not ours":
        if (work.kind === "edit") {
          await this.#calls.markGone(course, "message belongs to another bot");
        } else this.retryRarely(course, error);
        break;
      case "content":
        this.#simplify(course, error);
        break;
      case "rarely":
      case "no reply":
        this.retryRarely(course, error);
        break;
    }
    return undefined;
  }

  /**
   * Recovers from what Discord answered about a notice. A reminder whose content is refused is worth one
   * attempt, news are worth as many as it takes.
   *
   * @returns `undefined` if that was possible; else the error that is the recipient's fault.
   */
  async recoverNotice(
    course: Course,
    notice: Notice,
    error: DiscordApiError,
  ): Promise<DiscordApiError | undefined> {
    if (this.#leaveOutRefused(course, error)) return undefined;
    switch (recoverDiscord(error)) {
      case "retry":
        this.#retry(course, error);
        break;
      case "token":
        this.#context.onTokenRefused();
        break;
      case "channel":
      case "archived":
        return error;
      case "unknown message":
        // It was posted before, and somebody deleted it.
        await this.#notices.settle(course, notice);
        break;
      case "no reply":
        course.bare = true;
        break;
      case "content":
        if (notice.kind === "remind") {
          course.logger.warn("reminder was refused", fieldsOf(error));
          await this.#notices.settle(course, notice);
        } else this.#simplify(course, error);
        break;
      case "not ours":
      case "rarely":
        this.retryRarely(course, error);
        break;
    }
    return undefined;
  }

  /**
   * Recovers from what the Auth Service answered.
   *
   * @returns Whether the delivery goes on.
   */
  recoverTeleport(course: Course, error: TeleportError): boolean {
    switch (recoverTeleport(error)) {
      case "gone":
        return false;
      case "give up":
        this.retryRarely(course, error);
        return true;
      case "denied":
        course.logFailure(
          "may not store what was announced, will retry",
          error.code,
          { err: error, hint: refusalHint(error) },
        );
        break;
      case "retry":
      case "conflict":
        course.logFailure(
          "cannot reach the Auth Service, will retry",
          error.code,
          { err: error },
        );
    }
    course.notBeforeMs = this.#context.clock.monotonic() +
      course.backoff.nextMs();
    return true;
  }

  #retry(course: Course, error: DiscordApiError): void {
    const { retryAfterMs = 0 } = error;
    // The client itself waits out a rate limit before the next call.
    const waitMs = error.status === 429
      ? 0
      : Math.max(course.backoff.nextMs(), retryAfterMs);
    course.notBeforeMs = this.#context.clock.monotonic() + waitMs;
    course.logFailure(
      "call failed, will retry",
      `${error.route} ${error.status} ${error.code}`,
      {
        ...fieldsOf(error),
        wait_ms: Math.round(Math.max(waitMs, retryAfterMs)),
      },
    );
  }

  async #unarchive(
    course: Course,
    work: Work,
    cause: DiscordApiError,
  ): Promise<DiscordApiError | undefined> {
    const { messenger, patience } = this.#context;
    if (work.kind !== "edit") return cause;
    // Somebody archives it again and again, or it only seems to work: no reason to hurry.
    if (course.unarchived++ > 0) this.#retry(course, cause);
    try {
      await messenger.unarchiveThread(
        work.delivery.message.channelId,
        patience,
      );
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      // Why the thread stays in the archive is what a person has to know.
      switch (recoverDiscord(error)) {
        case "channel":
          return error;
        case "retry":
          this.#retry(course, error);
          break;
        case "token":
          this.#context.onTokenRefused();
          break;
        default:
          this.retryRarely(course, error);
      }
    }
    return undefined;
  }

  /** Leaves out the parts that were refused, if the rest can do without; returns whether that is so. */
  #leaveOutRefused(course: Course, error: DiscordApiError): boolean {
    if (error.code !== INVALID_FORM || !course.parts.refuse(error.faults)) {
      return false;
    }
    course.logger.warn(
      "parts of the message were refused, sending it without them",
      fieldsOf(error),
    );
    return true;
  }

  /** Sends less the next time; what is refused even then stays refused. */
  #simplify(course: Course, error: DiscordApiError): void {
    if (course.bare) return this.retryRarely(course, error);
    course.bare = true;
    course.logger.warn(
      "content was refused, sending the bare notice",
      fieldsOf(error),
    );
  }
}

/** What a log line tells of an answer of Discord. */
export function fieldsOf(error: DiscordApiError): Record<string, unknown> {
  return {
    route: error.route,
    status: error.status,
    code: error.code,
    err: error,
  };
}
