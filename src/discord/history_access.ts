/**
 * Whether the bot may read the earlier messages of a channel, by its permissions.
 *
 * A list of messages cannot tell: without the permission it is empty, as it is where all were deleted.
 *
 * @module
 */

import type { Cancellation } from "../lib/async/cancellation.ts";
import type { DiscordInspector } from "./inspector.ts";
import { holds, permissionsIn } from "./permissions.ts";

/** Public, private and announcement threads. Source: Discord developer docs, "Channel Types". */
const THREAD_TYPES: readonly number[] = [10, 11, 12];
const VOICE_TYPES: readonly number[] = [2, 13];

/**
 * Finds out by roles and overwrites.
 *
 * @throws {DiscordApiError} If Discord does not tell them.
 */
export async function mayReadHistory(
  inspector: Pick<DiscordInspector, "getChannel" | "getGuild" | "getMember">,
  channelId: string,
  botId: string,
  now: Date,
  cancellation: Cancellation,
): Promise<boolean> {
  const channel = await inspector.getChannel(channelId, cancellation);
  const { guildId, parentId, type } = channel;
  // Both sides may read all of a conversation.
  if (guildId === undefined) return true;
  const isThread = THREAD_TYPES.includes(type);
  const parent = isThread && parentId !== undefined
    ? await inspector.getChannel(parentId, cancellation)
    : channel;
  const guild = await inspector.getGuild(guildId, cancellation);
  const member = await inspector.getMember(guildId, botId, cancellation);
  const place = {
    overwrites: parent.overwrites,
    isThread,
    isVoice: VOICE_TYPES.includes(parent.type),
  };
  const bits = permissionsIn(place, guild, member, now);
  return holds(bits, "Read Message History");
}
