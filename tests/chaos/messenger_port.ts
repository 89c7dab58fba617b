/**
 * Discord as one process reaches it: with slots of rate limits, and with faults.
 *
 * @module
 */

import type { Cancellation } from "../../src/lib/async/cancellation.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import {
  type ChannelInfo,
  type Compose,
  type ComposedMessage,
  type ComposedPost,
  type FoundMessage,
  type FoundPost,
  MAX_READ_AGE_MS,
  type MessageCursor,
  type Messenger,
} from "../../src/ports/messenger.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import {
  ALL_CHANNELS,
  BOT_ID,
  CHANNELS,
  type DiscordServer,
  refusal,
  REQUESTER_CHANNEL,
} from "./discord_server.ts";
import type { Faults } from "./faults.ts";
import type { Judge } from "./judge.ts";
import type { Call, Process } from "./process.ts";

/** Longer than this the real client does not wait for an answer. */
const DEADLINE_MS = 15_000;

/** So long the real client keeps all calls back when it is blocked and not told for how long. */
const ADDRESS_BLOCK_MS = 5 * 60_000;

/** What the port needs of the world. */
export interface DiscordWorld {
  readonly discord: DiscordServer;
  readonly faults: Faults;
  readonly judge: Judge;
}

/** What keeps the calls of a process waiting. */
interface Blocks {
  /** Until when a rate limit does so, by channel. */
  readonly untilMs: Map<string, number>;
  /** Until when a block of the address does so, for all calls. */
  addressUntilMs: number;
}

/** Answers as Discord does behind the real client. */
export class MessengerPort implements Messenger {
  readonly #process: Process;
  readonly #world: DiscordWorld;
  readonly #cancellation: Cancellation;
  readonly #blocks: Blocks;

  constructor(
    process: Process,
    world: DiscordWorld,
    cancellation: Cancellation,
    blocks: Blocks = { untilMs: new Map(), addressUntilMs: 0 },
  ) {
    this.#process = process;
    this.#world = world;
    this.#cancellation = cancellation;
    this.#blocks = blocks;
  }

  /** Returns the same for calls that end at other times. */
  within(cancellation: Cancellation): MessengerPort {
    return new MessengerPort(
      this.#process,
      this.#world,
      cancellation,
      this.#blocks,
    );
  }

  async getCurrentUser(): Promise<
    { readonly id: string; readonly username: string }
  > {
    return await this.#call("GET /users/@me", undefined, () => ({
      id: BOT_ID,
      username: "bot",
    }));
  }

  async createMessage(
    channelId: string,
    nonce: string,
    compose: Compose,
    _order: number,
  ): Promise<string | undefined> {
    const message = await this.#compose(channelId, compose, readAtOf);
    if (message === undefined) return undefined;
    const { discord } = this.#world;
    const posted = this.#call(
      "POST /channels/:id/messages",
      channelId,
      () => discord.post(channelId, nonce, message),
      message,
    );
    return await this.#noteDoubt(posted, message, false);
  }

  async createPost(
    forumId: string,
    compose: Compose<ComposedPost>,
    _order: number,
  ): Promise<string | undefined> {
    const post = await this.#compose(
      forumId,
      compose,
      ({ message }) => readAtOf(message),
    );
    if (post === undefined) return undefined;
    const posted = this.#call(
      "POST /channels/:id/threads",
      forumId,
      () => this.#world.discord.createPost(forumId, post),
      post.message,
    );
    return await this.#noteDoubt(posted, post.message, true);
  }

  async #noteDoubt(
    posted: Promise<string>,
    message: RenderedMessage,
    isInForum: boolean,
  ): Promise<string> {
    try {
      return await posted;
    } catch (error) {
      if (!(error instanceof DiscordApiError && error.refused)) {
        this.#world.judge.postInDoubt(this.#process, message, isInForum);
      }
      throw error;
    }
  }

  async listActivePosts(guildId: string): Promise<readonly FoundPost[]> {
    await this.#slot(guildId);
    return await this.#call(
      "GET /guilds/:id/threads/active",
      undefined,
      () => this.#listPosts(false),
    );
  }

  async listArchivedPosts(
    forumId: string,
    _before: string | undefined,
  ): Promise<readonly FoundPost[]> {
    return await this.#callInSlot(
      "GET /channels/:id/threads/archived/public",
      forumId,
      () => this.#listPosts(true),
    );
  }

  #listPosts(archived: boolean): FoundPost[] {
    const { discord, judge } = this.#world;
    const posts = discord.listPosts(archived);
    for (const { parentId } of posts) judge.searched(this.#process, parentId);
    return posts;
  }

  async getPostTags(postId: string): Promise<readonly string[]> {
    return await this.#callInSlot(
      "GET /channels/:id",
      postId,
      () => this.#world.discord.tagsOf(postId),
    );
  }

  async setPostTags(postId: string, tags: readonly string[]): Promise<void> {
    await this.#callInSlot(
      "PATCH /channels/:id",
      postId,
      () => this.#world.discord.setTags(postId, tags),
    );
  }

  async editMessage(
    channelId: string,
    messageId: string,
    compose: Compose,
    _order: number,
  ): Promise<boolean> {
    const message = await this.#compose(channelId, compose, readAtOf);
    if (message === undefined) return false;
    const { discord, faults, judge } = this.#world;
    judge.composed(this.#process, message);
    await this.#call(
      "PATCH /channels/:id/messages/:id",
      channelId,
      () => {
        const index = this.#indexOf(channelId);
        if (faults.hits("thread archived", this.#process.slot, index)) {
          discord.archive(channelId);
        }
        discord.edit(channelId, messageId, message);
      },
      message,
    );
    return true;
  }

  async listMessages(
    channelId: string,
    cursor: MessageCursor,
  ): Promise<readonly FoundMessage[]> {
    this.#world.judge.count("searches");
    return await this.#callInSlot(
      "GET /channels/:id/messages",
      channelId,
      () => {
        const { discord, judge } = this.#world;
        judge.searched(this.#process, channelId);
        return discord.list(channelId, cursor).map((message) => ({
          id: message.id,
          authorId: message.authorId,
          content: message.content,
        }));
      },
    );
  }

  async getChannel(channelId: string): Promise<ChannelInfo> {
    return await this.#call(
      "GET /channels/:id",
      channelId,
      () => ({
        name: "reviews",
        lastMessageId: this.#world.discord.lastMessageId(channelId),
        guildId: "1",
        forum: this.#world.discord.forum(channelId),
      }),
    );
  }

  async openDirectMessage(userId: string): Promise<string> {
    return await this.#call(
      "POST /users/@me/channels",
      undefined,
      () => {
        if (userId === REQUESTER_ID) return REQUESTER_CHANNEL;
        if (userId !== USER_ID) throw refusal("POST /users", 400, 50033);
        return CHANNELS.at(-1) ?? "";
      },
    );
  }

  async createThread(
    channelId: string,
    messageId: string,
    _name: string,
    _order: number,
  ): Promise<void> {
    await this.#callInSlot(
      "POST /channels/:id/messages/:id/threads",
      channelId,
      () => this.#world.discord.createThread(channelId, messageId),
    );
  }

  async archiveThread(threadId: string): Promise<void> {
    await this.#callInSlot(
      "PATCH /channels/:id",
      threadId,
      () => this.#world.discord.archive(threadId),
    );
  }

  async unarchiveThread(channelId: string): Promise<void> {
    await this.#call(
      "PATCH /channels/:id",
      channelId,
      () => this.#world.discord.unarchive(channelId),
    );
  }

  /** Waits for a slot, composes, and now and then waits for another slot and composes again. */
  async #compose<T>(
    channelId: string,
    compose: Compose<T>,
    readAt: (composed: T) => number,
  ): Promise<T | undefined> {
    for (;;) {
      await this.#slot(channelId);
      const composed = await compose();
      if (composed === undefined) return undefined;
      this.#cancellation.deadline.throwIfAborted();
      const ageMs = this.#process.time.nowMs - readAt(composed);
      if (ageMs >= MAX_READ_AGE_MS) continue;
      const isLost = this.#process.noise.chance("slot lost", 0.03);
      if (!isLost && this.#addressBlockedMs <= 0) return composed;
    }
  }

  /** The index by which faults hit a channel; a post shares that of its forum. */
  #indexOf(channelId: string): number {
    return ALL_CHANNELS.indexOf(this.#world.discord.placeOf(channelId));
  }

  async #slot(channelId: string): Promise<void> {
    const { noise, slot, time } = this.#process;
    const index = this.#indexOf(channelId);
    const late = this.#world.faults.hits("slots are late", slot, index);
    const ms = noise.int("slot", 0, late ? 30_000 : 10);
    const blockedMs = (this.#blocks.untilMs.get(channelId) ?? 0) - time.nowMs;
    const waitMs = Math.max(ms, blockedMs, this.#addressBlockedMs);
    await this.#process.wait(waitMs, this.#cancellation.stop);
  }

  get #addressBlockedMs(): number {
    return this.#blocks.addressUntilMs - this.#process.time.nowMs;
  }

  /** Makes a call without a message, once it has its slot. */
  async #callInSlot<T>(
    route: string,
    channelId: string,
    effect: () => T,
  ): Promise<T> {
    await this.#slot(channelId);
    return await this.#call(route, channelId, effect);
  }

  async #call<T>(
    route: string,
    channelId: string | undefined,
    effect: () => T,
    message?: RenderedMessage,
  ): Promise<T> {
    const { noise, time, slot } = this.#process;
    if (this.#addressBlockedMs > 0) {
      await this.#process.wait(this.#addressBlockedMs, this.#cancellation.stop);
    }
    const index = channelId === undefined ? -1 : this.#indexOf(channelId);
    const { faults, judge, discord } = this.#world;
    const place = channelId && discord.placeOf(channelId);
    const subject = message && judge.subjectOf(message.content, place);
    const startedMs = time.nowMs;
    const isSlow = faults.hits("discord is slow", slot, index);
    const leaveMs = noise.int("discord leave", 0, isSlow ? 3000 : 30);
    const answerMs = noise.int("discord answer", 0, isSlow ? 14_000 : 60);
    const call: Call<T> = {
      name: `${route.split(" ")[0]} #${index} ${subject ?? ""} ${
        message?.content.split("\n").at(-1) ?? ""
      }`,
      leaveMs,
      answerMs: Math.min(answerMs, DEADLINE_MS - leaveMs),
      signal: this.#cancellation.deadline,
      ...this.#faultOf(route, index, channelId, message),
      effect,
      // What arrives after another process acted is a known limit.
      mayArrive: () =>
        subject === undefined ||
        !judge.othersActed(this.#process, subject, startedMs),
    };
    return await this.#process.call({
      ...call,
      effect: () => {
        if (subject !== undefined) {
          judge.arrived(this.#process, subject, startedMs);
        }
        return effect();
      },
    });
  }

  /** How a call fares under the faults of the moment. */
  #faultOf(
    route: string,
    index: number,
    channelId: string | undefined,
    message: RenderedMessage | undefined,
  ): Pick<Call<unknown>, "failsBefore" | "failsAfter"> {
    const { noise, slot, time } = this.#process;
    const { faults } = this.#world;
    if (faults.hits("token refused", slot)) {
      return { failsBefore: refusal(route, 401, 0) };
    }
    if (faults.hits("address blocked", slot)) {
      this.#blocks.addressUntilMs = time.nowMs + ADDRESS_BLOCK_MS;
      return { failsBefore: noise.pick("block", addressBlocks(route)) };
    }
    const isForbidden = index >= 0 &&
      (faults.isClosed(index) ||
        faults.hits("channel forbidden", slot, index));
    if (isForbidden) {
      const isPost = channelId !== undefined &&
        this.#world.discord.forumOf(channelId) !== undefined;
      // Discord takes back the rights in a forum, and its posts are still there.
      const answers = isPost ? forbiddenInPost(route) : forbidden(route);
      return { failsBefore: noise.pick("forbidden", answers) };
    }
    const [part, ...parts] = optionalParts(message);
    if (part !== undefined && faults.hits("parts refused", slot, index)) {
      const named = noise.pick("refused part", [part, ...parts]);
      return { failsBefore: refusedForm(route, named) };
    }
    if (faults.hits("unknown refusals", slot, index)) {
      return { failsBefore: noise.pick("unknown refusal", unknown(route)) };
    }
    if (channelId !== undefined && faults.hits("rate limit", slot, index)) {
      const retryMs = noise.int("retry after", 100, 5000);
      this.#blocks.untilMs.set(channelId, time.nowMs + retryMs);
      return { failsBefore: refusal(route, 429, 0, retryMs) };
    }
    if (faults.hits("discord refuses", slot, index)) {
      return { failsBefore: noise.pick("discord fault", doubtful(route)) };
    }
    if (faults.hits("discord loses answers", slot, index)) {
      return { failsAfter: noise.pick("discord loss", doubtful(route)) };
    }
    return {};
  }
}

/** The user behind the last channel. */
export const USER_ID = "700000000000000001";

/** The user who makes the requests. */
export const REQUESTER_ID = "700000000000000002";

function forbidden(
  route: string,
): readonly [DiscordApiError, ...DiscordApiError[]] {
  return [
    refusal(route, 403, 50013),
    refusal(route, 403, 50001),
    refusal(route, 404, 10003),
    refusal(route, 403, 50278),
  ];
}

function forbiddenInPost(
  route: string,
): readonly [DiscordApiError, ...DiscordApiError[]] {
  return [refusal(route, 403, 50013), refusal(route, 403, 50001)];
}

function readAtOf({ readAtMs = Infinity }: ComposedMessage): number {
  return readAtMs;
}

/** Definite refusals that nothing is known to cure. */
function unknown(
  route: string,
): readonly [DiscordApiError, ...DiscordApiError[]] {
  return [
    refusal(route, 404, 0),
    refusal(route, 403, 20026),
    refusal(route, 400, 99999),
    refusal(route, 405, 0),
  ];
}

/** How Cloudflare refuses everything that comes from one address. */
function addressBlocks(
  route: string,
): readonly [DiscordApiError, ...DiscordApiError[]] {
  return [
    refusal(route, 403, 40333, ADDRESS_BLOCK_MS),
    new DiscordApiError(route, "You are being blocked from accessing our API", {
      status: 429,
      code: 0,
      retryAfterMs: ADDRESS_BLOCK_MS,
    }),
  ];
}

/** Fields of a message that the rest of it can do without, as Discord names them. */
function optionalParts(message: RenderedMessage | undefined): string[] {
  if (message === undefined) return [];
  const { embeds = [], buttons, replyTo } = message;
  return [
    ...embeds.map((_, i) => `embeds[${i}].description`),
    ...buttons.map((_, i) => `components[0].components[${i}].label`),
    ...(buttons.length > 0 ? ["components"] : []),
    ...(replyTo === undefined ? [] : ["message_reference"]),
  ];
}

function refusedForm(route: string, fault: string): DiscordApiError {
  return new DiscordApiError(route, `refused at ${fault}`, {
    status: 400,
    code: 50035,
    faults: [fault],
  });
}

/** Failures that leave open whether the call was carried out. */
function doubtful(
  route: string,
): readonly [DiscordApiError, ...DiscordApiError[]] {
  const failed = (status: number, code?: number) =>
    new DiscordApiError(route, "fault of the schedule", { status, code });
  return [failed(502), failed(0), failed(500, 0), failed(503), failed(408)];
}
