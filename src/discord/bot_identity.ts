/**
 * Who the bot is, and whether Discord accepts its token.
 *
 * @module
 */

import { Backoff } from "../lib/async/backoff.ts";
import type { Clock } from "../lib/async/clock.ts";
import { waitFor } from "../lib/async/wait.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { Secret } from "../lib/secret.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { Messenger } from "../ports/messenger.ts";

/** What a {@linkcode BotIdentity} needs. */
export interface BotIdentityOptions {
  readonly messenger: Pick<Messenger, "getCurrentUser">;
  readonly token: Secret;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

const RETRY_WAIT = { minMs: 1000, maxMs: 60_000 };

/** The bot's own user. */
export class BotIdentity {
  readonly #options: BotIdentityOptions;
  #id: string;

  constructor(options: BotIdentityOptions) {
    this.#options = options;
    this.#id = idInToken(options.token);
  }

  /** User ID of the bot; until Discord has told it, what the token says, which may be nothing. */
  get id(): string {
    return this.#id;
  }

  /** Takes in that another token is in use, which may belong to another bot. */
  useToken(token: Secret): void {
    this.#id = idInToken(token) || this.#id;
  }

  /**
   * Asks Discord until it answers.
   *
   * @param onUnreachable Called each time that it does not: nothing should wait for that.
   * @returns Whether Discord accepts the token.
   * @throws The reason of a signal that aborts first.
   */
  async confirm(onUnreachable: () => void = () => {}): Promise<boolean> {
    const { messenger, clock, logger, signal } = this.#options;
    const backoff = new Backoff(RETRY_WAIT, clock.random);
    for (let warned = false;; warned = true) {
      try {
        // It changes nothing, so a stop need not wait for its answer.
        const user = await waitFor(messenger.getCurrentUser(), signal);
        this.#id = user.id;
        logger.info("Discord accepted the bot token", {
          bot: user.username,
          bot_id: user.id,
        });
        return true;
      } catch (error) {
        if (!(error instanceof DiscordApiError)) throw error;
        if (error.status === 401) return false;
        const waitMs = Math.max(backoff.nextMs(), error.retryAfterMs ?? 0);
        const fields = {
          route: error.route,
          status: error.status,
          err: error,
          wait_ms: Math.round(waitMs),
        };
        if (!warned) logger.warn("cannot reach Discord, will retry", fields);
        onUnreachable();
        await clock.sleep(waitMs, signal);
      }
    }
  }
}

/** The first part of a token is the bot's ID in base64url. Source: docs/design/discord-messages.md 1.2. */
function idInToken(token: Secret): string {
  const [first = ""] = token.reveal().split(".");
  const id = new TextDecoder().decode(decodeBase64Url(first));
  return /^\d{17,20}$/.test(id) ? id : "";
}

function decodeBase64Url(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return new Uint8Array();
  }
}
