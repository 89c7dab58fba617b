/**
 * What a message says about the reviews of its request: a line of counts and one embed a review.
 *
 * Sources: docs/design/official-message.md 2; docs/design/discord-text.md 1.
 *
 * @module
 */

import type { AccessReview, RequestState } from "../ports/access_request.ts";
import type { Embed } from "../ports/rendered_message.ts";
import type { ReviewCounts } from "../record/plugin_data.ts";
import { countReviews } from "../record/shown_facts.ts";
import type { Announcement } from "./announcement.ts";
import { labelOf, mention } from "./lines.ts";
import { codeBlock } from "./text/markdown.ts";
import { cleanLine, cutText, isBlank } from "./text/text.ts";
import { fullTimestamp } from "./text/times.ts";

const MAX_EMBEDS = 10;
const MAX_EMBEDS_UNITS = 6000;
const MAX_AUTHOR_UNITS = 256;
const MAX_DESCRIPTION_UNITS = 4096;
const MAX_REASON_CHARS = 400;

const COLORS: Readonly<Record<RequestState, number | undefined>> = {
  APPROVED: 0x238823,
  DENIED: 0xd2222d,
  PROMOTED: 0x5865f2,
  PENDING: undefined,
  UNKNOWN: undefined,
};

/**
 * Returns the line that counts the reviews, if there are any. Counts that leave some out are older than their
 * number, which the official plugin goes on counting where it has taken over again.
 */
export function reviewCountLines(announcement: Announcement): string[] {
  const counts = reviewCountsOf(announcement);
  if (counts === undefined) return [];
  return [labelOf(announcement.texts, "reviews") + counts];
}

/** Returns what stands behind the label of that line: the same in every language. */
export function reviewCountsOf(
  { reviewCounts: counts, reviewsCount }: Announcement,
): string | undefined {
  const sum = counts === undefined ? 0 : sumCounts(counts);
  if (counts !== undefined && sum > 0 && sum >= reviewsCount) {
    return formatCounts(counts);
  }
  return reviewsCount > 0 ? String(reviewsCount) : undefined;
}

/**
 * Returns one embed for each review, oldest first, within Discord's limits.
 *
 * Of more than ten, the nine newest follow an embed that counts the others.
 */
export function renderReviews(
  reviews: readonly AccessReview[],
  announcement: Announcement,
): Embed[] {
  if (reviews.length <= MAX_EMBEDS) {
    return renderEach(reviews, announcement, MAX_EMBEDS_UNITS);
  }
  const shown = reviews.slice(1 - MAX_EMBEDS);
  const others = reviews.slice(0, 1 - MAX_EMBEDS);
  const summary: Embed = {
    title: announcement.texts.reviews.earlier(others.length),
    description: formatCounts(countReviews({ reviews: others })),
  };
  const units = MAX_EMBEDS_UNITS - countUnits(summary);
  return [summary, ...renderEach(shown, announcement, units)];
}

function renderEach(
  reviews: readonly AccessReview[],
  announcement: Announcement,
  units: number,
): Embed[] {
  const render = (units: number) =>
    reviews.map((review) => renderReview(review, announcement, units));
  const whole = render(MAX_EMBEDS_UNITS);
  const sum = whole.reduce((total, embed) => total + countUnits(embed), 0);
  return sum <= units ? whole : render(Math.floor(units / reviews.length));
}

/**
 * Renders a review in at most so many code units; 600 are enough for any title and author. Discord shows
 * a name of its own only in the description.
 */
function renderReview(
  review: AccessReview,
  { texts, hidden, reviewerIds }: Announcement,
  units: number,
): Embed {
  const color = COLORS[review.proposedState];
  const isDated = !Number.isNaN(review.created.getTime());
  const created = isDated ? review.created : undefined;
  const embed: Embed = {
    title: texts.reviews.title(review.proposedState, created),
    ...(color !== undefined && { color }),
    ...renderAuthor(review.author),
  };
  const authorId = reviewerIds.get(review.author);
  const time = fullTimestamp(created);
  const start = fullTimestamp(review.proposedStart);
  const lines = [
    authorId && mention(`user:${authorId}`),
    time && texts.reviews.time?.(time),
    start && texts.reviews.start(start),
  ].filter((line) => line !== undefined);
  if (review.reason === "") {
    return lines.length === 0
      ? embed
      : { ...embed, description: lines.join("\n") };
  }
  const label = [...lines, `${texts.labels.reason}: `].join("\n");
  const room = Math.min(units - countUnits(embed), MAX_DESCRIPTION_UNITS);
  const limit = { chars: MAX_REASON_CHARS, units: room - label.length };
  const reason = hidden.includes("review_reasons")
    ? texts.fields.hidden
    : codeBlock(review.reason, limit, texts.fields);
  return { ...embed, description: label + reason };
}

/** Discord renders no Markdown in an author's name: it needs cleaning, but no escapes. */
function renderAuthor(author: string): Pick<Embed, "author"> {
  const limit = { chars: MAX_AUTHOR_UNITS, units: MAX_AUTHOR_UNITS };
  const name = cutText(cleanLine(author), limit).kept;
  return isBlank(name) ? {} : { author: { name } };
}

function formatCounts(counts: ReviewCounts): string {
  const text = `✅ ${counts.approvals} ❌ ${counts.denials}`;
  return counts.promotions > 0 ? `${text} ⏫ ${counts.promotions}` : text;
}

export function sumCounts(counts: ReviewCounts): number {
  return counts.approvals + counts.denials + counts.promotions;
}

function countUnits(embed: Embed): number {
  return (embed.title ?? "").length + (embed.description ?? "").length +
    (embed.author?.name ?? "").length;
}
