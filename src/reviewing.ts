/**
 * Reviewing in Discord, put together. It is loaded only where it is switched on.
 *
 * @module
 */

import { Gateway } from "./discord/gateway.ts";
import { InteractionClient } from "./discord/interactions.ts";
import { Review, type ReviewContext } from "./service/review.ts";
import type { GatewayOptions } from "./discord/gateway.ts";
import type { HttpCallerOptions } from "./discord/http_caller.ts";

/** The way of a click: from the Gateway to a review, and its answer back. */
export interface Reviewing {
  readonly gateway: Gateway;
  readonly review: Review;
}

/** One answer to a click; Discord waits 3 seconds for the first. */
const ANSWER_MS = 5000;

/** Builds what takes clicks; nothing is opened yet. */
export function createReviewing(
  options:
    & Omit<ReviewContext, "answers">
    & Omit<GatewayOptions, "onClick">
    & Pick<HttpCallerOptions, "apiUrl" | "version">,
): Reviewing {
  const answers = new InteractionClient({
    ...options,
    callTimeoutMs: ANSWER_MS,
  });
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
