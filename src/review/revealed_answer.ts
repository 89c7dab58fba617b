/**
 * Renders what a message hides, for a reviewer alone, with buttons that review.
 *
 * Source: docs/design/review-rules.md 4.1.
 *
 * @module
 */

import type { Button, RenderedMessage } from "../ports/rendered_message.ts";
import { type HiddenFields, NOTHING_HIDDEN } from "../record/hidden_fields.ts";
import type { Announcement } from "../message/announcement.ts";
import { reviewButtons } from "../message/announcement_message.ts";
import {
  fitContent,
  reasonLines,
  resourceLines,
  userLines,
} from "../message/field_lines.ts";
import { renderReviews } from "../message/review_embeds.ts";

/** What a message hides. */
export interface Revelation {
  readonly announcement: Announcement;
  readonly hidden: HiddenFields;
  /** The message that hides it: what is clicked from here on counts for that one. */
  readonly messageId: string;
}

/** Returns what a message hides, in the language of whoever asks. */
export function renderRevealed(
  { announcement, hidden, messageId }: Revelation,
): RenderedMessage {
  const whole = { ...announcement, hidden: NOTHING_HIDDEN };
  const hides = (...fields: HiddenFields) =>
    fields.some((field) => hidden.includes(field));
  const content = fitContent(whole, (roleLines) => [
    whole.texts.answers.revealed,
    ...(hides("user") ? userLines(whole) : []),
    ...(hides("roles", "logins") ? roleLines : []),
    ...(hides("resources") ? resourceLines(whole) : []),
    ...(hides("reason") ? reasonLines(whole, "reason") : []),
  ]);
  const reviews = hides("review_reasons") ? whole.reviews ?? [] : [];
  const buttons: Button[] = reviewButtons(whole, messageId);
  return { content, embeds: renderReviews(reviews, whole), buttons };
}
