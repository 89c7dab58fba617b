/**
 * Addresses of Discord: the one that invites the bot, and those that people copy.
 *
 * @module
 */

import { channelInLink } from "../../config/sections/recipient_value.ts";
import {
  PERMISSION_BITS,
  type PermissionName,
} from "../../discord/permissions.ts";

/** What the bot is invited with; docs/permissions.md says what for. */
const INVITED_WITH: readonly PermissionName[] = [
  "View Channel",
  "Send Messages",
  "Embed Links",
  "Read Message History",
  "Send Messages in Threads",
];

/** Returns the address that invites the bot of an application to a server. */
export function inviteLink(applicationId: string): string {
  const permissions = INVITED_WITH
    .reduce((bits, name) => bits | PERMISSION_BITS[name], 0n);
  return `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot&permissions=${permissions}`;
}

/** Returns the recipient that a person named: of a link to a channel its ID, anything else as it is. */
export function recipientIn(answer: string): string {
  const text = answer.trim().replace(/^["'<]+|["'>]+$/g, "");
  return channelInLink(text) ?? text;
}
