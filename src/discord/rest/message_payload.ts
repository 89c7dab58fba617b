/**
 * Rendered messages in the form of Discord's API.
 *
 * @module
 */

import type {
  APIActionRowComponent,
  APIAllowedMentions,
  APIComponentInMessageActionRow,
  RESTPatchAPIChannelMessageJSONBody,
  RESTPostAPIChannelMessageJSONBody,
  RESTPostAPIGuildForumThreadsJSONBody,
} from "discord-api-types/v10";
import type { ComposedPost } from "../../ports/messenger.ts";
import type { Button, RenderedMessage } from "../../ports/rendered_message.ts";

/**
 * Encodes a message to post.
 *
 * @param nonce At most 25 characters; Discord posts only once for each within some minutes.
 */
export function encodePost(
  message: RenderedMessage,
  nonce: string,
): RESTPostAPIChannelMessageJSONBody {
  return {
    ...encodeNew(message),
    ...(message.replyTo !== undefined &&
      { message_reference: { message_id: message.replyTo } }),
    nonce,
    enforce_nonce: true,
  };
}

/** Encodes a post of a forum. Discord takes no nonce for it: each call makes another one. */
export function encodeForumPost(
  { name, tags, message }: ComposedPost,
): RESTPostAPIGuildForumThreadsJSONBody {
  return {
    name,
    ...(tags.length > 0 && { applied_tags: [...tags] }),
    message: encodeNew(message),
  };
}

function encodeNew(
  message: RenderedMessage,
): RESTPostAPIChannelMessageJSONBody {
  return {
    content: message.content,
    ...(message.embeds && { embeds: [...message.embeds] }),
    ...(message.buttons.length > 0 &&
      { components: encodeButtons(message.buttons) }),
    allowed_mentions: encodeAlerts(message.alerts ?? []),
  };
}

/** Encodes a message that replaces another, and alerts nobody; embeds that are not known stay. */
export function encodeEdit(
  message: RenderedMessage,
): RESTPatchAPIChannelMessageJSONBody {
  return {
    ...encodeNew({ ...message, alerts: [] }),
    components: encodeButtons(message.buttons),
  };
}

/**
 * Names exactly those who are alerted: the same word in `parse` as well would be refused.
 *
 * Source: Discord developer docs, "Allowed Mentions": without it every mention pings, and an edit does not
 * remember what the post said.
 */
function encodeAlerts(alerts: readonly string[]): APIAllowedMentions {
  const idsOf = (prefix: string) =>
    alerts.filter((alert) => alert.startsWith(prefix))
      .map((alert) => alert.slice(prefix.length));
  const [roles, users] = [idsOf("role:"), idsOf("user:")];
  return {
    parse: [],
    ...(roles.length > 0 && { roles }),
    ...(users.length > 0 && { users }),
  };
}

/**
 * Source: Discord developer docs, "Component Reference": type 1 is an action row, 2 a button; styles 3
 * and 4 are green and red, 5 is a link.
 */
function encodeButtons(
  buttons: readonly Button[],
): APIActionRowComponent<APIComponentInMessageActionRow>[] {
  if (buttons.length === 0) return [];
  return [{ type: 1, components: buttons.map(encodeButton) }];
}

function encodeButton(button: Button): APIComponentInMessageActionRow {
  const { label } = button;
  if ("url" in button) return { type: 2, style: 5, label, url: button.url };
  return {
    type: 2,
    style: button.style === "success" ? 3 : 4,
    label,
    custom_id: button.customId,
  };
}
