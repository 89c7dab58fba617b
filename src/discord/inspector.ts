/**
 * Looks at servers, channels and users, as a check of the set-up needs it.
 *
 * @module
 */

import type {
  Guild,
  GuildMember,
  GuildRole,
  Overwrite,
} from "./permissions.ts";
import { routeOf } from "./rate_limit/api_route.ts";
import type { Forum } from "../ports/messenger.ts";
import { isObject, type JsonObject, objectsOf, textOf } from "./rest/answer.ts";
import { readForum } from "./rest/forum_answers.ts";
import type { DiscordClient } from "./rest/discord_client.ts";

/** A channel, a thread, or a conversation with one user. */
export interface Channel {
  /** Source: Discord developer docs, "Channel Types"; 0 is a text channel, 11 a public thread. */
  readonly type: number;
  readonly name: string;
  /** The server; `undefined` for a conversation with one user. */
  readonly guildId: string | undefined;
  /** The channel that a thread hangs from, or the category of a channel. */
  readonly parentId: string | undefined;
  readonly overwrites: readonly Overwrite[];
  readonly isArchived: boolean;
  readonly isLocked: boolean;
  /** What posts of a forum or a media channel can be given; `undefined` if it is neither. */
  readonly forum: Forum | undefined;
}

/** A user. */
export interface DiscordUser {
  readonly username: string;
  readonly isBot: boolean;
}

/** The application of a bot; its ID is not always that of the bot. */
export interface Application {
  readonly id: string;
  /** Whether others than its owner may invite the bot; `undefined` if Discord does not say. */
  readonly isPublic: boolean | undefined;
  /** Whether it leads clicks to an address of its own. */
  readonly hasEndpoint: boolean;
}

/** ID and name of a server. */
export type GuildName = Pick<Guild, "id" | "name">;

/** Most servers that one answer lists. */
const MAX_GUILDS = 200;

/** Reads what the bot can see. Each method rejects as those of {@linkcode DiscordClient} do. */
export class DiscordInspector {
  readonly #client: Pick<DiscordClient, "get">;

  constructor(client: Pick<DiscordClient, "get">) {
    this.#client = client;
  }

  getChannel(id: string): Promise<Channel> {
    return this.#client.get(routeOf("GET", "/channels/:id", id), readChannel);
  }

  getGuild(id: string): Promise<Guild> {
    return this.#client.get(routeOf("GET", "/guilds/:id", id), readGuild);
  }

  getMember(guildId: string, userId: string): Promise<GuildMember> {
    const route = routeOf("GET", "/guilds/:id/members/:id", guildId, userId);
    return this.#client.get(route, (json) => readMember(json, userId));
  }

  getUser(id: string): Promise<DiscordUser> {
    return this.#client.get(routeOf("GET", "/users/:id", id), readUser);
  }

  /** Reads the application that the bot belongs to. */
  getApplication(): Promise<Application> {
    return this.#client.get(
      routeOf("GET", "/applications/@me"),
      readApplication,
    );
  }

  /** Returns how many sessions of the Gateway may still be started today. */
  sessionsLeft(): Promise<number> {
    return this.#client.get(routeOf("GET", "/gateway/bot"), readSessionsLeft);
  }

  /** Lists the servers that the bot is in, up to 200 of them. */
  listGuilds(): Promise<readonly GuildName[]> {
    const route = routeOf("GET", "/users/@me/guilds");
    const path = `${route.path}?limit=${MAX_GUILDS}`;
    return this.#client.get({ ...route, path }, readGuildNames);
  }
}

function readChannel(json: unknown): Channel | undefined {
  if (!isObject(json)) return undefined;
  const { id, type, permission_overwrites: overwrites } = json;
  if (!isId(id) || typeof type !== "number") return undefined;
  const thread = isObject(json.thread_metadata) ? json.thread_metadata : {};
  return {
    type,
    name: textOf(json.name),
    guildId: isId(json.guild_id) ? json.guild_id : undefined,
    parentId: isId(json.parent_id) ? json.parent_id : undefined,
    overwrites: objectsOf(overwrites).flatMap(readOverwrite),
    isArchived: thread.archived === true,
    isLocked: thread.locked === true,
    forum: readForum(json),
  };
}

function readOverwrite(json: JsonObject): Overwrite[] {
  const { id, type } = json;
  const [allow, deny] = [bits(json.allow), bits(json.deny)];
  if (!isId(id) || allow === undefined || deny === undefined) return [];
  if (type !== 0 && type !== 1) return [];
  return [{ kind: type === 0 ? "role" : "member", id, allow, deny }];
}

function readApplication(json: unknown): Application | undefined {
  if (!isObject(json) || !isId(json.id)) return undefined;
  const { id, bot_public: isPublic } = json;
  return {
    id,
    isPublic: typeof isPublic === "boolean" ? isPublic : undefined,
    hasEndpoint: textOf(json.interactions_endpoint_url) !== "",
  };
}

function readSessionsLeft(json: unknown): number | undefined {
  const limit = isObject(json) ? json.session_start_limit : undefined;
  const left = isObject(limit) ? limit.remaining : undefined;
  return typeof left === "number" ? left : undefined;
}

function readGuild(json: unknown): Guild | undefined {
  if (!isObject(json) || !isId(json.id) || !isId(json.owner_id)) {
    return undefined;
  }
  const roles = objectsOf(json.roles).flatMap(readRole);
  // Without the role of everybody nothing could be computed.
  if (!roles.some(({ id }) => id === json.id)) return undefined;
  return {
    id: json.id,
    name: textOf(json.name),
    ownerId: json.owner_id,
    roles,
    demandsSecondFactor: json.mfa_level !== 0,
  };
}

function readRole(json: JsonObject): GuildRole[] {
  const permissions = bits(json.permissions);
  if (!isId(json.id) || permissions === undefined) return [];
  const mentionable = json.mentionable === true;
  return [{ id: json.id, name: textOf(json.name), permissions, mentionable }];
}

function readMember(json: unknown, userId: string): GuildMember | undefined {
  if (!isObject(json) || !Array.isArray(json.roles)) return undefined;
  const end = Date.parse(textOf(json.communication_disabled_until));
  return {
    userId,
    roleIds: json.roles.filter(isId),
    silencedUntil: Number.isNaN(end) ? undefined : new Date(end),
  };
}

function readUser(json: unknown): DiscordUser | undefined {
  if (!isObject(json) || !isId(json.id)) return undefined;
  const isBot = json.bot === true;
  return { username: textOf(json.username), isBot };
}

function readGuildNames(json: unknown): readonly GuildName[] | undefined {
  if (!Array.isArray(json)) return undefined;
  return objectsOf(json).flatMap(({ id, name }) =>
    isId(id) ? [{ id, name: textOf(name) }] : []
  );
}

/** Snowflakes stay text: they do not fit into a number. */
function isId(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,20}$/.test(value);
}

/** Reads a set of permissions: a decimal number as text. */
function bits(value: unknown): bigint | undefined {
  return typeof value === "string" && /^\d{1,40}$/.test(value)
    ? BigInt(value)
    : undefined;
}
