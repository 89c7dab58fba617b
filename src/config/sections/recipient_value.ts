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
  return {
    detail: `expected a channel ID or "user:" and a user ID, found ${
      describeValue(value)
    }`,
    hint: recipientHint(value),
  };
}

/** Reads a mention: `role:` and a role ID, or `user:` and a user ID. */
export function readMention(value: unknown): ParsedValue {
  if (typeof value === "string" && /^(?:user|role):\d{17,20}$/.test(value)) {
    return { value };
  }
  return {
    detail: `expected "role:" or "user:" and an ID, found ${
      describeValue(value)
    }`,
    hint: isInteger(value)
      ? quoteHint(value)
      : 'write such as "role:123456789012345678"; Developer Mode in Discord\'s settings offers Copy ID',
  };
}

/** Reads the ID of a Discord user. */
export function readUserId(value: unknown): ParsedValue {
  if (typeof value === "string" && SNOWFLAKE.test(value)) return { value };
  return {
    detail: `expected a user ID of 17 to 20 digits, found ${
      describeValue(value)
    }`,
    hint: isInteger(value) ? quoteHint(value) : HOW_TO_COPY_USER,
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

function recipientHint(value: unknown): string {
  if (isInteger(value)) return quoteHint(value);
  if (typeof value !== "string") {
    return 'write one ID in quotes, or several as ["…", "…"]';
  }
  const text = value.trim();
  if (text !== value && SNOWFLAKE.test(text)) {
    return "remove the blanks within the quotes";
  }
  const parts = text.split(/[\s,;]+/);
  if (parts.length > 1 && parts.every((part) => SNOWFLAKE.test(part))) {
    return `write a list: [${parts.map((part) => `"${part}"`).join(", ")}]`;
  }
  const inUrl = channelInLink(text);
  if (inUrl !== undefined) return `write only the channel ID: "${inUrl}"`;
  if (/^https?:|discord\.(?:com|gg)/i.test(text)) {
    return `no channel ID is in this address: ${HOW_TO_COPY}`;
  }
  const inMention = /^<(#|@!?|@&)(\d{17,20})>$/.exec(text);
  if (inMention !== null) return mentionHint(inMention[1], inMention[2]);
  const labelled = /^(user|channel|role)[:\s]\s*(\d{17,20})$/i.exec(text);
  if (labelled !== null) {
    return mentionHint(
      { user: "@", channel: "#", role: "@&" }[
        labelled[1]?.toLowerCase() ?? ""
      ],
      labelled[2],
    );
  }
  if (/^@\d{17,20}$/.test(text)) {
    return `for a direct message write "user:${text.slice(1)}"`;
  }
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) {
    return `Discord does not know e-mail addresses: ${HOW_TO_COPY}`;
  }
  if (/^\d+$/.test(text)) return `an ID has 17 to 20 digits: ${HOW_TO_COPY}`;
  if (/^user:\d+$/.test(text)) {
    return `an ID has 17 to 20 digits: ${HOW_TO_COPY_USER}`;
  }
  if (text.startsWith("@") || text.startsWith("user:")) {
    return `write "user:" and the ID: ${HOW_TO_COPY_USER}`;
  }
  return `write the ID of the channel, not its name: ${HOW_TO_COPY}`;
}

function mentionHint(mark: string | undefined, id: string | undefined): string {
  switch (mark) {
    case "#":
      return `write "${id}"`;
    case "@&":
      return "a role cannot receive a message: name a channel that its members can see";
    default:
      return `for a direct message write "user:${id}"`;
  }
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === "bigint" || Number.isInteger(value);
}

function quoteHint(value: number | bigint): string {
  return `put the ID in quotes: "${value}"; as a number it can lose digits`;
}
