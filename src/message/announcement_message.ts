/**
 * Renders the message that announces an access request and follows it.
 *
 * Sources: docs/design/official-message.md 1 (the official text, which is kept line by line);
 * docs/design/plugin-data.md 3; docs/design/reconciler.md 3, 4;
 * docs/design/failures.md 2, 3 (what is added); docs/design/discord-text.md 1, 2 (limits).
 *
 * @module
 */

import type { Button, RenderedMessage } from "../ports/rendered_message.ts";
import type { Announcement } from "./announcement.ts";
import { fitLines, joinLines, type Line } from "./layout.ts";
import {
  accessLines,
  alertsOf,
  clusterLine,
  commandLines,
  expiryLines,
  hiddenPartsLines,
  idLine,
  listLine,
  MAX_FIELD_CHARS,
  mentionLines,
  namedStatusLine,
  reasonLine,
  resourceNames,
  roleAndLoginLines,
  statusLine,
  userLine,
} from "./lines.ts";
import { encodeAction } from "./review_button.ts";
import { renderReviewCounts, renderReviews } from "./review_embeds.ts";
import { isLinkForButton, normalizeWebLink } from "./web_link.ts";

const ROLE_TITLE = "You have a new Role Request:";
const SHORT_TERM_TITLE = "You have a new Resource Request:";
const LONG_TERM_TITLE = "You have a new Resource Request (long-term access):";

/** First lines of an announcement; every release and the official plugin begin with one of them. */
export const ANNOUNCEMENT_TITLES: readonly string[] = [
  ROLE_TITLE,
  SHORT_TERM_TITLE,
  LONG_TERM_TITLE,
];

const MAX_CONTENT_UNITS = 2000;

/** Characters of each list of logins, tried in turn until the message fits; then they are left out. */
const LOGIN_CHARS = [MAX_FIELD_CHARS, 100, 40];

/** What gives way first if the message is still too long. */
const RANK = { resources: 0, roles: 1, resolveReason: 2, reason: 3 };

/** Returns the message for a request, within every limit of Discord whatever its fields hold. */
export function renderMessage(announcement: Announcement): RenderedMessage {
  const { reviews, mentions, reviewerIds } = announcement;
  const link = announcement.webLink === undefined
    ? undefined
    : normalizeWebLink(announcement.webLink);
  const buttons = announcement.state === "PENDING"
    ? [...reviewButtons(announcement), ...linkButtons(link)]
    : [];
  return {
    content: renderContent(announcement, link),
    embeds: reviews === undefined
      ? undefined
      : renderReviews(reviews, reviewerIds),
    buttons,
    ...alertsOf(mentions),
  };
}

function linkButtons(url: string | undefined): Button[] {
  return url === undefined || !isLinkForButton(url)
    ? []
    : [{ label: "Review in Teleport", url }];
}

function reviewButtons(announcement: Announcement): Button[] {
  const { canReview, hasHiddenParts, requestId } = announcement;
  const approve = encodeAction({ verdict: "approve", requestId });
  const deny = encodeAction({ verdict: "deny", requestId });
  if (!canReview || approve === undefined || deny === undefined) return [];
  const buttons: Button[] = [
    { label: "Approve", customId: approve, style: "success" },
    { label: "Deny", customId: deny, style: "danger" },
  ];
  // Nobody approves by a click what the message does not show.
  return hasHiddenParts ? buttons.slice(1) : buttons;
}

/**
 * Returns the message without anything that a person typed, and without link, buttons or embeds.
 *
 * It is for a request whose full message Discord's filters refused. Nobody should review by a click what
 * the message does not show.
 */
export function renderBareNotice(announcement: Announcement): RenderedMessage {
  const lines = [
    titleOf(announcement),
    idLine(announcement.requestId),
    ...hiddenPartsLines(announcement),
    ...accessLines(announcement),
    ...expiryLines(announcement),
    ...commandLines(announcement),
    ...mentionLines(announcement.mentions),
    ...reviewLines(announcement),
    statusLine(announcement.state),
  ];
  return {
    content: lines.join("\n"),
    embeds: [],
    buttons: [],
    ...alertsOf(announcement.mentions),
  };
}

/** Tells whether a message of our own is the announcement of this request. */
export function isAnnouncementOf(content: string, requestId: string): boolean {
  const [title, id] = content.split("\n", 2);
  return title !== undefined && ANNOUNCEMENT_TITLES.includes(title) &&
    id === idLine(requestId);
}

function renderContent(
  announcement: Announcement,
  link: string | undefined,
): string {
  const { roles, loginsByRole } = announcement;
  if (loginsByRole !== undefined && loginsByRole.size > 0) {
    for (const loginChars of LOGIN_CHARS) {
      const lines = contentLines(
        announcement,
        roleAndLoginLines(roles, loginsByRole, loginChars),
        link,
      );
      const content = joinLines(lines, MAX_CONTENT_UNITS);
      if (content !== undefined) return content;
    }
  }
  const roleLines = roles.length > 0
    ? [listLine("*Role(s)*: ", roles, RANK.roles)]
    : [];
  const lines = contentLines(announcement, roleLines, link);
  return joinLines(lines, MAX_CONTENT_UNITS) ??
    fitLines(lines, MAX_CONTENT_UNITS);
}

function contentLines(
  announcement: Announcement,
  roleLines: readonly Line[],
  link: string | undefined,
): Line[] {
  const { user, userId, reason, resolveReason } = announcement;
  const resources = resourceNames(announcement);
  const lines: Line[] = [
    titleOf(announcement),
    idLine(announcement.requestId),
    clusterLine(announcement.cluster),
  ];
  if (user !== "") lines.push(userLine(user, userId));
  lines.push(...roleLines);
  if (resources.length > 0) {
    lines.push(listLine("*Resource(s)*: ", resources, RANK.resources));
  }
  lines.push(...hiddenPartsLines(announcement));
  if (reason !== "") lines.push(reasonLine("*Reason*: ", reason, RANK.reason));
  lines.push(...accessLines(announcement), ...expiryLines(announcement));
  if (link === undefined) lines.push(...commandLines(announcement));
  // In this form Discord shows no preview of the page.
  else lines.push(`*Link*: <${link}>`);
  lines.push(...mentionLines(announcement.mentions));
  lines.push(...reviewLines(announcement), namedStatusLine(announcement));
  if (resolveReason !== "") {
    const rank = RANK.resolveReason;
    lines.push(reasonLine("*Resolution reason*: ", resolveReason, rank));
  }
  return lines;
}

function titleOf({ kind, resources }: Announcement): string {
  if (resources.length === 0 || kind === "UNDEFINED") return ROLE_TITLE;
  return kind === "SHORT_TERM" ? SHORT_TERM_TITLE : LONG_TERM_TITLE;
}

function reviewLines(announcement: Announcement): string[] {
  const { reviewCounts, reviewsCount } = announcement;
  const line = renderReviewCounts(reviewCounts, reviewsCount);
  return line === undefined ? [] : [line];
}
