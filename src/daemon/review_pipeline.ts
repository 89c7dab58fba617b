/**
 * Reviewing in Discord, put together. It is loaded only where it is switched on.
 *
 * @module
 */

import { Gateway, type GatewayOptions } from "../discord/gateway/gateway.ts";
import {
  HttpCaller,
  type HttpCallerOptions,
} from "../discord/rest/http_caller.ts";
import {
  InteractionClient,
  type InteractionClientOptions,
} from "../discord/rest/interaction_client.ts";
import {
  ClickHandler,
  type ClickHandlerOptions,
} from "../review/click_handler.ts";

/** A click, from the Gateway to a review, and its answer back. */
export interface ReviewPipeline {
  readonly gateway: Gateway;
  readonly review: ClickHandler;
}

/** Builds what takes clicks; nothing is opened yet. */
export function createReviewPipeline(
  options:
    & Omit<ClickHandlerOptions, "answers">
    & Omit<GatewayOptions, "onClick">
    & Omit<InteractionClientOptions, "http">
    & HttpCallerOptions,
): ReviewPipeline {
  const http = new HttpCaller(options);
  const answers = new InteractionClient({ ...options, http });
  const review = new ClickHandler({ ...options, answers });
  const onClick = review.take.bind(review);
  return { review, gateway: new Gateway({ ...options, onClick }) };
}
