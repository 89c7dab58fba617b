/**
 * The channels of direct messages.
 *
 * Source: discord-api.md, section 7: opening one always gives the same channel, and many at once are refused.
 *
 * @module
 */

import type { Messenger, Patience } from "./ports.ts";

/** Channels that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Opens the channel of each user once. */
export class DirectChannels {
  readonly #messenger: Messenger;
  readonly #patience: Patience;
  readonly #channels = new Map<string, Promise<string>>();

  constructor(messenger: Messenger, patience: Patience) {
    this.#messenger = messenger;
    this.#patience = patience;
  }

  /** Returns the ID of the channel of a recipient; that of a channel is its own. */
  of(recipient: string): Promise<string> {
    if (!recipient.startsWith(USER)) return Promise.resolve(recipient);
    const known = this.#channels.get(recipient);
    if (known !== undefined) return known;
    if (this.#channels.size >= MAX_REMEMBERED) this.#channels.clear();
    const userId = recipient.slice(USER.length);
    const opened = this.#messenger.openDirectMessage(userId, this.#patience);
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
