/**
 * What the end of a connection to the Gateway means.
 *
 * Source: Discord developer docs, "Gateway Close Event Codes"; docs/design/discord-gateway.md 3.
 *
 * @module
 */

/** How to go on after a connection has ended. */
export type GatewayEnding =
  /** Go on with the session: what was missed is told again. */
  | {
    readonly next: "resume";
    readonly why: string;
    /** Not sooner than after this time. */
    readonly waitMs?: number;
  }
  /** Start a new session; what was missed is lost. */
  | {
    readonly next: "identify";
    readonly why: string;
    /** Not sooner than after this time. */
    readonly waitMs?: number;
  }
  /** Nothing but another token helps. */
  | { readonly next: "new token"; readonly why: string; readonly hint: string }
  /** Nothing helps but another release of this program, or the token of another application. */
  | { readonly next: "stop"; readonly why: string; readonly hint: string };

const NEW_SESSION: Readonly<Record<number, string>> = {
  4003: "not identified",
  4005: "identified twice",
  4007: "bad sequence",
  4009: "session timed out",
};

const RESUMED: Readonly<Record<number, string>> = {
  4000: "unknown error",
  4001: "unknown opcode",
  4002: "decode error",
  4008: "sent too fast",
};

const FINAL: Readonly<Record<number, readonly [string, string]>> = {
  4010: ["invalid shard", "report this as a bug of this program"],
  4011: [
    "the bot is in too many servers for one session",
    "put the token of another bot, that only your servers have, where the configuration says, and reload",
  ],
  4012: [
    "this version of the API is gone",
    "install a newer release of this program",
  ],
  4013: ["invalid intents", "report this as a bug of this program"],
  4014: [
    "intents that are not allowed",
    "report this as a bug of this program",
  ],
};

/** Says what the code of a close event means. */
export function endingOf(code: number): GatewayEnding {
  if (code === 4004) {
    return {
      next: "new token",
      why: "the bot token is refused (4004)",
      hint:
        "put the new token where the configuration says; one that stands in the configuration itself " +
        "takes a reload, one that systemd hands over a restart",
    };
  }
  const final = FINAL[code];
  if (final !== undefined) {
    const [why, hint] = final;
    return { next: "stop", why: `${why} (${code})`, hint };
  }
  const ended = NEW_SESSION[code];
  if (ended !== undefined) {
    return { next: "identify", why: `${ended} (${code})` };
  }
  const why = RESUMED[code] ?? "the connection was closed";
  return { next: "resume", why: `${why} (${code})` };
}
