/**
 * Reads that searches share which run beside each other.
 *
 * Source: docs/design/reconciler.md 3.3.
 *
 * @module
 */

import type { Cancellation } from "../../lib/async/cancellation.ts";
import type {
  ChannelInfo,
  FoundMessage,
  MessageCursor,
  Messenger,
} from "../../ports/messenger.ts";
import { FULL_PAGE } from "./search_channel.ts";

/** One call that is about to be made for all who ask until then. */
interface SharedCall<T> {
  /** Least of the IDs behind which messages are asked for. */
  after: bigint;
  readonly answer: Promise<T>;
}

/**
 * What searches read that run beside each other, as after a start with many owed posts: one call to a channel at a time,
 * which serves all who asked before it was made. Its answer is as new as one of their own would be.
 */
export class SharedReads
  implements Pick<Messenger, "listMessages" | "getChannel"> {
  readonly #messenger: Pick<Messenger, "listMessages" | "getChannel">;
  readonly #lists = new SharedCalls<readonly FoundMessage[]>();
  readonly #channels = new SharedCalls<ChannelInfo>();

  constructor(messenger: Pick<Messenger, "listMessages" | "getChannel">) {
    this.#messenger = messenger;
  }

  async listMessages(
    channelId: string,
    cursor: MessageCursor,
    cancellation: Cancellation,
  ): Promise<readonly FoundMessage[]> {
    const list = (cursor: MessageCursor) =>
      this.#messenger.listMessages(channelId, cursor, cancellation);
    if (!("after" in cursor)) return await list(cursor);
    const after = BigInt(cursor.after);
    const { answer, from } = await this.#lists.call(
      channelId,
      after,
      (from) => list({ after: String(from) }),
    );
    if (from === after) return answer;
    // Only one that ends before the newest message holds all that are behind a later one.
    if (answer.length === FULL_PAGE) return await list(cursor);
    return answer.filter(({ id }) => BigInt(id) > after);
  }

  async getChannel(
    channelId: string,
    cancellation: Cancellation,
  ): Promise<ChannelInfo> {
    const { answer } = await this.#channels.call(
      channelId,
      0n,
      () => this.#messenger.getChannel(channelId, cancellation),
    );
    return answer;
  }
}

/** Calls by channel, of which at most one is under way and one is to follow. */
class SharedCalls<T> {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, SharedCall<T>>();

  /** @param make Makes the call for all who asked, from the least that one of them asked for. */
  async call(
    channelId: string,
    after: bigint,
    make: (from: bigint) => Promise<T>,
  ): Promise<{ readonly answer: T; readonly from: bigint }> {
    let call = this.#next.get(channelId);
    if (call === undefined) {
      const answer = this.#follow(channelId, make);
      this.#next.set(channelId, call = { after, answer });
    }
    if (after < call.after) call.after = after;
    return { answer: await call.answer, from: call.after };
  }

  async #follow(
    channelId: string,
    make: (from: bigint) => Promise<T>,
  ): Promise<T> {
    await this.#running.get(channelId)?.catch(() => {});
    // Whoever asks in the same turn is served as well.
    await Promise.resolve();
    const from = this.#next.get(channelId)?.after ?? 0n;
    this.#next.delete(channelId);
    const answer = make(from);
    this.#running.set(channelId, answer);
    try {
      return await answer;
    } finally {
      if (this.#running.get(channelId) === answer) {
        this.#running.delete(channelId);
      }
    }
  }
}
