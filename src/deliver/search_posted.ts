/**
 * Finding a message that may have been posted already.
 *
 * Source: design.md, section 4.
 *
 * @module
 */

import type { Patience } from "../lib/async/cancellation.ts";
import type { FoundMessage, Messenger } from "../ports/messenger.ts";
import { DISCORD_EPOCH_MS, snowflakeAt } from "./snowflake.ts";

/** What a search brought. */
export type SearchResult =
  | { readonly kind: "found"; readonly messageId: string }
  | { readonly kind: "absent" }
  /** The channel has messages, but the bot may not read them: READ_MESSAGE_HISTORY is missing. */
  | { readonly kind: "unreadable" };

/** How far a search goes back: pages of 100 messages. */
const MAX_PAGES = 5;

/** The clocks of Teleport and Discord may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

/** Searches a channel for a message that is not much older than its request, newest message first. */
export async function findMessage(
  messenger: Messenger,
  channelId: string,
  created: Date | undefined,
  isWanted: (message: FoundMessage) => boolean,
  patience: Patience,
): Promise<SearchResult> {
  const oldest = snowflakeAt(
    (created?.getTime() ?? DISCORD_EPOCH_MS) - CLOCK_SKEW_MS,
  );
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const messages = await messenger.listMessages(channelId, before, patience);
    const found = messages.find(isWanted);
    if (found !== undefined) return { kind: "found", messageId: found.id };
    const last = messages.at(-1);
    if (last === undefined) break;
    if (BigInt(last.id) < oldest) return { kind: "absent" };
    before = last.id;
  }
  if (before !== undefined) return { kind: "absent" };
  const { lastMessageId } = await messenger.getChannel(channelId, patience);
  const hidden = lastMessageId !== undefined && BigInt(lastMessageId) > oldest;
  return { kind: hidden ? "unreadable" : "absent" };
}
