/**
 * What the check says of those who are mentioned, and of the users that are known by name.
 *
 * Source: docs/design/discord-messages.md 3.2: a role is pinged if everybody may mention it, or if the bot has
 * Mention Everyone.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import type { DiscordUser } from "../../discord/inspector.ts";
import type { GuildRole } from "../../discord/permissions.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";

/** What is known of somebody to mention. */
export type MentionFacts =
  /** No server of a recipient could be looked at. */
  | { readonly kind: "unknown" }
  | {
    readonly kind: "role";
    /** `undefined` if no server of the recipients has it. */
    readonly role: GuildRole | undefined;
    /** Channels of that server in which the bot lacks Mention Everyone. */
    readonly closedChannels: readonly string[];
  }
  | {
    readonly kind: "user";
    readonly user: UserFacts;
    /** Whether a server of the recipients has that user; `undefined` if that is not known. */
    readonly isMember: boolean | undefined;
  };

/** A user, none, or no answer. */
export type UserFacts =
  | { readonly kind: "user"; readonly user: DiscordUser }
  | { readonly kind: "none" }
  | { readonly kind: "unanswered"; readonly detail: string };

/** Judges one entry of `[role_to_mentions]`. */
export function judgeMention(mention: string, facts: MentionFacts): Finding {
  const name = nameOf(facts);
  return {
    id: "discord.mention",
    subject: `mention ${mention}${name === undefined ? "" : `, @${name}`}`,
    ...judgeFacts(facts),
  };
}

function nameOf(facts: MentionFacts): string | undefined {
  if (facts.kind === "role") return facts.role?.name;
  return facts.kind === "user" && facts.user.kind === "user"
    ? facts.user.user.username
    : undefined;
}

function judgeFacts(facts: MentionFacts): Outcome {
  switch (facts.kind) {
    case "unknown":
      return found.skipped(
        "skipped because no server of a recipient could be looked at",
      );
    case "role":
      return judgeRole(facts.role, facts.closedChannels);
    case "user":
      if (facts.user.kind !== "user") return judgeAbsence(facts.user);
      return facts.isMember === false
        ? found.failed(
          "is in no server of the recipients, and so is not pinged",
          "invite this user, or mention another",
        )
        : found.ok("is pinged");
  }
}

function judgeRole(
  role: GuildRole | undefined,
  closedChannels: readonly string[],
): Outcome {
  if (role === undefined) {
    return found.failed(
      "no server of the recipients has such a role",
      "copy the ID of the role again",
    );
  }
  if (role.mentionable || closedChannels.length === 0) {
    return found.ok("its members are pinged");
  }
  const where = closedChannels.join(", ");
  return found.failed(
    `nobody is pinged: not everybody may mention it, and the bot lacks Mention Everyone in ${where}`,
    'in the settings of the role, let anyone mention it; or allow the bot to "Mention Everyone" there',
  );
}

/**
 * Judges `[users]`: a line each for what is wrong, one for all the rest.
 *
 * @param users Those that were looked at.
 * @param total How many there are.
 */
export function judgeUsers(
  users: readonly {
    readonly name: string;
    readonly id: string;
    readonly facts: UserFacts;
  }[],
  total: number,
): Finding[] {
  if (users.length === 0) return [];
  const finding = (subject: string, outcome: Outcome): Finding => ({
    id: "discord.user",
    subject,
    ...outcome,
  });
  const wrong = users.flatMap(({ name, id, facts }) => {
    const subject = `user ${quote(name)}, ${id}`;
    if (facts.kind !== "user") return [finding(subject, judgeAbsence(facts))];
    return facts.user.isBot
      ? [finding(subject, found.failed("is a bot", COPY))]
      : [];
  });
  const count = users.length - wrong.length;
  if (count === 0) return wrong;
  const others = total - users.length;
  const good = found.ok(
    `${count} of ${users.length} are users of Discord` +
      (others > 0 ? `; ${others} were not looked at` : ""),
  );
  return [finding("[users]", good), ...wrong];
}

const COPY = "copy the ID of the user again";

function judgeAbsence(
  facts: UserFacts & { kind: "none" | "unanswered" },
): Outcome {
  return facts.kind === "none"
    ? found.failed("Discord knows no such user", COPY)
    : found.unanswered(facts.detail, "check again");
}
