/**
 * Words for Discord's JSON error codes.
 *
 * Discord's own wording is not repeated: it comes from the network and ends up in logs.
 *
 * @module
 */

/**
 * What the codes that our calls can meet mean.
 *
 * Source: Discord developer docs, "JSON Error Codes", read 2026-08.
 */
export const ERROR_NAMES: Readonly<Record<number, string>> = {
  10003: "unknown channel",
  10008: "unknown message",
  10013: "unknown user",
  10015: "unknown webhook",
  10062: "unknown interaction",
  20016: "held back by the channel's slow mode",
  20026: "the bot was flagged by Discord's anti-spam system",
  20028: "too many messages in this channel",
  20029: "too many messages in this server",
  30046: "too many edits of messages older than an hour",
  40001: "unauthorized",
  40002: "the bot's account must be verified",
  40003: "direct messages opened too fast",
  40004: "sending is switched off for now",
  40005: "message too large",
  40006: "feature is switched off for now",
  40058: "a forum takes no messages, only posts",
  40060: "already answered",
  40062: "resource is rate limited",
  40066: "the forum has no tag that others than moderators may set",
  40067: "the forum demands a tag of each post",
  40333: "blocked by Cloudflare",
  50001: "the bot cannot see this channel",
  50005: "the message belongs to another author",
  50006: "empty message",
  50007: "this user takes no direct messages from the bot",
  50008: "this kind of channel takes no messages",
  50013: "missing permission",
  50014: "invalid token",
  50024: "not possible in this kind of channel",
  50033: "invalid recipient",
  50035: "invalid form body",
  50083: "the thread is archived",
  50278: "the bot shares no server with this user",
  110000: "not ready yet",
  130000: "overloaded",
  160002: "no reply without reading the message history",
  160005: "the thread is locked",
  160006: "too many active threads in this server",
  200000: "refused by AutoMod",
  240000: "refused as a harmful link",
};
