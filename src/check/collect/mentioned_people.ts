/**
 * Looks at those who are mentioned, and at the users that are known by name.
 *
 * @module
 */

import type { DraftValues } from "../../config/config.ts";
import { type GuildRole, holds } from "../../discord/permissions.ts";
import {
  judgeMention,
  judgeUsers,
  type MentionFacts,
} from "../judge/judge_people.ts";
import type { RecipientFacts } from "../judge/judge_recipients.ts";
import type { Finding } from "../report/finding.ts";
import { type CheckContext, noAnswer } from "./check_host.ts";
import { guildIdsOf, type RecipientLookup } from "./recipient_lookup.ts";

/** How many of `[users]` are looked at: an answer for each takes its time. */
const MAX_USERS = 100;

/** Looks at `[role_to_mentions]`, at whom escalations mention, and at `[users]`. */
export async function examinePeople(
  { mentions, users, discord: { notices: { escalations } } }: DraftValues,
  recipients: readonly RecipientFacts[],
  lookup: RecipientLookup,
  context: CheckContext,
): Promise<Finding[]> {
  const mentioned = [
    ...new Set([
      ...[...mentions.values()].flat(),
      ...escalations.flatMap((each) => each.mentions),
    ]),
  ];
  const named = [...users].slice(0, MAX_USERS);
  try {
    const [mentionFindings, looked] = await Promise.all([
      Promise.all(
        mentioned.map(async (each) =>
          judgeMention(each, await lookUpMention(each, recipients, lookup))
        ),
      ),
      Promise.all(named.map(async ([name, id]) => ({
        name,
        id,
        facts: await lookup.findUser(id),
      }))),
    ]);
    return [...mentionFindings, ...judgeUsers(looked, users.size)];
  } catch (error) {
    const outcome = noAnswer(error, context);
    return [{ id: "discord.user", subject: "mentions and users", ...outcome }];
  }
}

/**
 * Finds out what is known of an entry of `[role_to_mentions]`.
 *
 * @param recipients What is known of all recipients: what counts are their servers.
 */
async function lookUpMention(
  mention: string,
  recipients: readonly RecipientFacts[],
  lookup: RecipientLookup,
): Promise<MentionFacts> {
  const [kind, id = ""] = mention.split(":");
  const guildIds = guildIdsOf(recipients);
  if (guildIds.length === 0) return { kind: "unknown" };
  if (kind === "user") {
    const [user, isMember] = await Promise.all([
      lookup.findUser(id),
      lookup.isMemberOfAny(id, guildIds),
    ]);
    return { kind: "user", user, isMember };
  }
  const guilds = await lookup.guilds(guildIds);
  if (guilds.length === 0) return { kind: "unknown" };
  const isMeant = (role: GuildRole) => role.id === id;
  const guild = guilds.find(({ roles }) => roles.some(isMeant));
  const role = guild?.roles.find(isMeant);
  const closedChannels = recipients.flatMap((each) => {
    const isClosed = each.kind === "channel" &&
      each.channel.guildId === guild?.id && each.bits !== undefined &&
      !holds(each.bits, "Mention Everyone");
    return isClosed ? [`#${each.channel.name}`] : [];
  });
  return { kind: "role", role, closedChannels };
}
