/**
 * Finding a post of a forum that may have been made already.
 *
 * Source: docs/design/forums.md 3.
 *
 * @module
 */

import type { Cancellation } from "../../lib/async/cancellation.ts";
import { isNameFor } from "../../message/thread_message.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import type {
  Forum,
  FoundMessage,
  FoundPost,
  Messenger,
} from "../../ports/messenger.ts";

/** What a search brought. */
export type PostSearchResult =
  | { readonly kind: "found"; readonly postId: string }
  | { readonly kind: "absent" }
  /** The bot may not look into posts, or not into the archive: READ_MESSAGE_HISTORY is missing. */
  | { readonly kind: "unreadable" };

/** How far into the archive a search goes: pages of 100 posts. */
const MAX_PAGES = 2;
const FULL_PAGE = 100;

/** Missing access, or missing permission. */
const FORBIDDEN: readonly unknown[] = [50001, 50013];

/** What a search needs of Discord. */
export interface SearchedForum {
  readonly messenger: Pick<
    Messenger,
    "listActivePosts" | "listArchivedPosts" | "listMessages"
  >;
  readonly forum: Forum;
  readonly botId: string;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: (channelId: string) => Promise<boolean>;
}

/**
 * Searches a forum for the post of a request: among the threads of the server that are active, then among
 * those that came to the archive last.
 *
 * @param sinceMs It is not older than this, in milliseconds since 1970.
 * @param isWanted Whether the first message of a post is the one.
 */
export async function findPost(
  { messenger, forum, botId, mayReadHistory }: SearchedForum,
  requestId: string,
  sinceMs: number,
  isWanted: (message: FoundMessage) => boolean,
  cancellation: Cancellation,
): Promise<PostSearchResult> {
  let isUnreadable = false;
  const among = async (posts: readonly FoundPost[]) => {
    for (const { id, name, parentId, ownerId } of posts) {
      if (parentId !== forum.id || ownerId !== botId) continue;
      if (!isNameFor(name, requestId)) continue;
      const messages = await messenger.listMessages(
        id,
        { after: String(BigInt(id) - 1n) },
        cancellation,
      );
      const first = messages.find((message) => message.id === id);
      if (first !== undefined && isWanted(first)) return id;
      if (messages.length === 0) isUnreadable ||= !await mayReadHistory(id);
    }
    return undefined;
  };
  const active = await among(
    await messenger.listActivePosts(forum.guildId, cancellation),
  );
  if (active !== undefined) return { kind: "found", postId: active };
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const posts = await messenger.listArchivedPosts(
      forum.id,
      before,
      cancellation,
    ).catch((error) => {
      const { code } = error instanceof DiscordApiError ? error : {};
      if (!FORBIDDEN.includes(code)) throw error;
      isUnreadable = true;
      return [];
    });
    const archived = await among(posts);
    if (archived !== undefined) return { kind: "found", postId: archived };
    before = posts.at(-1)?.archivedAt;
    const isOver = posts.length < FULL_PAGE || before === undefined ||
      Date.parse(before) < sinceMs;
    if (isOver) break;
  }
  return { kind: isUnreadable ? "unreadable" : "absent" };
}
