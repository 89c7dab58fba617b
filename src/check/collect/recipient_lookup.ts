/**
 * Finds out what recipients are, and what the bot may do there. What belongs to a server is read once.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import {
  type Channel,
  DiscordInspector,
  type GuildName,
} from "../../discord/inspector.ts";
import {
  type Guild,
  type GuildMember,
  isThread,
  permissionsIn,
} from "../../discord/permissions.ts";
import type { DiscordClient } from "../../discord/rest/discord_client.ts";
import type { Clock } from "../../lib/async/clock.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { hintForChannel, recoverDiscord } from "../../ports/recovery.ts";
import type { UserFacts } from "../judge/judge_people.ts";
import type { RecipientFacts } from "../judge/judge_recipients.ts";
import { found, type Outcome } from "../report/finding.ts";

/** What a {@linkcode RecipientLookup} needs. */
export interface RecipientLookupOptions {
  readonly client: Pick<DiscordClient, "get">;
  readonly botId: string;
  readonly clock: Clock;
}

/** A server, and the bot as its member. */
export interface Membership {
  readonly guild: Guild;
  readonly member: GuildMember;
}

const UNKNOWN_CHANNEL = 10003;
const UNKNOWN_USER = 10013;
const MISSING_ACCESS = 50001;
const NO_MEMBER = new Set([10007, UNKNOWN_USER]);
/** The bot is no member, so that it sees nothing. */
const NOT_SEEN = new Set([UNKNOWN_CHANNEL, MISSING_ACCESS]);

/** Returns the IDs of the servers that recipients are in. */
export function guildIdsOf(recipients: readonly RecipientFacts[]): string[] {
  const ids = recipients.flatMap((facts) =>
    facts.kind === "channel" ? facts.channel.guildId ?? [] : []
  );
  return [...new Set(ids)];
}

/** Looks recipients up; each method rejects only with the reason of a signal. */
export class RecipientLookup {
  readonly #options: RecipientLookupOptions;
  readonly #inspector: DiscordInspector;
  readonly #memberships = new Map<string, Promise<Membership | undefined>>();
  #guilds: Promise<readonly GuildName[] | undefined> | undefined;

  constructor(options: RecipientLookupOptions) {
    this.#options = options;
    const { client } = options;
    // Each call is made once more if time may cure what went wrong.
    this.#inspector = new DiscordInspector({
      get: (...call) => twice(() => client.get(...call)),
    });
  }

  /** Finds out what a recipient is: a channel ID, or `user:` and a user ID. */
  async find(recipient: string): Promise<RecipientFacts> {
    const userId = /^user:(\d+)$/.exec(recipient)?.[1];
    try {
      if (userId !== undefined) {
        const user = await this.#inspector.getUser(userId);
        const sharesServer = await this.#sharesServer(userId);
        return { kind: "user", user, sharesServer };
      }
      return await this.#describe(await this.#inspector.getChannel(recipient));
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      const outcome = await this.#explain(error, recipient);
      return { kind: "refused", outcome };
    }
  }

  /** Finds out what is known of a user. */
  async findUser(userId: string): Promise<UserFacts> {
    try {
      return { kind: "user", user: await this.#inspector.getUser(userId) };
    } catch (error) {
      if (!(error instanceof DiscordApiError)) throw error;
      return error.code === UNKNOWN_USER
        ? { kind: "none" }
        : { kind: "unanswered", detail: error.message };
    }
  }

  async #sharesServer(userId: string): Promise<boolean | undefined> {
    const guildIds = (await this.#listGuilds())?.map(({ id }) => id);
    if (guildIds === undefined) return undefined;
    const isMember = await this.isMemberOfAny(
      userId,
      guildIds.slice(0, MAX_SEARCHED),
    );
    // It may be in one of the others.
    return isMember === false && guildIds.length > MAX_SEARCHED
      ? undefined
      : isMember;
  }

  async #describe(channel: Channel): Promise<RecipientFacts> {
    const { guildId } = channel;
    const [parent, membership] = await Promise.all([
      this.#parentOf(channel),
      guildId === undefined ? undefined : this.#membership(guildId),
    ]);
    const { guild, member } = (parent && membership) ?? {};
    const now = new Date(this.#options.clock.now());
    return {
      kind: "channel",
      channel,
      parentName: isThread(channel) ? parent?.name : undefined,
      guildName: guild?.name,
      bits: parent && guild && member &&
        permissionsIn(channel, parent, guild, member, now),
      silencedUntil: member?.silencedUntil,
    };
  }

  /** The channel whose overwrites count. */
  async #parentOf(channel: Channel): Promise<Channel | undefined> {
    const { parentId } = channel;
    if (!isThread(channel)) return channel;
    return parentId === undefined
      ? undefined
      : await unlessRefused(this.#inspector.getChannel(parentId));
  }

  /** Reads servers; those that the bot may not read are left out. */
  async guilds(ids: readonly string[]): Promise<Guild[]> {
    const all = await Promise.all(ids.map((id) => this.#membership(id)));
    return all.flatMap((each) => each?.guild ?? []);
  }

  /** Reads a server and the bot as its member; `undefined` if that may not be. */
  #membership(guildId: string): Promise<Membership | undefined> {
    return this.#memberships.getOrInsertComputed(guildId, async () => {
      const [guild, member] = await Promise.all([
        unlessRefused(this.#inspector.getGuild(guildId)),
        unlessRefused(this.#inspector.getMember(guildId, this.#options.botId)),
      ]);
      return guild && member && { guild, member };
    });
  }

  /** Whether one of these servers has a user; `undefined` if that could not be found out. */
  async isMemberOfAny(
    userId: string,
    guildIds: readonly string[],
  ): Promise<boolean | undefined> {
    const answers = await Promise.all(guildIds.map(async (guildId) => {
      try {
        await this.#inspector.getMember(guildId, userId);
        return true;
      } catch (error) {
        if (!(error instanceof DiscordApiError)) throw error;
        return NO_MEMBER.has(error.code ?? 0) ? false : undefined;
      }
    }));
    if (answers.includes(true)) return true;
    return answers.includes(undefined) ? undefined : false;
  }

  async #explain(error: DiscordApiError, recipient: string): Promise<Outcome> {
    const { code } = error;
    if (code === undefined || recoverDiscord(error) === "retry") {
      return found.unanswered(error.message, "check again");
    }
    const guilds = NOT_SEEN.has(code) ? await this.#listGuilds() : undefined;
    const owner = code === UNKNOWN_CHANNEL
      ? await this.#identify(recipient, guilds ?? [])
      : undefined;
    return found.failed(
      owner === undefined
        ? (WORDS[code] ?? error.message) + whereIsBot(guilds)
        : `this is the ID of ${owner}`,
      hintForChannel(error),
    );
  }

  /** Says whose ID it is that was written in place of a channel's. */
  async #identify(
    id: string,
    guilds: readonly GuildName[],
  ): Promise<string | undefined> {
    const guild = guilds.find((each) => each.id === id);
    if (guild !== undefined) return `the server ${quote(guild.name)}`;
    const searched = guilds.slice(0, MAX_SEARCHED).map((each) => each.id);
    const role = (await this.guilds(searched)).flatMap(({ roles }) => roles)
      .find((each) => each.id === id);
    if (role !== undefined) return `the role ${quote(role.name)}`;
    const user = await unlessRefused(this.#inspector.getUser(id));
    return user && `the user @${user.username}`;
  }

  #listGuilds(): Promise<readonly GuildName[] | undefined> {
    return this.#guilds ??= unlessRefused(this.#inspector.listGuilds());
  }
}

/** Servers that are looked through for an ID. */
const MAX_SEARCHED = 5;

const WORDS: Readonly<Record<number, string>> = {
  [UNKNOWN_CHANNEL]: "Discord knows no such channel",
  [UNKNOWN_USER]: "Discord knows no such user",
  [MISSING_ACCESS]: "the bot cannot see this channel",
};

/** @param guilds Servers that the bot is in, where that helps and is known. */
function whereIsBot(guilds: readonly GuildName[] | undefined): string {
  if (guilds === undefined) return "";
  return guilds.length === 0
    ? "; the bot is in no server"
    : `; the bot is in ${guilds.map(({ name }) => quote(name)).join(", ")}`;
}

async function twice<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof DiscordApiError)) throw error;
    if (recoverDiscord(error) !== "retry") throw error;
    return await call();
  }
}

async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DiscordApiError) return undefined;
    throw error;
  }
}
