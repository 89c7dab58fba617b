/**
 * Finds out who is mentioned.
 *
 * @module
 */

import type { MentionFacts } from "../../check/people.ts";
import type { RecipientFacts } from "../../check/recipients.ts";
import { holds } from "../../discord/permissions.ts";
import type { RecipientLookup } from "./recipient_lookup.ts";

/**
 * Finds out what is known of an entry of `[role_to_mentions]`.
 *
 * @param recipients What is known of all recipients: what counts are their servers.
 */
export async function lookUpMention(
  mention: string,
  recipients: readonly RecipientFacts[],
  lookup: RecipientLookup,
): Promise<MentionFacts> {
  const [kind, id = ""] = mention.split(":");
  const channels = recipients.flatMap((each) =>
    each.kind === "channel" ? [each] : []
  );
  const guildIds = [
    ...new Set(channels.flatMap(({ channel }) => channel.guildId ?? [])),
  ];
  if (guildIds.length === 0) return { kind: "unknown" };
  if (kind === "user") {
    const [user, isMember] = await Promise.all([
      lookup.findUser(id),
      lookup.isMemberOfAny(id, guildIds),
    ]);
    return { kind: "user", user, isMember };
  }
  const memberships = await Promise.all(
    guildIds.map((each) => lookup.membership(each)),
  );
  if (memberships.every((each) => each === undefined)) {
    return { kind: "unknown" };
  }
  for (const each of memberships) {
    const role = each?.guild.roles.find((role) => role.id === id);
    if (role === undefined) continue;
    const closedChannels = channels
      .filter(({ channel, bits }) =>
        channel.guildId === each?.guild.id && bits !== undefined &&
        !holds(bits, "Mention Everyone")
      )
      .map(({ channel }) => `#${channel.name}`);
    return { kind: "role", role, closedChannels };
  }
  return { kind: "role", role: undefined, closedChannels: [] };
}
