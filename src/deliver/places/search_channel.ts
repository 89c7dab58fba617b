/**
 * Finding a message that may have been posted already.
 *
 * Source: docs/design/reconciler.md 3.
 *
 * @module
 */

import type {
  Forum,
  FoundMessage,
  MessageCursor,
  Messenger,
} from "../../ports/messenger.ts";
import { DISCORD_EPOCH_MS, snowflakeAt } from "../due/snowflake.ts";

/** What a search brought. */
export type SearchResult =
  | { readonly kind: "found"; readonly messageId: string }
  | { readonly kind: "absent" }
  /** The bot may not look at what there is, or not at all of it: READ_MESSAGE_HISTORY is missing. */
  | { readonly kind: "unreadable" }
  /** The channel takes posts instead of messages. */
  | { readonly kind: "forum"; readonly forum: Forum };

/** How far a search goes, from either end: pages of 100 messages. */
const MAX_PAGES = 5;
export const FULL_PAGE = 100;

/** The clocks of Teleport and Discord may differ by this much. */
export const CLOCK_SKEW_MS = 60_000;

/** Where a search begins. */
export interface SearchStart {
  /** When the message became owed, or a message that it comes after. */
  readonly from: Date | { readonly messageId: string };
  /** Whether that is certain; a process whose clock was wrong may have noted a time that is too late. */
  readonly isCertain: boolean;
}

/** What is searched for, and what that takes. */
export interface Search {
  readonly messenger: Pick<
    Messenger,
    "listMessages" | "getChannel" | "listActivePosts" | "listArchivedPosts"
  >;
  readonly start: SearchStart;
  readonly isWanted: (message: FoundMessage) => boolean;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: (channelId: string) => Promise<boolean>;
}

/**
 * Searches a channel for a message that may have been posted: from the time on at which it became owed, as it
 * was posted soon after that however much was written since; then the newest messages.
 */
export async function findMessage(
  channelId: string,
  { messenger, start, isWanted, mayReadHistory }: Search,
): Promise<SearchResult> {
  const { from, isCertain } = start;
  const oldest = from instanceof Date
    ? snowflakeAt(Math.max(DISCORD_EPOCH_MS, from.getTime() - CLOCK_SKEW_MS))
    : BigInt(from.messageId);
  let after = oldest;
  let isEmpty = true;
  for (let page = 0; page < MAX_PAGES; page++) {
    const messages = await list({ after: String(after) });
    const found = messages.find(isWanted);
    if (found !== undefined) return { kind: "found", messageId: found.id };
    if (messages.length > 0) isEmpty = false;
    for (const { id } of messages) if (BigInt(id) > after) after = BigInt(id);
    if (messages.length === FULL_PAGE) continue;
    if (!isEmpty) return { kind: "absent" };
    if (isCertain) return await explainEmpty();
    break;
  }
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const messages = await list(before === undefined ? {} : { before });
    const found = messages.find(isWanted);
    if (found !== undefined) return { kind: "found", messageId: found.id };
    const last = messages.at(-1);
    if (last === undefined) break;
    isEmpty = false;
    if (BigInt(last.id) <= after && after !== oldest) break;
    before = last.id;
  }
  return isEmpty ? await explainEmpty() : { kind: "absent" };

  async function list(cursor: MessageCursor) {
    return await messenger.listMessages(channelId, cursor);
  }

  async function explainEmpty(): Promise<SearchResult> {
    const { lastMessageId, forum } = await messenger.getChannel(channelId);
    if (forum !== undefined) return { kind: "forum", forum };
    // The last message of a channel is named even after it was deleted.
    const hidden = lastMessageId !== undefined &&
      BigInt(lastMessageId) > oldest && !await mayReadHistory(channelId);
    return { kind: hidden ? "unreadable" : "absent" };
  }
}
