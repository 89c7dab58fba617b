/**
 * What reviewing in the name of others takes.
 *
 * Source: docs/design/review-rules.md 1; docs/design/teleport-api.md 4.
 *
 * @module
 */

import type { ReviewSubmission } from "../../ports/review_service.ts";
import type { NamedUser } from "../../ports/user.ts";
import { AuthServiceService } from "../gen/auth_service.ts";
import {
  AccessReviewSubmission,
  RequestState,
} from "../gen/types/access_request.ts";
import type { UserV2 } from "../gen/types/user.ts";
import { UsersServiceService } from "../gen/users_service.ts";
import { type Invoke, traitsOf } from "./lookup_calls.ts";

const USERS_PER_PAGE = 500;

/**
 * Submits a review; the Auth Service decides whether it counts.
 *
 * @param submittedBy The plugin's own Teleport user: whoever the certificate names.
 */
export async function submitReview(
  invoke: Invoke,
  { requestId, author, verdict, reason }: ReviewSubmission,
  submittedBy: string,
  signal: AbortSignal,
): Promise<void> {
  const proposedState = verdict === "approve"
    ? RequestState.APPROVED
    : RequestState.DENIED;
  const submission = AccessReviewSubmission.create({
    requestId,
    review: { author, proposedState, reason, submittedBy },
  });
  await invoke(AuthServiceService.submitAccessReview, submission, signal);
}

/** Lists all users in the way of Teleport 15 and later. */
export async function listUsers(
  invoke: Invoke,
  signal: AbortSignal,
): Promise<readonly NamedUser[]> {
  const users: NamedUser[] = [];
  let pageToken = "";
  do {
    const page = await invoke(
      UsersServiceService.listUsers,
      { pageSize: USERS_PER_PAGE, pageToken },
      signal,
    );
    users.push(...page.users.map(convertUser));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return users;
}

export function convertUser(user: UserV2): NamedUser {
  return { name: user.metadata?.name ?? "", traits: traitsOf(user) };
}
