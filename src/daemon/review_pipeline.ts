/**
 * Reviewing in Discord, put together. It is loaded only where it is switched on.
 *
 * @module
 */

import { Gateway, type GatewayOptions } from "../discord/gateway/gateway.ts";
import {
  InteractionClient,
  type InteractionClientOptions,
} from "../discord/rest/interaction_client.ts";
import { Review, type ReviewContext } from "../review/click_handler.ts";

/** The way of a click: from the Gateway to a review, and its answer back. */
export interface Reviewing {
  readonly gateway: Gateway;
  readonly review: Review;
}

/** Builds what takes clicks; nothing is opened yet. */
export function createReviewing(
  options:
    & Omit<ReviewContext, "answers">
    & Omit<GatewayOptions, "onClick">
    & InteractionClientOptions,
): Reviewing {
  const answers = new InteractionClient(options);
  const review = new Review({
    ...options,
    answers,
    // A reload can change these, and a spread would keep what they are now.
    get users() {
      return options.users;
    },
    get userIdTrait() {
      return options.userIdTrait;
    },
  });
  const onClick = review.take.bind(review);
  return { review, gateway: new Gateway({ ...options, onClick }) };
}
