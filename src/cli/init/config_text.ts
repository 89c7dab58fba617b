/**
 * The configuration that comes of the answers.
 *
 * @module
 */

import { type Draft, draftConfig } from "../../config/config.ts";

/** Everything that is asked for, and where it comes to lie. */
export interface Settings {
  readonly addr: string;
  readonly identityPath: string;
  readonly tokenPath: string;
  /** A channel ID, or `user:` and a user ID. */
  readonly recipient: string;
  /** Address of Discord's API; `undefined` for Discord's own. */
  readonly apiUrl?: string | undefined;
}

/** Drafts a configuration of what was answered, with samples for the rest. @param name Of it, in messages. */
export function draftAnswers(answers: Partial<Settings>, name: string): Draft {
  return draftConfig(formatConfig({ ...SAMPLES, ...answers }), name);
}

const SAMPLES: Settings = {
  addr: "localhost",
  identityPath: "./identity",
  tokenPath: "./token",
  recipient: "123456789012345678",
};

/** Returns the configuration as TOML. */
export function formatConfig(settings: Settings): string {
  const { addr, identityPath, tokenPath, recipient, apiUrl } = settings;
  return `\
# Written by \`teleport-discord init\`. \`teleport-discord configure\` prints an example with more keys,
# teleport-discord.toml(5) and docs/configuration.md explain all of them.

[teleport]
addr = ${quoted(addr)}
identity = ${quoted(identityPath)}

[discord]
token = ${quoted(tokenPath)}
${apiUrl === undefined ? "" : `apiurl = ${quoted(apiUrl)}\n`}
# Teleport role = who is told of requests for it; "*" is for every role without a line of its own.
[role_to_recipients]
"*" = ${quoted(recipient)}
`;
}

/** A string of JSON is one of TOML, but for DEL, which TOML wants to be escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", String.raw`\u007f`);
}
