/**
 * Whether the bot may read the earlier messages of a channel, by its permissions.
 *
 * A list of messages cannot tell: without the permission it is empty, as it is where all were deleted.
 *
 * @module
 */

import type { DiscordInspector } from "./inspector.ts";
import { holds, isThread, permissionsIn } from "./permissions.ts";

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
): Promise<boolean> {
  const channel = await inspector.getChannel(channelId);
  const { guildId, parentId } = channel;
  // Both sides may read all of a conversation.
  if (guildId === undefined) return true;
  const parent = isThread(channel) && parentId !== undefined
    ? await inspector.getChannel(parentId)
    : channel;
  const guild = await inspector.getGuild(guildId);
  const member = await inspector.getMember(guildId, botId);
  const bits = permissionsIn(channel, parent, guild, member, now);
  return holds(bits, "Read Message History");
}
