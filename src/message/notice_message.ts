/**
 * Renders what is sent beside announcements.
 *
 * @module
 */

import type { Embed, RenderedMessage } from "../ports/rendered_message.ts";
import type { Announcement } from "./announcement.ts";
import {
  accessLines,
  alertsOf,
  clusterLine,
  idLine,
  mentionLines,
  namedStatusLine,
} from "./lines.ts";
import { codeBlock } from "./markdown.ts";
import { renderReviewCounts, renderReviews } from "./review_embeds.ts";
import { relativeTimestamp } from "./times.ts";

/** First lines of what requesters are told; no announcement begins so. */
const NEWS_TITLES: Readonly<Record<Announcement["state"], string>> = {
  PENDING: "Your access request was reviewed:",
  APPROVED: "Your access request was approved:",
  DENIED: "Your access request was denied:",
  PROMOTED: "Your access request was promoted:",
  EXPIRED: "Your access request has expired:",
};

const MAX_REASON = { chars: 400, units: 1500 };

/**
 * Returns what the requester is told of reviews and the outcome.
 *
 * Its text depends on stored facts alone, and holds nothing that a person typed: so a message that was
 * sent before is known by its text. What was typed is in the embeds.
 *
 * @param known How many reviews the requester knows already.
 */
export function renderNews(
  announcement: Announcement,
  known: number,
): RenderedMessage {
  const { requestId, cluster, state, reviews, reviewCounts, reviewsCount } =
    announcement;
  const counts = renderReviewCounts(reviewCounts, reviewsCount);
  const lines = [
    NEWS_TITLES[state],
    idLine(requestId),
    clusterLine(cluster),
    ...(tellsAccess(announcement) ? accessLines(announcement) : []),
    ...(counts === undefined ? [] : [counts]),
    namedStatusLine({ ...announcement, promotedTo: undefined }),
  ];
  return {
    content: lines.join("\n"),
    embeds: [
      ...reasonEmbeds(announcement),
      ...renderReviews(
        (reviews ?? []).slice(known).slice(-MAX_REVIEWS),
        announcement.reviewerIds,
      ),
    ],
    buttons: [],
  };
}

/** Of a pending request the access is told only where a reviewer may have moved its start. */
function tellsAccess({ state, accessStarts }: Announcement): boolean {
  return state === "APPROVED" ||
    (state === "PENDING" && accessStarts !== undefined);
}

/** With the reason there are at most ten embeds, and together they stay within their limit. */
const MAX_REVIEWS = 4;

function reasonEmbeds({ state, resolveReason }: Announcement): Embed[] {
  if (state === "PENDING" || resolveReason === "") return [];
  const description = codeBlock(resolveReason, MAX_REASON);
  return [{ title: "Resolution reason", description }];
}

/** Returns the reminder of a request that nobody has reviewed; it alerts whom the announcement alerted. */
export function renderReminder(announcement: Announcement): RenderedMessage {
  const { requestId, created, requestExpires, mentions } = announcement;
  const since = relativeTimestamp(created);
  const end = relativeTimestamp(requestExpires);
  const lines = [
    "Nobody has reviewed this access request yet:",
    idLine(requestId),
    ...(since === undefined ? [] : [`*Requested*: ${since}`]),
    ...(end === undefined ? [] : [`Request expires ${end}`]),
    ...mentionLines(mentions),
  ];
  return {
    content: lines.join("\n"),
    embeds: [],
    buttons: [],
    ...alertsOf(mentions),
  };
}
