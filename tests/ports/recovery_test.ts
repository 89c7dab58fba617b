import assert from "node:assert/strict";
import {
  type DiscordRecovery,
  hintForChannel,
  recoverDiscord,
  recoverTeleport,
  type TeleportRecovery,
} from "../../src/ports/recovery.ts";
import type { StatusName } from "../../src/ports/teleport_error.ts";
import { teleportError } from "../fakes/memory_auth.ts";
import { discordError } from "../fakes/memory_discord.ts";

const permissions = "none";

const TELEPORT: Readonly<Record<StatusName, TeleportRecovery>> = {
  CANCELLED: "retry",
  UNKNOWN: "retry",
  INVALID_ARGUMENT: "give up",
  DEADLINE_EXCEEDED: "retry",
  NOT_FOUND: "gone",
  ALREADY_EXISTS: "give up",
  PERMISSION_DENIED: "denied",
  RESOURCE_EXHAUSTED: "retry",
  FAILED_PRECONDITION: "conflict",
  ABORTED: "retry",
  OUT_OF_RANGE: "give up",
  UNIMPLEMENTED: "retry",
  INTERNAL: "retry",
  UNAVAILABLE: "retry",
  DATA_LOSS: "retry",
  UNAUTHENTICATED: "denied",
};

for (const [code, expected] of Object.entries(TELEPORT)) {
  Deno.test(`status ${code} of a call: ${expected}`, { permissions }, () => {
    const error = teleportError(code as StatusName, "GetPluginData");
    assert.equal(recoverTeleport(error), expected);
  });
}

Deno.test(
  "a watch of no permitted kind is refused as INVALID_ARGUMENT: denied",
  {
    permissions,
  },
  () => {
    const error = teleportError("INVALID_ARGUMENT", "WatchEvents");
    assert.equal(recoverTeleport(error), "denied");
  },
);

/** JSON error codes that decide whatever status they come with. */
const BY_CODE: readonly (readonly [number, DiscordRecovery])[] = [
  [10008, "unknown message"],
  [50005, "not ours"],
  [50083, "archived"],
  [200000, "content"],
  [240000, "content"],
  [50035, "content"],
  [50006, "content"],
  [10003, "channel"],
  [50001, "channel"],
  [50013, "channel"],
  [50007, "channel"],
  [50278, "channel"],
  [50008, "channel"],
  [40058, "channel"],
  [40066, "channel"],
  [40067, "channel"],
  [160005, "channel"],
  [40333, "retry"],
  [40003, "retry"],
  [40004, "retry"],
  [40006, "retry"],
  [110000, "retry"],
  [130000, "retry"],
];

for (const [code, expected] of BY_CODE) {
  Deno.test(
    `code ${code} with any status: ${expected}`,
    { permissions },
    () => {
      for (const status of [400, 403, 404, 429, 500]) {
        assert.equal(recoverDiscord(discordError(status, code)), expected);
      }
    },
  );
}

/** Statuses of answers whose code decides nothing; `html` is an answer without Discord's JSON. */
const BY_STATUS: readonly (readonly [
  status: number,
  json: DiscordRecovery,
  html: DiscordRecovery,
])[] = [
  [0, "retry", "retry"],
  [302, "retry", "retry"],
  [400, "rarely", "retry"],
  [401, "token", "token"],
  [403, "rarely", "retry"],
  [404, "rarely", "retry"],
  [405, "rarely", "retry"],
  [408, "retry", "retry"],
  [409, "rarely", "retry"],
  [413, "rarely", "retry"],
  [418, "rarely", "retry"],
  [429, "retry", "retry"],
  [500, "retry", "retry"],
  [502, "retry", "retry"],
  [503, "retry", "retry"],
  [504, "retry", "retry"],
  [520, "retry", "retry"],
];

for (const [status, json, html] of BY_STATUS) {
  Deno.test(`status ${status}: ${json}; from a proxy: ${html}`, {
    permissions,
  }, () => {
    assert.equal(recoverDiscord(discordError(status, 0)), json);
    assert.equal(recoverDiscord(discordError(status, undefined)), html);
  });
}

Deno.test("too many edits of an old message, 30046, are a rate limit", {
  permissions,
}, () => {
  assert.equal(recoverDiscord(discordError(429, 30046)), "retry");
});

const HINTS: readonly (readonly [number | undefined, RegExp])[] = [
  [10003, /^there is no such channel/],
  [50001, /^invite the bot to the server/],
  [50013, /^let the bot send messages/],
  [50007, /^the user takes no direct messages/],
  [50278, /^the user shares no server/],
  [
    50008,
    /^this kind of channel takes no messages: name a text channel, a forum/,
  ],
  [40067, /^the forum demands a tag.* name Pending/],
  [160005, /^unlock the thread/],
  [160006, /^archive threads/],
  [20026, /^Discord has flagged this bot: .*appeal/],
  [undefined, /^nothing is known of this code/],
];

for (const [code, expected] of HINTS) {
  Deno.test(`hint for a channel that fails with ${code ?? "another code"}`, {
    permissions,
  }, () => {
    assert.match(hintForChannel(discordError(403, code ?? 12345)), expected);
  });
}
