/**
 * Which recipients are forums, and what their posts can be given.
 *
 * The type of a channel is not asked for: a message that is refused for the kind of the channel tells that it
 * may be a forum, so that other channels cost no call.
 *
 * Source: docs/design/forums.md 2.
 *
 * @module
 */

import type { Clock } from "../../lib/async/clock.ts";
import { TimedCache } from "../../lib/async/timed_cache.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import type { Forum, Messenger } from "../../ports/messenger.ts";

/** Discord's JSON error codes for what is not possible in a channel of this kind. */
const WRONG_KIND: readonly unknown[] = [40058, 50008, 50024];

/** So long the tags of a forum are remembered. */
const KEEP_MS = 5 * 60_000;

/** Remembers what turned out to be a forum. */
export class Forums {
  readonly #messenger: Messenger;
  readonly #ids = new Set<string>();
  readonly #read: TimedCache<Forum | undefined>;

  constructor(messenger: Messenger, clock: Clock) {
    this.#messenger = messenger;
    this.#read = new TimedCache(KEEP_MS, clock);
  }

  /** Returns what is known of a channel that turned out to be a forum; `undefined` for others, without a call. */
  async known(channelId: string): Promise<Forum | undefined> {
    return this.#ids.has(channelId) ? await this.read(channelId) : undefined;
  }

  /** Finds out whether a channel is a forum, and its tags. */
  async read(channelId: string): Promise<Forum | undefined> {
    const forum = await this.#read.getOrAsk(channelId, async () => {
      return (await this.#messenger.getChannel(channelId)).forum;
    });
    if (forum === undefined) this.#ids.delete(channelId);
    else this.#ids.add(channelId);
    return forum;
  }

  /** Finds out whether a call was refused since the channel is a forum; returns `undefined` if that was not why. */
  async learn(channelId: string, error: unknown): Promise<Forum | undefined> {
    return error instanceof DiscordApiError && WRONG_KIND.includes(error.code)
      ? await this.read(channelId)
      : undefined;
  }

  /** Takes in what else was read of a channel. */
  note(forum: Forum): void {
    this.#ids.add(forum.id);
    this.#read.set(forum.id, Promise.resolve(forum));
  }

  /** Reads the tags anew next time: what was remembered does not work. */
  forget(forum: Forum): void {
    this.#read.forget(forum.id);
  }
}
