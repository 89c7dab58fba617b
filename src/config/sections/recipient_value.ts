/**
 * Recipients: what a message can be sent to.
 *
 * @module
 */

import { isRecipient } from "../../route/role_map.ts";
import { describeValue, quote } from "../reading/problem.ts";
import { isTable } from "../reading/section.ts";

/** A text that was read, or why it cannot be. */
export type ParsedValue =
  | { readonly value: string }
  | { readonly detail: string; readonly hint: string };

const HOW_TO_COPY =
  "in Discord turn on Settings > Advanced > Developer Mode, then right-click the channel and choose Copy Channel ID";

const HOW_TO_COPY_USER =
  "in Discord turn on Settings > Advanced > Developer Mode, then right-click the user and choose Copy User ID";

const SNOWFLAKE = /^\d{17,20}$/;

const CHANNEL_URL =
  /^(?:https?:\/\/)?(?:[a-z]+\.)?discord(?:app)?\.com\/channels\/(?:@me|\d+)\/(\d{17,20})(?:[/?#].*)?$/i;

/** Returns the ID in a link to a channel or to one of its messages; `undefined` if a text is none. */
export function channelInLink(text: string): string | undefined {
  return CHANNEL_URL.exec(text)?.[1];
}

/** Reads a recipient: a channel ID, or `user:` and a user ID. */
export function readRecipient(value: unknown): ParsedValue {
  if (typeof value === "string" && isRecipient(value)) return { value };
  const hint = typeof value === "string"
    ? recipientHint(value)
    : 'write one ID in quotes, or several as ["…", "…"]';
  return refuse('a channel ID or "user:" and a user ID', value, hint);
}

/** Reads a mention: `role:` and a role ID, or `user:` and a user ID. */
export function readMention(value: unknown): ParsedValue {
  return typeof value === "string" && /^(?:user|role):\d{17,20}$/.test(value)
    ? { value }
    : refuse(
      '"role:" or "user:" and an ID',
      value,
      'write such as "role:123456789012345678"; Developer Mode in Discord\'s settings offers Copy ID',
    );
}

/** Reads the ID of a Discord user. */
export function readUserId(value: unknown): ParsedValue {
  return typeof value === "string" && SNOWFLAKE.test(value)
    ? { value }
    : refuse("a user ID of 17 to 20 digits", value, HOW_TO_COPY_USER);
}

function refuse(expected: string, value: unknown, hint: string): ParsedValue {
  const isInteger = typeof value === "bigint" || Number.isInteger(value);
  return {
    detail: `expected ${expected}, found ${describeValue(value)}`,
    hint: isInteger
      ? `put the ID in quotes: "${value}"; as a number it can lose digits`
      : hint,
  };
}

/**
 * Returns what to do about an entry whose value cannot be read.
 *
 * @param hint What its value alone suggests.
 */
export function entryHint(name: string, value: unknown, hint: string): string {
  // To TOML, the dot in alice.smith = "…" leads into a table.
  let whole = name;
  for (let inner = value; isTable(inner);) {
    const [entry] = Object.entries(inner);
    if (entry === undefined) return hint;
    whole = `${whole}.${entry[0]}`;
    inner = entry[1];
  }
  return whole === name
    ? hint
    : `put a name with a dot in it in quotes: ${quote(whole)}`;
}

/** Returns what to do about a text that is no recipient. */
function recipientHint(value: string): string {
  const text = value.trim();
  for (const [form, hint] of MISTAKES) {
    const match = form.exec(text);
    if (match === null) continue;
    return typeof hint === "string" ? hint : hint(match[1] ?? text);
  }
  return `write the ID of the channel, not its name: ${HOW_TO_COPY}`;
}

const toUser = (id: string) => `for a direct message write "user:${id}"`;
const toChannel = (id: string) => `write "${id}"`;
const TO_ROLE =
  "a role cannot receive a message: name a channel that its members can see";

/** What people write, and what to do; `hint` gets the ID in it. Of several, the first that fits counts. */
const MISTAKES: readonly (readonly [
  form: RegExp,
  hint: string | ((id: string) => string),
])[] = [
  [SNOWFLAKE, "remove the blanks within the quotes"],
  [/^\d{17,20}(?:[\s,;]+\d{17,20})+$/, toList],
  [CHANNEL_URL, (id) => `write only the channel ID: "${id}"`],
  [
    /^https?:|discord\.(?:com|gg)/i,
    `no channel ID is in this address: ${HOW_TO_COPY}`,
  ],
  [/^<#(\d{17,20})>$/, toChannel],
  [/^<@!?(\d{17,20})>$/, toUser],
  [/^<@&(\d{17,20})>$/, TO_ROLE],
  [/^channel[:\s]\s*(\d{17,20})$/i, toChannel],
  [/^user[:\s]\s*(\d{17,20})$/i, toUser],
  [/^role[:\s]\s*(\d{17,20})$/i, TO_ROLE],
  [/^@(\d{17,20})$/, toUser],
  [
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    `Discord does not know e-mail addresses: ${HOW_TO_COPY}`,
  ],
  [/^\d+$/, `an ID has 17 to 20 digits: ${HOW_TO_COPY}`],
  [/^user:\d+$/, `an ID has 17 to 20 digits: ${HOW_TO_COPY_USER}`],
  [/^(?:@|user:)/, `write "user:" and the ID: ${HOW_TO_COPY_USER}`],
];

function toList(ids: string): string {
  const quoted = ids.split(/[\s,;]+/).map((id) => `"${id}"`);
  return `write a list: [${quoted.join(", ")}]`;
}
