/**
 * What an error means for what is done next. What a reviewer reads of a refusal is in review/teleport_refusal.ts.
 *
 * Source: docs/design/failures.md 2, 3; docs/design/discord-errors.md 2, 3.
 *
 * @module
 */

import { DiscordApiError } from "./discord_error.ts";
import { type StatusName, TeleportError } from "./teleport_error.ts";

/** What to do after a call to Discord failed. */
export type DiscordRecovery =
  /** Try again later: time cures it. */
  | "retry"
  /** The token is refused: no call makes sense until there is a new one. */
  | "token"
  /** This channel cannot be used until a person changes something there. */
  | "channel"
  /** The message does not exist: deleted by a person, or before a repeated post. */
  | "unknown message"
  /** The message cannot be edited by this bot, now or ever. */
  | "not ours"
  /** The thread is archived: take it out of the archive first. */
  | "archived"
  /** The content is refused: send less of it. */
  | "content"
  /** The bot may post, but not reply. */
  | "no reply"
  /** Nothing is known that cures it: try again ever more rarely, for what cannot be made today may be tomorrow. */
  | "rarely";

/** Discord's JSON error codes that decide whatever the status is. */
const BY_CODE: Readonly<Record<number, DiscordRecovery>> = {
  10008: "unknown message",
  50005: "not ours",
  50083: "archived",
  200000: "content",
  240000: "content",
  50035: "content",
  50006: "content",
  10003: "channel",
  50001: "channel",
  50007: "channel",
  50013: "channel",
  50278: "channel",
  50008: "channel",
  40058: "channel",
  40066: "channel",
  40067: "channel",
  160005: "channel",
  160002: "no reply",
  // A block of the address by Cloudflare, whatever it says of the channel.
  40333: "retry",
  40003: "retry",
  40004: "retry",
  40006: "retry",
  110000: "retry",
  130000: "retry",
};

/** Says what to do after a call to Discord failed. */
export function recoverDiscord(error: DiscordApiError): DiscordRecovery {
  const { status, code } = error;
  const byCode = code === undefined ? undefined : BY_CODE[code];
  if (byCode !== undefined) return byCode;
  if (status === 401) return "token";
  const isTransient = status === 408 || status === 429 || status >= 500 ||
    status < 400;
  // A page of some proxy says nothing about the channel or the message.
  return isTransient || code === undefined ? "retry" : "rarely";
}

const NO_USER =
  "there is no such user, or it is a bot: copy the ID of the user again";

const OTHER_CHANNEL =
  "this kind of channel takes no messages: name a text channel, a forum or a thread";

const NO_TAG =
  "the forum demands a tag of each post: add a tag with the name Pending that anybody may set, or let the forum demand none";

/** What a person can do about a refusal, by Discord's JSON error code. */
const HINTS: Readonly<Record<number, string>> = {
  10003:
    "there is no such channel: copy its ID again; it may be that of a server, a user or a role",
  50001:
    "invite the bot to the server, and add it to the channel if that is private",
  50013:
    "let the bot send messages, embed links and read the message history there",
  50007:
    "the user takes no direct messages from the server: they can allow them in its privacy settings; or name a channel instead",
  50278:
    "the user shares no server with the bot: invite the bot, or name a channel instead",
  50008: OTHER_CHANNEL,
  40058: OTHER_CHANNEL,
  40066: NO_TAG,
  40067: NO_TAG,
  160005: "unlock the thread, or name another recipient",
  50083: "take the thread out of the archive, or name another recipient",
  160006:
    "archive threads of that server that nobody needs any more, or name a channel that is no thread",
  20026:
    "Discord has flagged this bot: its owner appeals at https://dis.gd/report",
  40002: "the owner of the bot's application has to verify the account",
  10013: NO_USER,
  50033: NO_USER,
};

/** What a person can do where Discord refuses the token. */
export const REFUSED_TOKEN_HINT =
  "copy the token again from the Bot page of the application in Discord's developer portal, " +
  'or press "Reset Token" there';

/** What a person can do while the running plugin has a token that Discord refuses. */
export const NEW_TOKEN_HINT =
  "put the new token where the configuration says; one that stands in the configuration itself " +
  "takes a reload, one that systemd hands over a restart";

/** Says what a person can do so that a recipient can be reached again. */
export function hintForChannel(error: DiscordApiError): string {
  const fallback = recoverDiscord(error) === "channel"
    ? "check what the bot may do in that channel"
    : "nothing is known of this code: look it up in Discord's documentation, or report it";
  return knownHint(error) ?? fallback;
}

/** Says what a person can do about a failed call, as far as its code tells. */
export function knownHint(error: DiscordApiError): string | undefined {
  return error.code === undefined ? undefined : HINTS[error.code];
}

/** What to do after a call to the Auth Service failed. */
export type TeleportRecovery =
  /** Try again soon: the Auth Service or the way to it is disturbed. */
  | "retry"
  /** Somebody else wrote in between: read again, decide again. */
  | "conflict"
  /** The request does not exist. */
  | "gone"
  /** The role lacks a rule, or the user is locked: try again, but rarely. */
  | "denied"
  /** Repeating it will not help. */
  | "give up";

const BY_STATUS: Readonly<Record<StatusName, TeleportRecovery>> = {
  NOT_FOUND: "gone",
  FAILED_PRECONDITION: "conflict",
  PERMISSION_DENIED: "denied",
  UNAUTHENTICATED: "denied",
  INVALID_ARGUMENT: "give up",
  OUT_OF_RANGE: "give up",
  ALREADY_EXISTS: "give up",
  CANCELLED: "retry",
  UNKNOWN: "retry",
  DEADLINE_EXCEEDED: "retry",
  RESOURCE_EXHAUSTED: "retry",
  ABORTED: "retry",
  UNIMPLEMENTED: "retry",
  INTERNAL: "retry",
  UNAVAILABLE: "retry",
  DATA_LOSS: "retry",
};

/** Says what to do after a call to the Auth Service failed. */
export function recoverTeleport(
  { code, method }: TeleportError,
): TeleportRecovery {
  // A watch is refused in this way if the role may not watch any of its kinds.
  const isWatchRefused = code === "INVALID_ARGUMENT" &&
    method === "WatchEvents";
  return isWatchRefused ? "denied" : BY_STATUS[code];
}

/** Whether the Auth Service said that this is not allowed. */
export function isDenial(error: unknown): error is TeleportError {
  return error instanceof TeleportError && recoverTeleport(error) === "denied";
}
