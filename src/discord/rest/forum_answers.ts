/**
 * Reads what Discord answers of forums and their posts.
 *
 * Source: docs/design/forums.md 1.
 *
 * @module
 */

import type { Forum, ForumTag, FoundPost } from "../../ports/messenger.ts";
import { isObject, type JsonObject, objectsOf } from "./answer.ts";

/** Forums and media channels. Source: Discord developer docs, "Channel Types". */
const FORUM_TYPES: readonly unknown[] = [15, 16];

/** Source: Discord developer docs, "Channel Flags". */
const REQUIRE_TAG = 1 << 4;

/** Returns what a channel tells of itself as a forum; `undefined` if it is none. */
export function readForum(channel: JsonObject): Forum | undefined {
  const { id, type, guild_id: guildId } = channel;
  if (typeof id !== "string" || typeof guildId !== "string") return undefined;
  if (!FORUM_TYPES.includes(type)) return undefined;
  const flags = typeof channel.flags === "number" ? channel.flags : 0;
  return {
    id,
    guildId,
    tags: objectsOf(channel.available_tags).flatMap(readTag),
    requiresTag: (flags & REQUIRE_TAG) !== 0,
  };
}

function readTag({ id, name, moderated }: JsonObject): ForumTag[] {
  return typeof id === "string" && typeof name === "string"
    ? [{ id, name, isModerated: moderated === true }]
    : [];
}

/** Returns the threads of a list; those that lack something are left out. */
export function readPosts(json: unknown): readonly FoundPost[] | undefined {
  return isObject(json) && Array.isArray(json.threads)
    ? objectsOf(json.threads).flatMap(readPost)
    : undefined;
}

function readPost(thread: JsonObject): FoundPost[] {
  const { id, name, parent_id: parentId, owner_id: ownerId } = thread;
  const { thread_metadata: metadata } = thread;
  const archivedAt = isObject(metadata) ? metadata.archive_timestamp : "";
  return typeof id === "string" && typeof name === "string" &&
      typeof parentId === "string" && typeof ownerId === "string" &&
      typeof archivedAt === "string"
    ? [{ id, name, parentId, ownerId, archivedAt }]
    : [];
}

/** Returns the IDs of the tags of a post. */
export function readAppliedTags(json: unknown): readonly string[] | undefined {
  if (!isObject(json) || typeof json.id !== "string") return undefined;
  const { applied_tags: tags } = json;
  return Array.isArray(tags)
    ? tags.filter((tag) => typeof tag === "string")
    : [];
}
