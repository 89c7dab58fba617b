/**
 * Finding a post of a forum that may have been made already.
 *
 * Source: docs/design/forums.md 3.
 *
 * @module
 */

import { isNameFor } from "../../message/thread_message.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import type { Forum, FoundPost } from "../../ports/messenger.ts";
import {
  CLOCK_SKEW_MS,
  FULL_PAGE,
  type Search,
  type SearchResult,
} from "./search_channel.ts";

/** How far into the archive a search goes: pages of 100 posts. */
const MAX_PAGES = 2;

/** Missing access, or missing permission. */
const FORBIDDEN: readonly unknown[] = [50001, 50013];

/**
 * Searches a forum for the post of a request: among the threads of the server that are active, then among
 * those that came to the archive last.
 *
 * @returns The post has the ID of its first message.
 */
export async function findPost(
  { id: forumId, guildId }: Pick<Forum, "id" | "guildId">,
  requestId: string,
  botId: string,
  { messenger, start, isWanted, mayReadHistory }: Search,
): Promise<SearchResult> {
  const { from } = start;
  const sinceMs = from instanceof Date ? from.getTime() - CLOCK_SKEW_MS : 0;
  let isUnreadable = false;
  const among = async (posts: readonly FoundPost[]) => {
    for (const { id, name, parentId, ownerId } of posts) {
      if (parentId !== forumId || ownerId !== botId) continue;
      if (!isNameFor(name, requestId)) continue;
      const after = String(BigInt(id) - 1n);
      const messages = await messenger.listMessages(id, { after });
      const first = messages.find((message) => message.id === id);
      if (first !== undefined && isWanted(first)) return id;
      if (messages.length === 0) isUnreadable ||= !await mayReadHistory(id);
    }
    return undefined;
  };
  const active = await messenger.listActivePosts(guildId);
  let messageId = await among(active);
  if (messageId !== undefined) return { kind: "found", messageId };
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const posts = await messenger.listArchivedPosts(forumId, before)
      .catch((error) => {
        const { code } = error instanceof DiscordApiError ? error : {};
        if (!FORBIDDEN.includes(code)) throw error;
        isUnreadable = true;
        return [];
      });
    messageId = await among(posts);
    if (messageId !== undefined) return { kind: "found", messageId };
    before = posts.at(-1)?.archivedAt;
    const isOver = posts.length < FULL_PAGE || before === undefined ||
      Date.parse(before) < sinceMs;
    if (isOver) break;
  }
  return { kind: isUnreadable ? "unreadable" : "absent" };
}
