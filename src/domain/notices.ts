/**
 * Who is told what beside the announcements.
 *
 * @module
 */

/** How suggested reviewers hear of a request: pinged in the announcement, by direct message, or not. */
export type ReviewerNotice = "mention" | "dm" | "off";

/** What the configuration says about notices. */
export interface Notices {
  /** Whether the requester is told of reviews and the outcome by direct message. */
  readonly requester: boolean;
  readonly reviewers: ReviewerNotice;
  /** How old an unreviewed request is when it is reminded of; `undefined` for never. */
  readonly remindAfterMs: number | undefined;
}
