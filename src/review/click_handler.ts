/**
 * Reviews by a click: takes clicks, and submits those that may be as reviews of whoever clicked.
 *
 * Nothing is decided or remembered here that Teleport has to know. Crash windows:
 *
 * - before the review is submitted: there is none. Discord tells the person that the click failed, or
 *   that an answer is on its way which never comes; another click starts over.
 * - after it: Teleport has it, its event changes the message, and another click is told so.
 *
 * Source: native-review.md.
 *
 * @module
 */

import type { Patience } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import { waitFor } from "../lib/async/wait.ts";
import type { Logger } from "../lib/log/logger.ts";
import {
  isReviewable,
  parseAction,
  type ReviewAction,
} from "../message/review_button.ts";
import { Reviewers, type ReviewersContext } from "../people/teleport_users.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import type { AuthService } from "../ports/auth_service.ts";
import type { Answers, Click, ReasonForm } from "../ports/clicks.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";
import type { ReviewService } from "../ports/review_service.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import { decodePluginData } from "../record/plugin_data_codec.ts";
import { ClickLimit } from "./click_limit.ts";
import { judgeClick, needsReason, type ReasonRule } from "./judge_click.ts";
import { renderOutcome, type ReviewOutcome } from "./review_outcome.ts";
import { outcomeOf } from "./teleport_refusal.ts";

/** What a {@linkcode Review} needs. */
export interface ReviewContext extends ReviewersContext {
  readonly auth:
    & Pick<AuthService, "getAccessRequest" | "getPluginData">
    & ReviewService;
  readonly messenger: Pick<Messenger, "getChannel">;
  readonly answers: Answers;
  readonly reasonRule: ReasonRule;
  /** Called with what came of each click that this process answered. */
  readonly onOutcome?: (kind: ReviewOutcome["kind"] | "form opened") => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly patience: Patience;
}

/** Most clicks that are taken in a minute. */
const LIMITS = { perPerson: 20, inAll: 200 };

/** The same click of the same person within this time is one too many. */
const REPEAT_MS = 5000;

/**
 * How long the checks of a click may take. After that whoever clicked may have changed their mind, or be
 * nobody in Teleport any more. It is longer than a call waits for a connection, whose fault says more.
 */
const CHECKS_MS = 12_000;

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

/** Channels whose server is remembered. */
const MAX_CHANNELS = 10_000;

const ROLE_HINT =
  "give the plugin's user, in addition to its role, the preset role access-plugin-with-review, or one " +
  'with: allow: {review_requests: {submit_for_users: ["*"]}}; Teleport before 18.11 has neither';

const MFA_HINT =
  "give the plugin an identity that tbot makes (Machine ID): it is spared the second factor";

/** Takes clicks. */
export class Review {
  readonly #context: ReviewContext;
  readonly #reviewers: Reviewers;
  readonly #limit = new ClickLimit(LIMITS);
  readonly #running = new Set<Promise<void>>();
  /** Requests that are known to be open to clicks. */
  readonly #open = new Set<string>();
  /** When a person clicked something the last time. */
  readonly #lastClicks = new Map<string, number>();
  readonly #guilds = new Map<string, string | undefined>();
  /** Faults of the set-up that were told to the administrators already. */
  readonly #told = new Set<string>();

  constructor(context: ReviewContext) {
    this.#context = context;
    this.#reviewers = new Reviewers(context);
  }

  /** Takes in how a request was seen last; `undefined` if it is gone. */
  see(requestId: string, request: AccessRequest | undefined): void {
    if (request !== undefined && isReviewable(request)) {
      this.#open.add(requestId);
    } else this.#open.delete(requestId);
  }

  /** Takes a click; it is answered by and by. */
  take(click: Click): void {
    const { logger, patience } = this.#context;
    if (patience.wait.aborted) return;
    const handled = this.#handle(click).catch((error) => {
      logger.warn("cannot answer a click", {
        ...fieldsOf(click),
        err: error,
      });
    });
    this.#running.add(handled);
    handled.finally(() => this.#running.delete(handled));
  }

  /** Waits until every click that was taken has its answer. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #handle(click: Click): Promise<void> {
    const { answers, clock, reasonRule, patience } = this.#context;
    const { onOutcome = () => {} } = this.#context;
    const reply = async (outcome: ReviewOutcome) => {
      const first = await this.#first(
        click,
        () => answers.reply(click, renderOutcome(outcome), patience.call),
      );
      if (first === "accepted") onOutcome(outcome.kind);
    };
    if (!this.#limit.take(click.userId, clock.monotonic())) {
      await reply({ kind: "too many clicks" });
      return;
    }
    const action = parseAction(click.customId);
    if (action === undefined) {
      await reply({ kind: "foreign" });
      return;
    }
    if (!this.#open.has(action.requestId)) {
      await clock.sleep(OTHERS_FIRST_MS, patience.call);
    }
    const asks = click.kind === "button" &&
      needsReason(reasonRule, action.verdict);
    if (asks && this.#open.has(action.requestId)) {
      const form = formFor(click.customId, action);
      const first = await this.#first(
        click,
        () => answers.openForm(click, form, patience.call),
      );
      if (first === "accepted") onOutcome("form opened");
      return;
    }
    if (this.#isRepeated(click)) {
      await reply({ kind: "clicked twice" });
      return;
    }
    const first = await this.#first(
      click,
      () => answers.defer(click, patience.call),
    );
    // Discord says that the click failed, so the next has to count at once.
    if (first === "failed") this.#lastClicks.delete(keyOf(click));
    if (first !== "accepted") return;
    const outcome = await this.#review(click, action, asks);
    if (CLICK_AGAIN.has(outcome.kind)) this.#lastClicks.delete(keyOf(click));
    onOutcome(outcome.kind);
    await answers.tell(click, renderOutcome(outcome), patience.call);
  }

  /**
   * Gives the first answer; only one process of several can.
   *
   * @returns Whether it was accepted: only then the click is this process's to handle.
   */
  async #first(
    click: Click,
    answer: () => Promise<void>,
  ): Promise<"accepted" | "answered elsewhere" | "failed"> {
    const { logger } = this.#context;
    try {
      await answer();
      return "accepted";
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      const fields = { ...fieldsOf(click), err: error };
      // Whoever gets no answer clicks again, and nobody else is at work on this one.
      if (error.code !== ALREADY_ANSWERED) {
        this.#lastClicks.delete(keyOf(click));
      }
      if (error.code === ALREADY_ANSWERED || error.code === UNKNOWN_CLICK) {
        logger.debug("a click is answered elsewhere, or too late", fields);
      } else logger.warn("cannot answer a click", fields);
      return error.code === ALREADY_ANSWERED ? "answered elsewhere" : "failed";
    }
  }

  /** Goes through all checks, and submits the review. */
  async #review(
    click: Click,
    action: ReviewAction,
    asksReason: boolean,
  ): Promise<ReviewOutcome> {
    const { logger } = this.#context;
    const { requestId, verdict } = action;
    const fields = { request_id: requestId, ...fieldsOf(click) };
    const judged = await this.#judge(click, action, asksReason);
    if (judged.kind !== "submit") {
      const refused = { ...fields, reason: judged.kind };
      if (judged.kind === "ambiguous") {
        // Somebody may have given a user of theirs the ID of a reviewer.
        const { users } = judged;
        logger.warn("click was not submitted", { ...refused, users });
      } else logger.info("click was not submitted", refused);
      return judged;
    }
    const { author } = judged;
    const outcome = await this.#submit(action, author, click.reason.trim());
    const submitted = { ...fields, author, verdict, outcome: outcome.kind };
    if (outcome.kind === "accepted") logger.info("review submitted", submitted);
    else logger.info("review was not accepted", submitted);
    return outcome;
  }

  async #judge(
    click: Click,
    action: ReviewAction,
    asksReason: boolean,
  ): Promise<
    ReviewOutcome | { readonly kind: "submit"; readonly author: string }
  > {
    const { auth, clock, reasonRule, logger, patience } = this.#context;
    const late = new AbortController();
    const done = new AbortController();
    clock.sleep(CHECKS_MS, done.signal).then(() => {
      late.abort(new DOMException("No answer in time", "TimeoutError"));
    }, () => {/* The checks are done. */});
    try {
      const facts = Promise.all([
        auth.getPluginData(action.requestId, patience.call),
        auth.getAccessRequest(action.requestId, patience.call),
        this.#reviewers.find(click.userId, patience.call),
        this.#guildOf(click.channelId, late.signal),
      ]);
      const [stored, request, users, guildId] = await waitFor(
        facts,
        late.signal,
      );
      const judged = judgeClick({
        action,
        click,
        guildId,
        reason: click.reason,
        // The form asks for the reason, which comes after these checks.
        rule: asksReason ? "never" : reasonRule,
        stored: stored && decodePluginData(stored.entries),
        request,
        users,
        now: new Date(clock.now()),
      });
      if (judged.kind === "refuse") return judged.refusal;
      return asksReason ? { kind: "not ready" } : judged;
    } catch (error) {
      const isTeleport = error instanceof TeleportError;
      const isKnown = isTeleport || error instanceof DiscordApiError ||
        error === late.signal.reason;
      if (!isKnown) throw error;
      logger.warn("cannot check a click", { ...fieldsOf(click), err: error });
      return { kind: isTeleport ? "unreachable" : "not checked" };
    } finally {
      done.abort();
    }
  }

  async #submit(
    { requestId, verdict }: ReviewAction,
    author: string,
    reason: string,
  ): Promise<ReviewOutcome> {
    const { auth, logger, patience } = this.#context;
    const review = { requestId, author, verdict, reason };
    try {
      await auth.submitReview(review, patience.call);
      return { kind: "accepted", verdict, author };
    } catch (error) {
      if (!(error instanceof TeleportError)) throw error;
      const outcome = outcomeOf(error, author);
      this.#tellAdministrators(outcome, error);
      if (outcome.kind === "refused" || outcome.kind === "in doubt") {
        logger.warn("cannot submit a review", {
          request_id: requestId,
          err: error,
        });
      }
      return outcome;
    }
  }

  /** Says once what only an administrator can repair. */
  #tellAdministrators({ kind }: ReviewOutcome, error: TeleportError): void {
    const { logger } = this.#context;
    const hint = kind === "not for others"
      ? ROLE_HINT
      : kind === "second factor"
      ? MFA_HINT
      : undefined;
    if (hint === undefined || this.#told.has(kind)) return;
    this.#told.add(kind);
    logger.error("may not submit reviews", { err: error, hint });
  }

  /** Server of a channel, as Discord says: where a click claims to be from proves nothing by itself. */
  async #guildOf(
    channelId: string,
    late: AbortSignal,
  ): Promise<string | undefined> {
    if (this.#guilds.has(channelId)) return this.#guilds.get(channelId);
    const { messenger, patience } = this.#context;
    // Discord's limits may last much longer than a click is worth.
    const { guildId } = await messenger.getChannel(channelId, {
      wait: late,
      call: patience.call,
    });
    if (this.#guilds.size >= MAX_CHANNELS) this.#guilds.clear();
    this.#guilds.set(channelId, guildId);
    return guildId;
  }

  #isRepeated(click: Click): boolean {
    const nowMs = this.#context.clock.monotonic();
    for (const [key, atMs] of this.#lastClicks) {
      if (nowMs - atMs >= REPEAT_MS) this.#lastClicks.delete(key);
    }
    const key = keyOf(click);
    if (this.#lastClicks.has(key)) return true;
    this.#lastClicks.set(key, nowMs);
    return false;
  }
}

/** Source: discord-api.md, section 15. */
const ALREADY_ANSWERED = 40060;
const UNKNOWN_CLICK = 10062;

function keyOf({ userId, messageId, customId }: Click): string {
  return `${userId} ${messageId} ${customId}`;
}

function fieldsOf(click: Click): Record<string, unknown> {
  return {
    discord_user: click.userId,
    channel_id: click.channelId,
    message_id: click.messageId,
  };
}

function formFor(customId: string, { verdict }: ReviewAction): ReasonForm {
  return {
    customId,
    title: verdict === "approve" ? "Approve the request" : "Deny the request",
    label: "Reason",
    placeholder: "Shown in the message, and kept in Teleport's audit log",
  };
}
