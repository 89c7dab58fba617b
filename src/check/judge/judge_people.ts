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
import { type Finding, findingsOf, type Status } from "../report/finding.ts";

const finding = findingsOf("discord.mention");

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
  const subject = `mention ${mention}`;
  switch (facts.kind) {
    case "unknown":
      return finding(
        subject,
        "skipped",
        "skipped because no server of a recipient could be looked at",
      );
    case "role":
      return judgeRole(subject, facts.role, facts.closedChannels);
    case "user":
      return judgeMentionedUser(subject, facts.user, facts.isMember);
  }
}

function judgeRole(
  subject: string,
  role: GuildRole | undefined,
  closedChannels: readonly string[],
): Finding {
  if (role === undefined) {
    return finding(
      subject,
      "failed",
      "no server of the recipients has such a role",
      "copy the ID of the role again",
    );
  }
  const named = `${subject}, @${role.name}`;
  if (role.mentionable || closedChannels.length === 0) {
    return finding(named, "ok", "its members are pinged");
  }
  return finding(
    named,
    "failed",
    `nobody is pinged: not everybody may mention it, and the bot lacks Mention Everyone in ${
      closedChannels.join(", ")
    }`,
    'in the settings of the role, let anyone mention it; or allow the bot to "Mention Everyone" there',
  );
}

function judgeMentionedUser(
  subject: string,
  facts: UserFacts,
  isMember: boolean | undefined,
): Finding {
  if (facts.kind !== "user") return finding(subject, ...judgeAbsence(facts));
  const named = `${subject}, @${facts.user.username}`;
  return isMember === false
    ? finding(
      named,
      "failed",
      "is in no server of the recipients, and so is not pinged",
      "invite this user, or mention another",
    )
    : finding(named, "ok", "is pinged");
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
  const wrong = users.flatMap(({ name, id, facts }) => {
    const base = {
      id: "discord.user",
      subject: `user ${quote(name)}, ${id}`,
    };
    if (facts.kind === "user" && !facts.user.isBot) return [];
    const [status, detail, remedy] = facts.kind === "user"
      ? ["failed", "is a bot", COPY] as const
      : judgeAbsence(facts);
    return [{ ...base, status, detail, remedy }];
  });
  const count = users.length - wrong.length;
  const good: Finding = {
    id: "discord.user",
    subject: "[users]",
    status: "ok",
    detail: `${count} of ${users.length} are users of Discord${
      users.length < total ? `; ${total - users.length} were not looked at` : ""
    }`,
  };
  return [...count === 0 ? [] : [good], ...wrong];
}

const COPY = "copy the ID of the user again";

function judgeAbsence(
  facts: UserFacts & { kind: "none" | "unanswered" },
): readonly [Status, string, string] {
  return facts.kind === "none"
    ? ["failed", "Discord knows no such user", COPY]
    : ["unanswered", facts.detail, "check again"];
}
