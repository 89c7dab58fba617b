/**
 * Takes clicks and answers them.
 *
 * Nothing is decided or remembered here that Teleport has to know. Crash windows:
 *
 * - before the review is submitted: there is none. Discord tells the person that the click failed, or
 *   that an answer is on its way which never comes; another click starts over.
 * - after it: Teleport has it, its event changes the message, and another click is told so.
 *
 * Source: docs/design/review-rules.md 1.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { Catalogue } from "../message/catalogue/catalogue.ts";
import {
  isReviewable,
  parseAction,
  type ReviewAction,
} from "../message/review_button.ts";
import { type HiddenFields, hidesDecisive } from "../record/hidden_fields.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import { type Answers, type Click, type ReasonForm } from "../ports/clicks.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import { ClickLimit } from "./click_limit.ts";
import { needsReason, type ReasonRule } from "./judge_click.ts";
import {
  renderAnswer,
  renderOutcome,
  type ReviewOutcome,
} from "./review_outcome.ts";
import { clickFields, type ReviewSubmitter } from "./review_submitter.ts";

/** What a {@linkcode ClickHandler} needs. */
export interface ClickHandlerOptions {
  readonly answers: Answers;
  readonly submitter: ReviewSubmitter;
  readonly reasonRule: ReasonRule;
  /** Returns what somebody who clicked is told in. */
  readonly textsFor: (click: Click) => Catalogue;
  /** Returns what today's configuration does not show where a click was made. */
  readonly hiddenAt: (click: Click) => HiddenFields;
  /** Called with the outcome of each click that this process answered. */
  readonly onOutcome?: (kind: ReviewOutcome["kind"] | "form opened") => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cancellation: Cancellation;
}

/** Most clicks that are taken in a minute. */
const LIMITS = { perPerson: 20, inAll: 200 };

/** The same click of the same person within this time is one too many. */
const REPEAT_MS = 5000;

/** After these the person is told to click again, so that has to count at once. */
const CLICK_AGAIN: ReadonlySet<ReviewOutcome["kind"]> = new Set([
  "not recorded",
  "no reason",
  "not ready",
  "not checked",
  "unreachable",
  "in doubt",
]);

/**
 * How long a process lets others answer that know the request: one that has just started does not, nor
 * does one of another cluster whose bot is the same.
 */
const OTHERS_FIRST_MS = 500;

/** Takes clicks. */
export class ClickHandler {
  readonly #options: ClickHandlerOptions;
  readonly #limit = new ClickLimit(LIMITS);
  readonly #running = new Set<Promise<void>>();
  /** Requests that are known to be open to clicks. */
  readonly #open = new Set<string>();
  /** When a person clicked something the last time. */
  readonly #lastClicks = new Map<string, number>();

  constructor(options: ClickHandlerOptions) {
    this.#options = options;
  }

  /** Takes in how a request was seen last; `undefined` if it is gone. */
  see(requestId: string, request: AccessRequest | undefined): void {
    if (request !== undefined && isReviewable(request)) {
      this.#open.add(requestId);
    } else this.#open.delete(requestId);
  }

  /** Takes a click; it is answered later. */
  take(click: Click): void {
    const { logger, cancellation } = this.#options;
    if (cancellation.stop.aborted) return;
    const handled = this.#handle(click).catch((error) => {
      const fields = { ...clickFields(click), err: error };
      logger.warn("cannot answer a click", fields);
    });
    this.#running.add(handled);
    handled.finally(() => this.#running.delete(handled));
  }

  /** Waits until every click that was taken has its answer. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #handle(click: Click): Promise<void> {
    const { answers, clock, reasonRule, cancellation } = this.#options;
    const { submitter, textsFor, hiddenAt, onOutcome = () => {} } =
      this.#options;
    const texts = textsFor(click);
    const reply = async (outcome: ReviewOutcome) => {
      const text = renderOutcome(outcome, texts);
      const answer = () => answers.reply(click, text);
      if (await this.#isFirst(click, answer)) onOutcome(outcome.kind);
    };
    if (!this.#limit.take(click.userId, clock.monotonic())) {
      return await reply({ kind: "too many clicks" });
    }
    const action = parseAction(click.customId);
    if (action === undefined) return await reply({ kind: "foreign" });
    if (!this.#open.has(action.requestId)) {
      await clock.sleep(OTHERS_FIRST_MS, cancellation.deadline);
    }
    const asksReason = click.kind === "button" &&
      needsReason(reasonRule, action.verdict);
    // Who has not seen all of it is shown that first. What the message really hides is read later.
    const hidden = hiddenAt(click);
    const mustReveal = action.messageId === undefined && hidesDecisive(hidden);
    if (asksReason && !mustReveal && this.#open.has(action.requestId)) {
      const form = formFor(click.customId, action, texts, hidden);
      const answer = () => answers.openForm(click, form);
      if (await this.#isFirst(click, answer)) onOutcome("form opened");
      return;
    }
    if (this.#isRepeated(click)) return await reply({ kind: "clicked twice" });
    const defer = () => answers.defer(click);
    const isOurs = await this.#isFirst(click, defer);
    if (!isOurs) return;
    const open = { asksReason, mustReveal };
    const outcome = await submitter.review(click, action, open);
    if (CLICK_AGAIN.has(outcome.kind)) this.#lastClicks.delete(keyOf(click));
    onOutcome(outcome.kind);
    await answers.tell(click, renderAnswer(outcome, texts));
  }

  /**
   * Gives the first answer; only one process of several can.
   *
   * @returns Whether it was accepted: only then the click is this process's to handle.
   */
  async #isFirst(click: Click, answer: () => Promise<void>): Promise<boolean> {
    const { logger } = this.#options;
    try {
      await answer();
      return true;
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      const fields = { ...clickFields(click), err: error };
      // Whoever gets no answer clicks again, and nobody else is at work on this one.
      if (error.code !== ALREADY_ANSWERED) {
        this.#lastClicks.delete(keyOf(click));
      }
      if (error.code === ALREADY_ANSWERED || error.code === UNKNOWN_CLICK) {
        logger.debug("a click is answered elsewhere, or too late", fields);
      } else logger.warn("cannot answer a click", fields);
      return false;
    }
  }

  #isRepeated(click: Click): boolean {
    const nowMs = this.#options.clock.monotonic();
    for (const [key, atMs] of this.#lastClicks) {
      if (nowMs - atMs >= REPEAT_MS) this.#lastClicks.delete(key);
    }
    const key = keyOf(click);
    if (this.#lastClicks.has(key)) return true;
    this.#lastClicks.set(key, nowMs);
    return false;
  }
}

/** Source: docs/design/discord-errors.md 2. */
const ALREADY_ANSWERED = 40060;
const UNKNOWN_CLICK = 10062;

function keyOf({ userId, messageId, customId }: Click): string {
  return `${userId} ${messageId} ${customId}`;
}

function formFor(
  customId: string,
  { verdict }: ReviewAction,
  { form, labels }: Catalogue,
  hidden: HiddenFields,
): ReasonForm {
  const { placeholder } = form;
  return {
    customId,
    title: form.title[verdict],
    label: labels.reason,
    placeholder: hidden.includes("review_reasons")
      ? placeholder.hidden
      : placeholder.shown,
  };
}
