/**
 * What the review in Discord needs of both sides.
 *
 * @module
 */

import type { NamedUser } from "./user.ts";

/** A review in somebody's name. */
export interface ReviewSubmission {
  readonly requestId: string;
  /** Teleport user who reviews. */
  readonly author: string;
  readonly verdict: Verdict;
  /** Text that the reviewer typed; may be empty. */
  readonly reason: string;
}

/**
 * What only reviews need of the Auth Service. Both methods reject with a `TeleportError`, or with the
 * reason of the signal that ends its calls.
 *
 * @see TeleportClient, which implements it over gRPC.
 */
export interface ReviewService {
  /** Submits a review; the Auth Service decides whether it counts. */
  submitReview(review: ReviewSubmission): Promise<void>;
  /** Lists all users of the cluster. */
  listUsers(): Promise<readonly NamedUser[]>;
}

/** What a reviewer proposes. */
export type Verdict = "approve" | "deny";
