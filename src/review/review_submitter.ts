/**
 * Checks a click, and submits it as a review of whoever clicked.
 *
 * Source: docs/design/review-rules.md 1.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import { withDeadline } from "../lib/async/deadline.ts";
import { BoundedMap } from "../lib/bounded_map.ts";
import { FirstTimes } from "../lib/log/first_times.ts";
import type { Logger } from "../lib/log/logger.ts";
import { announcementOf, type ClusterFacts } from "../message/announcement.ts";
import type { Catalogue } from "../message/catalogue/catalogue.ts";
import { EN } from "../message/catalogue/en.ts";
import type { ReviewAction } from "../message/review_button.ts";
import { isBlank } from "../message/text/text.ts";
import type { TeleportUsers } from "../people/teleport_users.ts";
import type { AuthService } from "../ports/auth_service.ts";
import type { Click } from "../ports/clicks.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { ChannelInfo } from "../ports/messenger.ts";
import type { ReviewService } from "../ports/review_service.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import { type HiddenFields, NOTHING_HIDDEN } from "../record/hidden_fields.ts";
import { decodePluginData } from "../record/plugin_data_codec.ts";
import { judgeClick, type ReasonRule } from "./judge_click.ts";
import type { ReviewOutcome } from "./review_outcome.ts";
import { outcomeOf } from "./teleport_refusal.ts";

/** What a {@linkcode ReviewSubmitter} needs. */
export interface ReviewSubmitterOptions {
  readonly auth:
    & Pick<AuthService, "getAccessRequest" | "getPluginData">
    & Pick<ReviewService, "submitReview">;
  readonly reviewers: TeleportUsers;
  /** Asks Discord about a channel, within other limits of time than all else. */
  readonly getChannel: (
    channelId: string,
    until: Cancellation,
  ) => Promise<ChannelInfo>;
  readonly reasonRule: ReasonRule;
  /** Returns what somebody who clicked is told in. */
  readonly textsFor: (click: Click) => Catalogue;
  /** Returns what today's configuration does not show to a recipient. */
  readonly hiddenFor: (recipient: string) => HiddenFields;
  /** User ID of the bot. */
  readonly botId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cancellation: Cancellation;
}

/** What has to come before a review. */
export interface OpenQuestions {
  /** A form is still to ask for a reason. */
  readonly asksReason: boolean;
  /** The person has most likely not seen all of the request. */
  readonly mustReveal: boolean;
}

/**
 * How long the checks of a click may take. After that whoever clicked may have changed their mind, or be
 * nobody in Teleport any more. It is longer than a call waits for a connection, whose fault says more.
 */
const CHECKS_MS = 12_000;

/** Channels whose server is remembered. */
const MAX_CHANNELS = 10_000;

/** What an administrator can do about reviews that are not taken. */
const HINTS: Readonly<Partial<Record<ReviewOutcome["kind"], string>>> = {
  "not for others":
    "give the plugin's user, in addition to its role, the preset role access-plugin-with-review, or one " +
    'with: allow: {review_requests: {submit_for_users: ["*"]}}; Teleport before 18.11 has neither, nor has the Community Edition',
  "second factor":
    "give the plugin an identity that tbot makes (Machine ID): it is spared the second factor",
};

/** What is revealed names neither the cluster nor a page: these are in the message. */
const REVEALED_FACTS: ClusterFacts = {
  cluster: "",
  webLink: () => undefined,
  canReview: true,
  userId: () => undefined,
  textsFor: () => EN,
  hiddenFor: () => NOTHING_HIDDEN,
};

/** Submits clicks that may be reviews. */
export class ReviewSubmitter {
  readonly #options: ReviewSubmitterOptions;
  readonly #guilds = new BoundedMap<string, string | undefined>(MAX_CHANNELS);
  /** Faults of the set-up that were told to the administrators already. */
  readonly #told = new FirstTimes();

  constructor(options: ReviewSubmitterOptions) {
    this.#options = options;
  }

  /**
   * Goes through all checks, and submits the review.
   *
   * @param open What keeps even a good click from being a review.
   */
  async review(
    click: Click,
    action: ReviewAction,
    open: OpenQuestions,
  ): Promise<ReviewOutcome> {
    const { logger } = this.#options;
    const { requestId, verdict } = action;
    const fields = { request_id: requestId, ...clickFields(click) };
    const judged = await this.#judge(click, action, open);
    if (judged.kind === "revealed") {
      // Whoever may ask is nobody's secret: administrators can follow who read what.
      const { hidden } = judged.revelation;
      logger.info("hidden fields shown to a reviewer", { ...fields, hidden });
      return judged;
    }
    if (judged.kind !== "submit") {
      const refused = { ...fields, reason: judged.kind };
      // Somebody may have given a user of theirs the ID of a reviewer.
      if (judged.kind === "ambiguous") {
        const { users } = judged;
        logger.warn("click was not submitted", { ...refused, users });
      } else logger.info("click was not submitted", refused);
      return judged;
    }
    const { author } = judged;
    const reason = isBlank(click.reason) ? "" : click.reason.trim();
    const outcome = await this.#submit(action, author, reason);
    const submitted = { ...fields, author, verdict, outcome: outcome.kind };
    if (outcome.kind === "accepted") logger.info("review submitted", submitted);
    else logger.info("review was not accepted", submitted);
    return outcome;
  }

  async #judge(
    click: Click,
    action: ReviewAction,
    { asksReason, mustReveal }: OpenQuestions,
  ): Promise<
    ReviewOutcome | { readonly kind: "submit"; readonly author: string }
  > {
    const { botId, hiddenFor, textsFor } = this.#options;
    const { auth, reviewers, clock, reasonRule, logger } = this.#options;
    const { deadline } = this.#options.cancellation;
    const late = new DOMException("No answer in time", "TimeoutError");
    try {
      const [stored, request, users, guildId] = await withDeadline(
        (ending) =>
          Promise.all([
            auth.getPluginData(action.requestId),
            auth.getAccessRequest(action.requestId),
            reviewers.find(click.userId),
            this.#guildOf(click.channelId, ending),
          ]),
        { ms: CHECKS_MS, clock, signal: deadline, late: () => late },
      );
      const judged = judgeClick({
        action,
        click,
        botId: botId(),
        mustReveal,
        hiddenFor,
        guildId,
        reason: click.reason,
        // The form asks for the reason, which comes after these checks.
        rule: asksReason ? "never" : reasonRule,
        stored: stored && decodePluginData(stored.entries),
        request,
        users,
        now: new Date(clock.now()),
      });
      if (judged.kind === "submit" && asksReason) return { kind: "not ready" };
      if (judged.kind !== "reveal") return judged;
      const announcement = announcementOf(
        action.requestId,
        judged.recipient,
        judged.stored,
        request,
        { ...REVEALED_FACTS, textsFor: () => textsFor(click) },
      );
      const { hidden } = judged;
      const { messageId } = click;
      const revelation = { announcement, hidden, messageId };
      return { kind: "revealed", revelation };
    } catch (error) {
      const isTeleport = error instanceof TeleportError;
      const isKnown = isTeleport || error instanceof DiscordApiError ||
        error === late;
      if (!isKnown) throw error;
      const fields = { ...clickFields(click), err: error };
      logger.warn("cannot check a click", fields);
      return { kind: isTeleport ? "unreachable" : "not checked" };
    }
  }

  async #submit(
    { requestId, verdict }: ReviewAction,
    author: string,
    reason: string,
  ): Promise<ReviewOutcome> {
    const { auth, logger } = this.#options;
    const review = { requestId, author, verdict, reason };
    try {
      await auth.submitReview(review);
      return { kind: "accepted", verdict, author };
    } catch (error) {
      if (!(error instanceof TeleportError)) throw error;
      const outcome = outcomeOf(error, author);
      this.#tellAdministrators(outcome, error);
      if (outcome.kind === "refused" || outcome.kind === "in doubt") {
        const fields = { request_id: requestId, err: error };
        logger.warn("cannot submit a review", fields);
      }
      return outcome;
    }
  }

  /** Says once what only an administrator can repair. */
  #tellAdministrators({ kind }: ReviewOutcome, error: TeleportError): void {
    const { logger } = this.#options;
    const hint = HINTS[kind];
    if (hint === undefined || !this.#told.add(kind)) return;
    logger.error("may not submit reviews", { err: error, hint });
  }

  /** Server of a channel, as Discord says: where a click claims to be from proves nothing by itself. */
  async #guildOf(
    channelId: string,
    late: AbortSignal,
  ): Promise<string | undefined> {
    if (this.#guilds.has(channelId)) return this.#guilds.get(channelId);
    const { getChannel, cancellation: { deadline } } = this.#options;
    // Discord's limits may last much longer than a click is worth.
    const until = { stop: late, deadline };
    const { guildId } = await getChannel(channelId, until);
    this.#guilds.set(channelId, guildId);
    return guildId;
  }
}

/** Returns what the log says of a click. */
export function clickFields(click: Click): Record<string, unknown> {
  return {
    discord_user: click.userId,
    channel_id: click.channelId,
    message_id: click.messageId,
  };
}
