/**
 * What the check says of the recipients: whether they exist, and what the bot may do there.
 *
 * Source: docs/design/discord-messages.md 2.1, 2.2; docs/design/discord-errors.md 2.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import type { Channel, DiscordUser } from "../../discord/inspector.ts";
import {
  holds,
  isThread,
  isVoice,
  type PermissionName,
} from "../../discord/permissions.ts";
import { stateOfTag } from "../../message/state_tags.ts";
import type { Forum } from "../../ports/messenger.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";

/** What is known of a recipient. */
export type RecipientFacts =
  | {
    readonly kind: "channel";
    readonly channel: Channel;
    /** Name of the channel that a thread hangs from. */
    readonly parentName?: string | undefined;
    /** `undefined` if it could not be read. */
    readonly guildName: string | undefined;
    /** What the bot may do there; `undefined` if that could not be computed. */
    readonly bits: bigint | undefined;
    /** When a time-out of the bot ends. */
    readonly silencedUntil: Date | undefined;
  }
  | {
    readonly kind: "user";
    readonly user: DiscordUser;
    /** Whether a server has both this user and the bot; `undefined` if that is not known. */
    readonly sharesServer: boolean | undefined;
  }
  /** What follows from the refusal, or from an answer that never came. */
  | { readonly kind: "refused"; readonly outcome: Outcome };

/** Kinds of channels by number. Source: Discord developer docs, "Channel Types". */
const TYPE = {
  directMessage: 1,
  withThreads: [0, 5],
  postable: [0, 1, 2, 5, 10, 11, 12, 13, 15, 16],
} as const;

/** What takes no messages, by type. */
const NO_PLACES: Readonly<Record<number, string>> = {
  3: "a group of users, which bots cannot join",
  4: "a category of channels",
  14: "a directory of servers",
};

/** What the bot should be allowed beside posting, and what is lost without it. */
const WANTED: readonly (readonly [PermissionName, string])[] = [
  ["Embed Links", "who reviewed, and why, is left out without a word"],
  [
    "Read Message History",
    "after a crash a message may be posted a second time",
  ],
];

/** What the bot should be allowed in a forum as well. */
const WANTED_IN_FORUMS: readonly (readonly [PermissionName, string])[] = [
  ...WANTED,
  [
    "Send Messages in Threads",
    "reviews, outcomes and reminders are not told in the posts, which stay open",
  ],
];

/**
 * Judges one recipient.
 *
 * @param origins What names it: entries of `[role_to_recipients]`, access monitoring rules.
 */
export function judgeRecipient(
  recipient: string,
  origins: readonly string[],
  facts: RecipientFacts,
): Finding {
  const finding = (name: string, outcome: Outcome): Finding => ({
    id: "discord.recipient",
    subject: `recipient ${name}`,
    ...outcome,
  });
  switch (facts.kind) {
    case "refused":
      return finding(`${recipient} of ${origins.join(", ")}`, facts.outcome);
    case "user": {
      const name = `@${facts.user.username} (${recipient})`;
      return finding(name, judgeUser(facts));
    }
    case "channel":
      return finding(`${nameOf(facts)} (${recipient})`, judgeChannel(facts));
  }
}

function judgeUser(
  { user, sharesServer }: RecipientFacts & { kind: "user" },
): Outcome {
  if (user.isBot) {
    return found.failed(
      "is a bot, and bots get no direct messages from bots",
      "name a person or a channel",
    );
  }
  return sharesServer === false
    ? found.failed(
      "shares no server with the bot, so that no direct message gets through",
      "invite the bot to a server of this user, or name a channel instead",
    )
    : found.ok(
      "exists; whether direct messages get through, --send-test shows",
    );
}

function judgeChannel(
  { channel, bits, silencedUntil }: RecipientFacts & { kind: "channel" },
): Outcome {
  if (!TYPE.postable.some((type) => type === channel.type)) {
    const what = NO_PLACES[channel.type] ?? "of a kind that is not known";
    return found.failed(
      `is ${what}`,
      "name a text channel, a forum or a thread",
    );
  }
  if (channel.type === TYPE.directMessage) {
    return found.ok("is a conversation with one user");
  }
  if (bits === undefined) {
    return found.warning(
      "exists; what the bot may do there could not be found out",
      "check again, or try it with --send-test",
    );
  }
  const canPost = needs(channel).every((name) => holds(bits, name));
  if (silencedUntil !== undefined && !canPost) {
    return found.failed(
      `the bot is in a time-out until ${silencedUntil.toISOString()}`,
      "let a moderator of the server end the time-out of the bot",
    );
  }
  return judgePermissions(channel, bits);
}

function judgePermissions(channel: Channel, bits: bigint): Outcome {
  const { forum } = channel;
  const useful = forum === undefined ? WANTED : WANTED_IN_FORUMS;
  const needed = needs(channel).filter((name) => !holds(bits, name));
  if (needed.length > 0) {
    return found.failed(
      `the bot lacks ${needed.join(" and ")}: nothing can be posted there`,
      tick([...needed, ...useful.map(([name]) => name)], channel),
    );
  }
  if (channel.isLocked && !holds(bits, "Manage Threads")) {
    return found.failed(
      "the thread is locked",
      "unlock it, or name another recipient",
    );
  }
  const flaw = forum && judgeTags(forum, bits);
  if (flaw !== undefined) return flaw;
  const wanted = useful.filter(([name]) => !holds(bits, name));
  if (wanted.length > 0) {
    return found.warning(
      wanted.map(([name, without]) => `the bot lacks ${name}: ${without}`)
        .join("; "),
      tick(wanted.map(([name]) => name), channel),
    );
  }
  return found.ok(
    forum === undefined
      ? "the bot may post, embed links and read the message history"
      : "the bot may make posts, write in them, embed links and read the message history",
  );
}

/** Says what is wrong with the tags of a forum; `undefined` if nothing is. */
function judgeTags(
  { tags, requiresTag }: Forum,
  bits: bigint,
): Outcome | undefined {
  const isModerator = holds(bits, "Manage Threads");
  const closed = tags.filter(({ name, isModerated }) =>
    isModerated && !isModerator && stateOfTag(name) !== undefined
  );
  const hasFirst = tags.some((tag) =>
    stateOfTag(tag.name) === "PENDING" && !closed.includes(tag)
  );
  if (requiresTag && !hasFirst) {
    return found.failed(
      "the forum demands a tag of each post, and has none with the name Pending that the bot may set",
      "add a tag with the name Pending to the forum that anybody may set, or let it demand none",
    );
  }
  if (closed.length === 0) return undefined;
  const names = closed.map(({ name }) => quote(name)).join(" and ");
  return found.warning(
    `only moderators may set ${names}, and the bot lacks Manage Threads: posts go without`,
    "in the settings of the forum, let anybody set these tags, or allow the bot to manage threads there",
  );
}

/** Says whether announcements at a recipient can have threads; nothing where nothing is known of it. */
export function judgeThreads(
  recipient: string,
  facts: RecipientFacts,
): Finding[] {
  const outcome = judgeThreadsOf(facts);
  const subject = `threads at recipient ${recipient}`;
  return outcome === undefined
    ? []
    : [{ id: "discord.thread", subject, ...outcome }];
}

function judgeThreadsOf(facts: RecipientFacts): Outcome | undefined {
  if (facts.kind === "refused") return undefined;
  if (facts.kind === "user") return found.skipped(NO_THREADS);
  const { channel, bits } = facts;
  if (channel.forum !== undefined) return found.skipped(POSTS_ARE_THREADS);
  if (!TYPE.withThreads.some((type) => type === channel.type)) {
    return found.skipped(NO_THREADS);
  }
  if (bits === undefined) return undefined;
  const missing = FOR_THREADS.filter((name) => !holds(bits, name));
  return missing.length === 0
    ? found.ok("the bot may make threads and write in them")
    : found.warning(
      `the bot lacks ${missing.join(" and ")}: requests get no thread there`,
      tick(missing, channel),
    );
}

const POSTS_ARE_THREADS = "each post of a forum is a thread already";

const NO_THREADS =
  "there are none: only text and announcement channels have threads";

const FOR_THREADS: readonly PermissionName[] = [
  "Create Public Threads",
  "Send Messages in Threads",
];

/** Without these, no message gets there. */
function needs(channel: Channel): readonly PermissionName[] {
  return [
    "View Channel",
    ...isVoice(channel) ? ["Connect"] as const : [],
    isThread(channel) ? "Send Messages in Threads" : "Send Messages",
  ];
}

function tick(names: readonly PermissionName[], channel: Channel): string {
  const where = isThread(channel)
    ? "the channel that the thread hangs from"
    : "the channel";
  return `in the settings of ${where}, below Permissions, add the bot and allow it: ${
    names.join(", ")
  }`;
}

/** Returns such as `thread #duty of #ops in "Example"`. */
function nameOf(
  { channel, parentName, guildName }: RecipientFacts & { kind: "channel" },
): string {
  const kind = isThread(channel)
    ? "thread "
    : isVoice(channel)
    ? "voice "
    : channel.forum === undefined
    ? ""
    : "forum ";
  const parent = parentName === undefined ? "" : ` of #${parentName}`;
  const guild = guildName === undefined ? "" : ` in ${quote(guildName)}`;
  return `${kind}#${channel.name}${parent}${guild}`;
}

/**
 * Judges the tables by recipient: warns of each entry for somebody whom nothing is sent to.
 *
 * @param tables Recipients by the name of the table, such as `messages.language_by_recipient`.
 * @param recipients Recipients of announcements that are known here.
 * @param isAnyoneTold Whether requesters or suggested reviewers are told by direct message.
 */
export function judgeRecipientTables(
  tables: Readonly<Record<string, Iterable<string>>>,
  recipients: ReadonlySet<string>,
  isAnyoneTold: boolean,
): Finding[] {
  return Object.entries(tables).flatMap(([table, names]) =>
    [...names].filter((name) => {
      const mayBeTold = isAnyoneTold && name.startsWith("user:");
      return !mayBeTold && !recipients.has(name);
    }).map((name) => ({
      id: "discord.recipient_setting",
      subject: `${table}.${quote(name)}`,
      ...found.warning(
        "nothing is sent to this recipient: neither [role_to_recipients], an escalation nor an access monitoring rule " +
          "that could be read names it",
        "correct the ID, or remove the entry",
      ),
    }))
  );
}
