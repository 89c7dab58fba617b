/**
 * What the end of a connection to the Gateway means.
 *
 * Source: Discord developer docs, "Gateway Close Event Codes"; docs/design/discord-gateway.md 3.
 *
 * @module
 */

import { NEW_TOKEN_HINT } from "../../ports/recovery.ts";

/** How to go on after a connection has ended. */
export type GatewayEnding =
  | {
    /** Go on with the session: what was missed is told again; or start a new one: that is lost. */
    readonly next: "resume" | "identify";
    readonly why: string;
    /** Not sooner than after this time. */
    readonly waitMs?: number;
  }
  | {
    /**
     * Nothing but another token helps; or nothing but another release of this program, or the token of
     * another application.
     */
    readonly next: "new token" | "stop";
    readonly why: string;
    readonly hint: string;
  };

const REPORT = "report this as a bug of this program";

/** What each code means; the reasons get the code behind them. */
const ENDINGS: Readonly<Record<number, GatewayEnding>> = {
  4000: { next: "resume", why: "unknown error" },
  4001: { next: "resume", why: "unknown opcode" },
  4002: { next: "resume", why: "decode error" },
  4003: { next: "identify", why: "not identified" },
  4004: {
    next: "new token",
    why: "the bot token is refused",
    hint: NEW_TOKEN_HINT,
  },
  4005: { next: "identify", why: "identified twice" },
  4007: { next: "identify", why: "bad sequence" },
  4008: { next: "resume", why: "sent too fast" },
  4009: { next: "identify", why: "session timed out" },
  4010: { next: "stop", why: "invalid shard", hint: REPORT },
  4011: {
    next: "stop",
    why: "the bot is in too many servers for one session",
    hint:
      "put the token of another bot, that only your servers have, where the configuration says, and reload",
  },
  4012: {
    next: "stop",
    why: "this version of the API is gone",
    hint: "install a newer release of this program",
  },
  4013: { next: "stop", why: "invalid intents", hint: REPORT },
  4014: { next: "stop", why: "intents that are not allowed", hint: REPORT },
};

/** Says what the code of a close event means. */
export function endingOf(code: number): GatewayEnding {
  const ending = ENDINGS[code] ??
    { next: "resume", why: "the connection was closed" };
  return { ...ending, why: `${ending.why} (${code})` };
}
