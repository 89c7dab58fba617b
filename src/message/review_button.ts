/**
 * The buttons that review: when there are any, and what they carry.
 *
 * @module
 */

import type { AccessRequest } from "../ports/access_request.ts";
import type { Verdict } from "../ports/review_service.ts";

/** What a button or a form is for. */
export interface ReviewAction {
  readonly verdict: Verdict;
  readonly requestId: string;
  /**
   * The message that it counts for, of which the person has been shown what it hides; `undefined` if it is
   * the one that was clicked.
   */
  readonly messageId?: string | undefined;
}

/** IDs that can be part of a button, and be pasted into a shell. Those that Teleport makes are UUIDs. */
export const PLAIN_ID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;

/**
 * Returns the custom ID of a button, of at most 93 characters; `undefined` if the request's ID cannot be part
 * of one.
 */
export function encodeAction(action: ReviewAction): string | undefined {
  const { verdict, requestId, messageId } = action;
  if (!PLAIN_ID.test(requestId)) return undefined;
  const custom = `${verdict}:${requestId}`;
  return messageId === undefined ? custom : `${custom}:${messageId}`;
}

/** Reads a custom ID; `undefined` if it is not one of ours. */
export function parseAction(customId: string): ReviewAction | undefined {
  const [, verdict, requestId = "", messageId] =
    /^(approve|deny):([^:]*)(?::(\d{1,20}))?$/.exec(customId) ?? [];
  if (verdict === undefined || !PLAIN_ID.test(requestId)) return undefined;
  return {
    verdict: verdict === "approve" ? "approve" : "deny",
    requestId,
    ...(messageId !== undefined && { messageId }),
  };
}

/** Whether a request can be reviewed by a click. Long-term access is granted in the web UI alone. */
export function isReviewable(request: AccessRequest): boolean {
  return request.state === "PENDING" && request.kind !== "LONG_TERM";
}
