/**
 * Reviewing in Discord, put together. It is loaded only where it is switched on.
 *
 * @module
 */

import { Gateway } from "../discord/gateway/gateway.ts";
import type { DiscordClient } from "../discord/rest/discord_client.ts";
import { HttpCaller } from "../discord/rest/http_caller.ts";
import { InteractionClient } from "../discord/rest/interaction_client.ts";
import { endedBy } from "../lib/async/cancellation.ts";
import { textsForClick } from "../message/catalogue/languages.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import { TeleportUsers } from "../people/teleport_users.ts";
import type { Click } from "../ports/clicks.ts";
import { hiddenAt, hiddenFor } from "../record/hidden_fields.ts";
import { ClickHandler } from "../review/click_handler.ts";
import { ReviewSubmitter } from "../review/review_submitter.ts";
import type { TeleportClient } from "../teleport/client/teleport_client.ts";
import type { Common } from "./clients.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";

/** What reviewing is put together of. */
export interface ReviewPipelineOptions {
  readonly common: Common;
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly auth: TeleportClient;
  readonly messenger: DiscordClient;
  readonly people: () => PeopleConfig;
  readonly botId: () => string;
  readonly onTokenRefused: () => void;
}

/** How long an answer to a click may take; Discord waits 3 seconds for the first. */
const ANSWER_MS = 5000;

/** A click, from the Gateway to a review, and its answer back. */
export interface ReviewPipeline {
  readonly gateway: Gateway;
  readonly review: ClickHandler;
}

/** Builds what takes clicks; nothing is opened yet. */
export function createReviewPipeline(
  options: ReviewPipelineOptions,
): ReviewPipeline {
  const { settings, metrics, auth, messenger, people, botId } = options;
  const { clock, logger, cancellation, env } = options.common;
  const { discord: { apiUrl }, review: { reasonRule } } = settings.config;
  const textsFor = (click: Click) =>
    textsForClick(settings.config.messages, click);
  const http = new HttpCaller({
    apiUrl,
    clock,
    env,
    callTimeoutMs: ANSWER_MS,
    onCall: metrics.called,
  });
  const submitter = new ReviewSubmitter({
    auth,
    reviewers: new TeleportUsers({ auth, people, clock, logger }),
    getChannel: (id, until) => messenger.within(until).getChannel(id),
    reasonRule,
    textsFor,
    hiddenFor: (recipient) => hiddenFor(settings.config.messages, recipient),
    botId,
    clock,
    logger,
    cancellation,
  });
  const review = new ClickHandler({
    answers: new InteractionClient({ http, clock, cancellation }),
    submitter,
    reasonRule,
    textsFor,
    hiddenAt: (click) => hiddenAt(settings.config.messages, click),
    onOutcome: metrics.clicked,
    clock,
    logger,
    cancellation,
  });
  const gateway = new Gateway({
    getGateway: (call) => messenger.within(endedBy(call)).getGateway(),
    token: () => settings.token,
    onTokenRefused: options.onTokenRefused,
    apiUrl,
    env,
    clock,
    logger,
    onClick: (click) => review.take(click),
  });
  return { review, gateway };
}
