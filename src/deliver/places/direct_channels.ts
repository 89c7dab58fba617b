/**
 * The channels of direct messages.
 *
 * Source: docs/design/discord-messages.md 5: opening one always gives the same channel, and many at once are refused.
 *
 * @module
 */

import { BoundedMap } from "../../lib/bounded_map.ts";
import type { Messenger } from "../../ports/messenger.ts";

/** Channels that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Opens the channel of each user once. */
export class DirectChannels {
  readonly #messenger: Messenger;
  readonly #botId: () => string;
  readonly #channels = new BoundedMap<string, Promise<string>>(MAX_REMEMBERED);
  /** Whose channels they are. */
  #owner = "";

  /** @param botId Returns the user ID of the bot: each bot has channels of its own. */
  constructor(messenger: Messenger, botId: () => string) {
    this.#messenger = messenger;
    this.#botId = botId;
  }

  /** Returns the ID of the channel of a recipient; that of a channel is its own. */
  of(recipient: string): Promise<string> {
    if (!recipient.startsWith(USER)) return Promise.resolve(recipient);
    const owner = this.#botId();
    if (this.#owner !== owner) this.#channels.clear();
    this.#owner = owner;
    const known = this.#channels.get(recipient);
    if (known !== undefined) return known;
    const userId = recipient.slice(USER.length);
    const opened = this.#messenger.openDirectMessage(userId);
    this.#channels.set(recipient, opened);
    opened.catch(() => this.forget(recipient));
    return opened;
  }

  /** Asks again next time: what was opened does not work. */
  forget(recipient: string): void {
    this.#channels.delete(recipient);
  }
}

const USER = "user:";
