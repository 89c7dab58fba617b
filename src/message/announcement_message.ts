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
import type { Catalogue } from "./catalogue/catalogue.ts";
import {
  fitContent,
  reasonLines,
  resourceLines,
  userLines,
} from "./field_lines.ts";
import {
  accessLines,
  alertsOf,
  clusterLine,
  commandLines,
  expiryLines,
  hiddenPartsLines,
  idLine,
  isAbout,
  labelOf,
  mentionLines,
  namedStatusLine,
  statusLine,
} from "./lines.ts";
import { encodeAction } from "./review_button.ts";
import { renderReviews, reviewCountLines } from "./review_embeds.ts";
import { isLinkForButton, normalizeWebLink } from "./web_link.ts";

/** Returns the message for a request, within every limit of Discord whatever its fields hold. */
export function renderMessage(announcement: Announcement): RenderedMessage {
  const { texts, requestId, reviews, webLink } = announcement;
  const link = webLink === undefined ? undefined : normalizeWebLink(webLink);
  const content = fitContent(announcement, (roleLines) => [
    titleOf(announcement),
    idLine(requestId),
    clusterLine(announcement),
    ...userLines(announcement),
    ...roleLines,
    ...resourceLines(announcement),
    ...hiddenPartsLines(announcement),
    ...reasonLines(announcement, "reason"),
    ...accessLines(announcement),
    ...expiryLines(announcement),
    ...(link === undefined
      ? commandLines(announcement)
      // In this form Discord shows no preview of the page.
      : [`${labelOf(texts, "link")}<${link}>`]),
    ...mentionLines(announcement),
    ...reviewCountLines(announcement),
    namedStatusLine(announcement),
    ...reasonLines(announcement, "resolveReason"),
  ]);
  const buttons = announcement.state === "PENDING"
    ? [...reviewButtons(announcement), ...linkButtons(link, texts)]
    : [];
  return {
    content,
    embeds: reviews && renderReviews(reviews, announcement),
    buttons,
    ...alertsOf(announcement),
  };
}

function linkButtons(url = "", { buttons }: Catalogue): Button[] {
  return isLinkForButton(url) ? [{ label: buttons.openTeleport, url }] : [];
}

/**
 * Returns the buttons that review.
 *
 * @param messageId Message that they count for; the one that they are on if not given.
 */
export function reviewButtons(
  announcement: Announcement,
  messageId?: string,
): Button[] {
  const { texts, canReview, hasHiddenParts, requestId } = announcement;
  const approve = encodeAction({ verdict: "approve", requestId, messageId });
  const deny = encodeAction({ verdict: "deny", requestId, messageId });
  if (!canReview || approve === undefined || deny === undefined) return [];
  const buttons: Button[] = [
    { label: texts.buttons.approve, customId: approve, style: "success" },
    { label: texts.buttons.deny, customId: deny, style: "danger" },
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
export function renderMinimalMessage(
  announcement: Announcement,
): RenderedMessage {
  const lines = [
    titleOf(announcement),
    idLine(announcement.requestId),
    ...hiddenPartsLines(announcement),
    ...accessLines(announcement),
    ...expiryLines(announcement),
    ...commandLines(announcement),
    ...mentionLines(announcement),
    ...reviewCountLines(announcement),
    statusLine(announcement),
  ];
  const content = lines.join("\n");
  return { content, embeds: [], buttons: [], ...alertsOf(announcement) };
}

/** Tells whether a message of our own is the announcement of this request. */
export function isAnnouncementOf(content: string, requestId: string): boolean {
  return isAbout(content, "announcement", requestId);
}

function titleOf({ texts, kind, resources }: Announcement): string {
  const titles = texts.titles.announcement;
  if (resources.length === 0 || kind === "UNDEFINED") return titles.roles;
  return kind === "SHORT_TERM" ? titles.resources : titles.longTerm;
}
