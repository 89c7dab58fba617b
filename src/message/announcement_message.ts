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
import { isTitle } from "./catalogue/titles.ts";
import { fitLines, joinLines, type Line } from "./layout.ts";
import {
  accessLines,
  alertsOf,
  clusterLine,
  commandLines,
  expiryLines,
  hiddenPartsLines,
  idLine,
  labelOf,
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

const MAX_CONTENT_UNITS = 2000;

/** Characters of each list of logins, tried in turn until the message fits; then they are left out. */
const LOGIN_CHARS = [MAX_FIELD_CHARS, 100, 40];

/** What gives way first if the message is still too long. */
const RANK = { resources: 0, roles: 1, resolveReason: 2, reason: 3 };

/** Returns the message for a request, within every limit of Discord whatever its fields hold. */
export function renderMessage(announcement: Announcement): RenderedMessage {
  const { texts, reviews, reviewerIds } = announcement;
  const link = announcement.webLink === undefined
    ? undefined
    : normalizeWebLink(announcement.webLink);
  const buttons = announcement.state === "PENDING"
    ? [...reviewButtons(announcement), ...linkButtons(link, texts)]
    : [];
  return {
    content: renderContent(announcement, link),
    embeds: reviews === undefined
      ? undefined
      : renderReviews(reviews, reviewerIds, texts),
    buttons,
    ...alertsOf(announcement),
  };
}

function linkButtons(
  url: string | undefined,
  { buttons }: Catalogue,
): Button[] {
  return url === undefined || !isLinkForButton(url)
    ? []
    : [{ label: buttons.openTeleport, url }];
}

function reviewButtons(announcement: Announcement): Button[] {
  const { texts, canReview, hasHiddenParts, requestId } = announcement;
  const approve = encodeAction({ verdict: "approve", requestId });
  const deny = encodeAction({ verdict: "deny", requestId });
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
    ...reviewLines(announcement),
    statusLine(announcement),
  ];
  return {
    content: lines.join("\n"),
    embeds: [],
    buttons: [],
    ...alertsOf(announcement),
  };
}

/** Tells whether a message of our own is the announcement of this request. */
export function isAnnouncementOf(content: string, requestId: string): boolean {
  const [title = "", id] = content.split("\n", 2);
  return isTitle(title, "announcement") && id === idLine(requestId);
}

function renderContent(
  announcement: Announcement,
  link: string | undefined,
): string {
  const { texts, roles, loginsByRole } = announcement;
  if (loginsByRole !== undefined && loginsByRole.size > 0) {
    for (const loginChars of LOGIN_CHARS) {
      const lines = contentLines(
        announcement,
        roleAndLoginLines(announcement, loginChars),
        link,
      );
      const content = joinLines(lines, MAX_CONTENT_UNITS);
      if (content !== undefined) return content;
    }
  }
  const roleLines = roles.length > 0
    ? [listLine(texts, "roles", roles, RANK.roles)]
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
  const { texts, user, reason, resolveReason } = announcement;
  const resources = resourceNames(announcement);
  const lines: Line[] = [
    titleOf(announcement),
    idLine(announcement.requestId),
    clusterLine(announcement),
  ];
  if (user !== "") lines.push(userLine(announcement));
  lines.push(...roleLines);
  if (resources.length > 0) {
    lines.push(listLine(texts, "resources", resources, RANK.resources));
  }
  lines.push(...hiddenPartsLines(announcement));
  if (reason !== "") {
    lines.push(reasonLine(texts, "reason", reason, RANK.reason));
  }
  lines.push(...accessLines(announcement), ...expiryLines(announcement));
  if (link === undefined) lines.push(...commandLines(announcement));
  // In this form Discord shows no preview of the page.
  else lines.push(`${labelOf(texts, "link")}<${link}>`);
  lines.push(...mentionLines(announcement));
  lines.push(...reviewLines(announcement), namedStatusLine(announcement));
  if (resolveReason !== "") {
    const rank = RANK.resolveReason;
    lines.push(reasonLine(texts, "resolutionReason", resolveReason, rank));
  }
  return lines;
}

function titleOf({ texts, kind, resources }: Announcement): string {
  const { role, shortTerm, longTerm } = texts.titles.announcement;
  if (resources.length === 0 || kind === "UNDEFINED") return role;
  return kind === "SHORT_TERM" ? shortTerm : longTerm;
}

function reviewLines(announcement: Announcement): string[] {
  const line = renderReviewCounts(announcement);
  return line === undefined ? [] : [line];
}
