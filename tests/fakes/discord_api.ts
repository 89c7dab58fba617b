/**
 * What Discord does with calls, without the network around it.
 *
 * Source: Discord developer docs, read 2026-08.
 *
 * @module
 */

import {
  addMember,
  BITS,
  type FakeGuild,
  type FakeOverwrite,
  type FakeUser,
  guildJson,
  mayIn,
  memberJson,
  newGuild,
  overwritesJson,
  userJson,
} from "./discord_guilds.ts";
import { FakeInteractions } from "./discord_interactions.ts";
import { findFaults, listOf, type MessageBody } from "./discord_validation.ts";

/** A user that holds a token. */
export interface FakeBot {
  readonly id: string;
  readonly username: string;
}

/** A channel or thread, and what the bots may do there. */
export interface FakeChannel {
  readonly id: string;
  name: string;
  /** Source: "Channel Types": 0 text, 1 direct message, 11 public thread. */
  type: number;
  /** The server that it is in; a direct message is in none. */
  guildId: string;
  /** The channel that a thread hangs from. */
  parentId: string | undefined;
  /** What it allows and denies beside the flags below. */
  overwrites: FakeOverwrite[];
  /** VIEW_CHANNEL; without it 50001. */
  view: boolean;
  /** SEND_MESSAGES; without it 50013. */
  send: boolean;
  /** EMBED_LINKS; without it embeds vanish silently. */
  embedLinks: boolean;
  /** READ_MESSAGE_HISTORY; without it lists are empty. */
  history: boolean;
  /** CREATE_PUBLIC_THREADS; without it 50013. */
  createThreads: boolean;
  archived: boolean;
  locked: boolean;
  /** The user who made a thread. */
  ownerId: string | undefined;
  /** When a thread came into the archive or left it, milliseconds since 1970. */
  archivedMs: number;
  /** Tags that posts of a forum can have. */
  tags: FakeTag[];
  /** Whether a forum refuses posts without a tag. */
  requiresTag: boolean;
  /** IDs of the tags of a post. */
  appliedTags: readonly string[];
  /** Code that every post is refused with, such as 50007 of a user who takes no direct messages. */
  postRefusal: number | undefined;
  lastMessageId: string | null;
}

/** A tag of a forum. */
export interface FakeTag {
  readonly id: string;
  readonly name: string;
  /** Whether it takes MANAGE_THREADS to set it. */
  readonly moderated: boolean;
}

/** What a message says at one time. */
export interface FakeContent {
  readonly content: string;
  readonly embeds: readonly Readonly<Record<string, unknown>>[];
  readonly components: readonly Readonly<Record<string, unknown>>[];
}

/** A message, deleted or not. */
export interface FakeMessage extends FakeContent {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly nonce: string | undefined;
  readonly createdMs: number;
  /** ID of the message that this one replies to. */
  readonly replyTo: string | undefined;
  /** Source: "Message Types": 0 is a usual message, 18 tells that a thread was made, 19 is a reply. */
  readonly type: number;
  /** What it said before each edit, oldest first. */
  readonly earlier: readonly FakeContent[];
  /** When it came to say each of that, and what it says now. */
  readonly changedMs: readonly number[];
  readonly deleted: boolean;
}

/** One call, as far as the API sees it. */
export interface ApiRequest {
  readonly method: string;
  /** Path below the version, such as `/channels/7/messages`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly userAgent: string;
  /** The body as JSON; `undefined` if there is none. */
  readonly body: unknown;
}

export interface ApiReply {
  readonly status: number;
  readonly body?: unknown;
}

/** What a channel can take away from everybody by a flag. */
const CHANNEL_FLAGS = [
  "view",
  "send",
  "embedLinks",
  "history",
  "createThreads",
] as const;
type ChannelFlag = typeof CHANNEL_FLAGS[number];

/** Types of the channels whose messages can have threads: text, announcements. */
const WITH_THREADS: readonly number[] = [0, 5];
const ANNOUNCEMENTS = 5;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** Statuses and words of the codes that this fake answers with. */
const REFUSALS: Readonly<Record<number, readonly [number, string]>> = {
  10003: [404, "Unknown Channel"],
  10004: [404, "Unknown Guild"],
  10007: [404, "Unknown Member"],
  10008: [404, "Unknown Message"],
  10013: [404, "Unknown User"],
  10015: [404, "Unknown Webhook"],
  10062: [404, "Unknown interaction"],
  10087: [404, "Unknown Tag"],
  20026: [
    403,
    "Your bot has been flagged by our anti-spam system for abusive behavior.",
  ],
  40058: [400, "Cannot send a message in a forum channel"],
  40067: [400, "A tag is required to create a forum post in this channel"],
  40060: [400, "Interaction has already been acknowledged."],
  40333: [403, "internal network error"],
  50001: [403, "Missing Access"],
  50005: [403, "Cannot edit a message authored by another user"],
  50006: [400, "Cannot send an empty message"],
  50007: [403, "Cannot send messages to this user"],
  50008: [400, "Cannot send messages in a non-text channel"],
  50013: [403, "Missing Permissions"],
  50024: [400, "Cannot execute action on this channel type"],
  50033: [400, "Invalid Recipient(s)"],
  50035: [400, "Invalid Form Body"],
  50083: [400, "Thread is archived"],
  160004: [400, "A thread has already been created for this message"],
  160005: [400, "Thread is locked"],
  160006: [400, "Maximum number of active threads reached"],
};

/** The channels, the messages, and what may be done with them. */
export class FakeDiscordApi {
  readonly channels = new Map<string, FakeChannel>();
  /** By token. */
  readonly bots = new Map<string, FakeBot>();
  /** The first one has all channels that name no other. */
  readonly guilds = new Map<string, FakeGuild>([["1", newGuild("1")]]);
  /** People and bots that exist, by ID. */
  readonly users = new Map<string, FakeUser>();
  /** Clicks, and how they were answered. */
  readonly interactions: FakeInteractions;
  /** Address that the application leads clicks to, instead of the Gateway. */
  endpointUrl: string | null = null;
  /** Whether anybody may invite the bots. */
  isBotPublic = false;
  /** Returns what is told of the Gateway, if there is one. */
  gateway: (() => unknown) | undefined;
  /** How long a nonce is remembered. */
  nonceWindowMs: number;
  readonly #messages = new Map<string, Mutable<FakeMessage>>();
  /** By channel, oldest first. */
  readonly #byChannel = new Map<string, FakeMessage[]>();
  /** The last message that was posted with a nonce, by channel, author and nonce. */
  readonly #byNonce = new Map<string, FakeMessage>();
  readonly #now: () => number;
  #lastId = 0n;

  constructor(now: () => number, nonceWindowMs: number) {
    this.#now = now;
    this.nonceWindowMs = nonceWindowMs;
    this.interactions = new FakeInteractions(this, now);
  }

  /** Makes an ID: later ones are greater, and its upper bits tell the time. */
  nextId(): string {
    const id = (BigInt(Math.floor(this.#now())) - DISCORD_EPOCH_MS) << 22n;
    this.#lastId = id > this.#lastId ? id : this.#lastId + 1n;
    return `${this.#lastId}`;
  }

  /** Makes a bot that is a member of the first server. */
  addBot(token: string, bot: FakeBot): void {
    this.bots.set(token, bot);
    this.users.set(bot.id, { ...bot, bot: true });
    const guild = this.guilds.get("1");
    if (guild !== undefined) addMember(guild, bot.id);
  }

  addChannel(id: string, settings: Partial<FakeChannel> = {}): FakeChannel {
    const channel: FakeChannel = {
      id,
      name: `channel-${id}`,
      type: 0,
      guildId: "1",
      parentId: undefined,
      overwrites: [],
      view: true,
      send: true,
      embedLinks: true,
      history: true,
      createThreads: true,
      archived: false,
      locked: false,
      ownerId: undefined,
      archivedMs: this.#now(),
      tags: [],
      requiresTag: false,
      appliedTags: [],
      postRefusal: undefined,
      lastMessageId: null,
      ...settings,
    };
    this.channels.set(id, channel);
    return channel;
  }

  /** Messages of a channel that are not deleted, oldest first. */
  messages(channelId: string): FakeMessage[] {
    return (this.#byChannel.get(channelId) ?? []).filter((message) =>
      !message.deleted
    );
  }

  /** A message, even if it was deleted. */
  message(id: string): FakeMessage | undefined {
    return this.#messages.get(id);
  }

  /** Stores a message as it is, whoever wrote it. */
  addMessage(
    channelId: string,
    authorId: string,
    content: Partial<FakeContent>,
    nonce?: string,
    replyTo?: string,
    type = 0,
  ): FakeMessage {
    const nowMs = this.#now();
    const message: FakeMessage = {
      content: "",
      embeds: [],
      components: [],
      ...content,
      id: this.nextId(),
      channelId,
      authorId,
      nonce,
      replyTo,
      type: replyTo === undefined ? type : 19,
      createdMs: nowMs,
      earlier: [],
      changedMs: [nowMs],
      deleted: false,
    };
    this.#messages.set(message.id, message);
    const inChannel = this.#byChannel.get(channelId);
    if (inChannel === undefined) this.#byChannel.set(channelId, [message]);
    else inChannel.push(message);
    if (nonce !== undefined) {
      this.#byNonce.set(`${channelId} ${authorId} ${nonce}`, message);
    }
    const channel = this.channels.get(channelId);
    if (channel !== undefined) channel.lastMessageId = message.id;
    return message;
  }

  /** Deletes a message, as a person would. */
  deleteMessage(id: string): void {
    const message = this.#messages.get(id);
    if (message !== undefined) message.deleted = true;
  }

  handle(request: ApiRequest): ApiReply {
    // Source: "User Agent": anything else may be stopped by Cloudflare.
    if (!/^DiscordBot \(\S+, \S+\)/.test(request.userAgent)) {
      return refusal(40333);
    }
    const answered = this.interactions.handle(request);
    if (answered !== undefined) return answered;
    const token = request.authorization.replace(/^Bot /, "");
    const bot = this.bots.get(token);
    if (bot === undefined || token === request.authorization) {
      return {
        status: 401,
        body: { message: "401: Unauthorized", code: 0 },
      };
    }
    const [kind, id = "", part, messageId, below] = request.path.slice(1)
      .split("/");
    if (kind === "users") return this.#handleUser(request, bot, id, part);
    if (kind === "guilds") return this.#handleGuild(request, bot, id);
    if (kind === "applications" && id === "@me" && request.method === "GET") {
      return ok({
        id: bot.id,
        bot_public: this.isBotPublic,
        interactions_endpoint_url: this.endpointUrl,
      });
    }
    if (kind === "gateway" && id === "bot") {
      return this.gateway === undefined ? unknownRoute() : ok(this.gateway());
    }
    if (kind !== "channels") return unknownRoute();
    const channel = this.channels.get(id);
    if (channel === undefined) return refusal(10003);
    if (!this.#may(bot, channel, "view")) return refusal(50001);
    if (part === undefined) return this.#handleChannel(request, channel, bot);
    if (part === "threads") return this.#handlePosts(request, channel, bot);
    if (part !== "messages") return unknownRoute();
    if (messageId === undefined) {
      return this.#handleMessages(request, channel, bot);
    }
    if (below === "threads" && request.method === "POST") {
      return this.#createThread(request, channel, messageId, bot);
    }
    if (below !== undefined) return unknownRoute();
    return this.#handleMessage(request, channel, messageId, bot);
  }

  #handleUser(
    { method, body }: ApiRequest,
    bot: FakeBot,
    id: string,
    part: string | undefined,
  ): ApiReply {
    if (method === "GET" && part === undefined) {
      const user = this.users.get(id === "@me" ? bot.id : id);
      return user === undefined ? refusal(10013) : ok(userJson(user));
    }
    if (id !== "@me") return unknownRoute();
    if (method === "GET" && part === "guilds") {
      const guilds = [...this.guilds.values()]
        .filter(({ members }) => members.has(bot.id));
      return ok(guilds.map(({ id, name }) => ({ id, name })));
    }
    if (method !== "POST" || part !== "channels") return unknownRoute();
    const { recipient_id: userId } = body as Record<string, unknown>;
    if (typeof userId !== "string" || !/^\d+$/.test(userId)) {
      return refusal(50033);
    }
    const channelId = `9${userId}`;
    const channel = this.channels.get(channelId) ??
      this.addChannel(channelId, { type: 1, name: "" });
    return ok(channelJson(channel));
  }

  #handleGuild(
    { method, path }: ApiRequest,
    bot: FakeBot,
    id: string,
  ): ApiReply {
    const [, , , part, userId] = path.split("/");
    const guild = this.guilds.get(id);
    if (guild === undefined || !guild.members.has(bot.id)) {
      return refusal(10004);
    }
    if (method !== "GET") return unknownRoute();
    if (part === undefined) return ok(guildJson(guild));
    if (part === "threads" && userId === "active") {
      return this.#listThreads(({ guildId, archived }) =>
        guildId === id && !archived
      );
    }
    if (part !== "members" || userId === undefined) return unknownRoute();
    const [user, member] = [
      this.users.get(userId),
      guild.members.get(userId),
    ];
    if (user === undefined) return refusal(10013);
    return member === undefined ? refusal(10007) : ok(memberJson(member, user));
  }

  #may(bot: FakeBot, channel: FakeChannel, flag: ChannelFlag): boolean {
    if (!channel[flag]) return false;
    if (channel.type === 1) return true;
    const guild = this.guilds.get(channel.guildId);
    const isSending = flag === "send" && isThread(channel);
    const bit = isSending ? BITS.sendInThreads : BITS[flag];
    return guild !== undefined &&
      mayIn(guild, this.#overwrites(channel), bot.id, bit, this.#now());
  }

  /** A thread has those of the channel that it hangs from. */
  #overwrites(channel: FakeChannel): FakeOverwrite[] {
    const parent = this.channels.get(channel.parentId ?? "");
    return isThread(channel)
      ? parent === undefined ? [] : overwritesOf(parent)
      : overwritesOf(channel);
  }

  #handleChannel(
    { method, body }: ApiRequest,
    channel: FakeChannel,
    bot: FakeBot,
  ): ApiReply {
    if (method === "PATCH") {
      const { archived, applied_tags: tags } = body as Record<string, unknown>;
      const mayManage = this.#mayManage(bot, channel);
      if (channel.locked && !mayManage) return refusal(50013);
      const isOwner = channel.ownerId === bot.id || mayManage;
      // Source: "Modify Channel": whoever made a thread may close it, others need MANAGE_THREADS.
      if (archived === true && !isOwner) return refusal(50013);
      if (channel.archived && archived !== false) return refusal(50083);
      if (Array.isArray(tags)) {
        const fault = this.#tagFault(tags, channel, bot);
        if (fault !== undefined) return fault;
        if (!isOwner) return refusal(50013);
        channel.appliedTags = tags;
      }
      if (typeof archived === "boolean" && archived !== channel.archived) {
        channel.archived = archived;
        channel.archivedMs = this.#now();
      }
    } else if (method !== "GET") {
      return unknownRoute();
    }
    return ok(channelJson(channel));
  }

  #mayManage(bot: FakeBot, channel: FakeChannel): boolean {
    const guild = this.guilds.get(channel.guildId);
    const overwrites = this.#overwrites(channel);
    return guild !== undefined &&
      mayIn(guild, overwrites, bot.id, BITS.manageThreads, this.#now());
  }

  /** Source: "Forum Tag Object": moderated tags are added and removed by those who may manage threads. */
  #tagFault(
    tags: readonly unknown[],
    post: FakeChannel,
    bot: FakeBot,
  ): ApiReply | undefined {
    const forum = isForum(post) ? post : this.channels.get(post.parentId ?? "");
    const known = forum?.tags ?? [];
    if (tags.length > 5) return refusal(50035);
    if (!tags.every((id) => known.some((tag) => tag.id === id))) {
      return refusal(10087);
    }
    if (forum?.requiresTag && tags.length === 0) return refusal(40067);
    const before: readonly unknown[] = isForum(post) ? [] : post.appliedTags;
    const isModerated = known.some(({ id, moderated }) =>
      moderated && tags.includes(id) !== before.includes(id)
    );
    return isModerated && !this.#mayManage(bot, post)
      ? refusal(50013)
      : undefined;
  }

  /** Makes a post in a forum, or lists those in its archive. */
  #handlePosts(
    { method, path, query, body }: ApiRequest,
    channel: FakeChannel,
    bot: FakeBot,
  ): ApiReply {
    if (method === "GET" && path.endsWith("/threads/archived/public")) {
      if (!this.#may(bot, channel, "history")) return refusal(50001);
      const before = Date.parse(query.get("before") ?? "") || Infinity;
      const limit = Number(query.get("limit") ?? 50);
      return this.#listThreads(
        ({ parentId, archived, archivedMs }) =>
          parentId === channel.id && archived && archivedMs < before,
        limit,
      );
    }
    if (method !== "POST" || !path.endsWith("/threads")) return unknownRoute();
    if (!isForum(channel)) return refusal(50024);
    // Source: "Start Thread in Forum or Media Channel": CREATE_PUBLIC_THREADS does not count.
    if (!this.#may(bot, channel, "send")) return refusal(50013);
    const fields = (body ?? {}) as Record<string, unknown>;
    const { name, message = {}, applied_tags: tags = [] } = fields;
    if (typeof name !== "string" || name === "" || name.length > 100) {
      return refusal(50035, { errors: { name: { _errors: [] } } });
    }
    const fault = this.#tagFault(tags as unknown[], channel, bot);
    if (fault !== undefined) return fault;
    const faults = findFaults(message as MessageBody);
    if (faults !== undefined) {
      return refusal(50035, { errors: { message: faults } });
    }
    const content = contentOf(
      message as MessageBody,
      this.#may(bot, channel, "embedLinks"),
    );
    if (isEmpty(content)) return refusal(50006);
    const first = this.addMessage("", bot.id, content, undefined);
    this.#byChannel.delete("");
    Object.assign(first, { channelId: first.id });
    this.#byChannel.set(first.id, [first]);
    const post = this.addChannel(first.id, {
      name,
      type: 11,
      guildId: channel.guildId,
      parentId: channel.id,
      ownerId: bot.id,
      appliedTags: tags as string[],
      lastMessageId: first.id,
    });
    channel.lastMessageId = first.id;
    return {
      status: 201,
      body: { ...channelJson(post) as object, message: messageJson(first) },
    };
  }

  /** Source: "List Active Guild Threads", "List Public Archived Threads". */
  #listThreads(
    isMeant: (thread: FakeChannel) => boolean,
    limit = Infinity,
  ): ApiReply {
    const meant = [...this.channels.values()]
      .filter((channel) => isThread(channel) && isMeant(channel))
      .toSorted((a, b) =>
        a.archived ? b.archivedMs - a.archivedMs : Number(b.id) - Number(a.id)
      );
    return ok({
      threads: meant.slice(0, limit).map(channelJson),
      members: [],
      has_more: meant.length > limit,
    });
  }

  #handleMessages(
    request: ApiRequest,
    channel: FakeChannel,
    bot: FakeBot,
  ): ApiReply {
    if (isForum(channel)) {
      return refusal(request.method === "POST" ? 40058 : 50008);
    }
    if (request.method === "GET") {
      return this.#list(request.query, channel, bot);
    }
    if (request.method !== "POST") return unknownRoute();
    if (!this.#may(bot, channel, "send")) return refusal(50013);
    if (channel.locked) return refusal(160005);
    if (channel.postRefusal !== undefined) return refusal(channel.postRefusal);
    return this.#post(request.body, channel, bot);
  }

  #post(body: unknown, channel: FakeChannel, bot: FakeBot): ApiReply {
    const fields = (body ?? {}) as MessageBody & Record<string, unknown>;
    const faults = findFaults(fields);
    if (faults !== undefined) return refusal(50035, { errors: faults });
    const content = contentOf(fields, this.#may(bot, channel, "embedLinks"));
    if (isEmpty(content)) return refusal(50006);
    const nonce = fields.nonce === undefined ? undefined : `${fields.nonce}`;
    if (nonce !== undefined && fields.enforce_nonce === true) {
      const first = this.#findByNonce(channel.id, bot.id, nonce);
      if (first?.deleted) return refusal(10008);
      if (first !== undefined) return ok(messageJson(first));
    }
    if (channel.archived) {
      channel.archived = false;
      channel.archivedMs = this.#now();
    }
    const reference = fields.message_reference as
      | { message_id?: string }
      | undefined;
    const message = this.addMessage(
      channel.id,
      bot.id,
      content,
      nonce,
      reference?.message_id,
    );
    return ok(messageJson(message));
  }

  #findByNonce(
    channelId: string,
    authorId: string,
    nonce: string,
  ): FakeMessage | undefined {
    const first = this.#byNonce.get(`${channelId} ${authorId} ${nonce}`);
    return first !== undefined &&
        first.createdMs > this.#now() - this.nonceWindowMs
      ? first
      : undefined;
  }

  #list(
    query: URLSearchParams,
    channel: FakeChannel,
    bot: FakeBot,
  ): ApiReply {
    if (!this.#may(bot, channel, "history")) return ok([]);
    const limit = Number(query.get("limit") ?? 50);
    if (!(limit >= 1 && limit <= 100)) return refusal(50035);
    const before = query.get("before");
    const after = query.get("after");
    const found = this.messages(channel.id).filter(({ id }) =>
      (before === null || BigInt(id) < BigInt(before)) &&
      (after === null || BigInt(id) > BigInt(after))
    );
    const page = after === null ? found.slice(-limit) : found.slice(0, limit);
    return ok(page.reverse().map(messageJson));
  }

  /** Makes the thread at a message. Source: "Start Thread from Message". */
  #createThread(
    { body }: ApiRequest,
    channel: FakeChannel,
    messageId: string,
    bot: FakeBot,
  ): ApiReply {
    if (!WITH_THREADS.includes(channel.type)) return refusal(50024);
    if (!this.#may(bot, channel, "createThreads")) return refusal(50013);
    const message = this.#messages.get(messageId);
    if (message?.deleted !== false || message.channelId !== channel.id) {
      return refusal(10008);
    }
    if (this.channels.has(messageId)) return refusal(160004);
    const { name } = (body ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || name === "" || name.length > 100) {
      return refusal(50035);
    }
    const thread = this.addChannel(messageId, {
      name,
      type: channel.type === ANNOUNCEMENTS ? 10 : 11,
      guildId: channel.guildId,
      parentId: channel.id,
      ownerId: bot.id,
    });
    if (channel.lastMessageId !== messageId) {
      this.addMessage(
        channel.id,
        bot.id,
        { content: name },
        undefined,
        undefined,
        18,
      );
    }
    return { status: 201, body: channelJson(thread) };
  }

  #handleMessage(
    { method, body }: ApiRequest,
    channel: FakeChannel,
    messageId: string,
    bot: FakeBot,
  ): ApiReply {
    const message = this.#messages.get(messageId);
    if (
      message === undefined || message.deleted ||
      message.channelId !== channel.id
    ) {
      return refusal(10008);
    }
    switch (method) {
      case "GET":
        return this.#may(bot, channel, "history")
          ? ok(messageJson(message))
          : refusal(50001);
      case "PATCH":
        if (message.authorId !== bot.id) return refusal(50005);
        if (channel.archived) return refusal(50083);
        return edit(
          message,
          (body ?? {}) as MessageBody,
          this.#may(bot, channel, "embedLinks"),
          this.#now(),
        );
      case "DELETE":
        if (message.authorId !== bot.id) return refusal(50013);
        message.deleted = true;
        return { status: 204 };
      default:
        return unknownRoute();
    }
  }
}

/** Changes the fields that are given; those left out stay. */
function edit(
  message: Mutable<FakeMessage>,
  body: MessageBody,
  mayEmbed: boolean,
  nowMs: number,
): ApiReply {
  const faults = findFaults(body);
  if (faults !== undefined) return refusal(50035, { errors: faults });
  const { content, embeds, components } = message;
  const next = contentOf({ content, embeds, components, ...body }, mayEmbed);
  if (isEmpty(next)) return refusal(50006);
  message.earlier = [...message.earlier, { content, embeds, components }];
  message.changedMs = [...message.changedMs, nowMs];
  Object.assign(message, next);
  return ok(messageJson(message));
}

/** Discord trims texts, and drops embeds without a word if the bot may not embed links. */
function contentOf(body: MessageBody, mayEmbed: boolean): FakeContent {
  return {
    content: typeof body.content === "string" ? body.content.trim() : "",
    embeds: mayEmbed ? listOf(body.embeds) : [],
    components: listOf(body.components),
  };
}

function isEmpty({ content, embeds, components }: FakeContent): boolean {
  return content === "" && embeds.length === 0 && components.length === 0;
}

function ok(body: unknown): ApiReply {
  return { status: 200, body };
}

export function unknownRoute(): ApiReply {
  return { status: 404, body: { message: "404: Not Found", code: 0 } };
}

export function refusal(
  code: number,
  extra: Readonly<Record<string, unknown>> = {},
): ApiReply {
  const [status, message] = REFUSALS[code] ?? [400, "Refused"];
  return { status, body: { message, code, ...extra } };
}

function isForum({ type }: FakeChannel): boolean {
  return type === 15 || type === 16;
}

function isThread({ type }: FakeChannel): boolean {
  return type >= 10 && type <= 12;
}

/** What a flag takes away, a channel denies to everybody. */
function overwritesOf(channel: FakeChannel): FakeOverwrite[] {
  const deny = CHANNEL_FLAGS.filter((flag) => !channel[flag])
    .reduce((bits, flag) => bits | BITS[flag], 0n);
  const byFlags = { id: channel.guildId, type: 0, allow: 0n, deny } as const;
  return [...deny === 0n ? [] : [byFlags], ...channel.overwrites];
}

function channelJson(channel: FakeChannel): unknown {
  return {
    id: channel.id,
    type: channel.type,
    last_message_id: channel.lastMessageId,
    ...(channel.type === 1 ? {} : {
      name: channel.name,
      guild_id: channel.guildId,
      permission_overwrites: isThread(channel)
        ? []
        : overwritesJson(overwritesOf(channel)),
    }),
    ...(channel.parentId === undefined ? {} : { parent_id: channel.parentId }),
    ...(isThread(channel)
      ? {
        owner_id: channel.ownerId,
        applied_tags: channel.appliedTags,
        thread_metadata: {
          archived: channel.archived,
          archive_timestamp: new Date(channel.archivedMs).toISOString(),
          locked: channel.locked,
        },
      }
      : {}),
    ...(isForum(channel)
      ? {
        flags: channel.requiresTag ? 1 << 4 : 0,
        available_tags: channel.tags,
      }
      : {}),
  };
}

export function messageJson(message: FakeMessage): unknown {
  const { id, channelId, authorId, content, embeds, components } = message;
  return {
    id,
    type: message.type,
    channel_id: channelId,
    author: { id: authorId, username: `user-${authorId}`, bot: true },
    content,
    embeds,
    components,
    timestamp: new Date(message.createdMs).toISOString(),
    ...(message.replyTo === undefined
      ? {}
      : { message_reference: { message_id: message.replyTo } }),
  };
}
