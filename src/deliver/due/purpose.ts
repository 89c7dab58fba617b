/**
 * What a message is for.
 *
 * @module
 */

/** What a post is for: part of its nonce, and the label of a metric. */
export type Purpose =
  | "announce"
  | "remind"
  | "tell-requester"
  | "before-end"
  | "escalate"
  | "thread";

/** What is logged of a post that was made. */
export const POSTED: Readonly<Record<Purpose, string>> = {
  announce: "message posted",
  remind: "reminder posted",
  "tell-requester": "requester told",
  escalate: "escalation posted",
  "before-end": "requester told before the end of access",
  thread: "message posted in thread",
};

/** Every purpose. */
export const PURPOSES: readonly Purpose[] = Object.keys(POSTED) as Purpose[];
