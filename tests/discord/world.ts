/**
 * A client in front of the stand-in Discord.
 *
 * @module
 */

import {
  DiscordClient,
  type DiscordClientOptions,
} from "../../src/discord/rest/discord_client.ts";
import {
  HttpCaller,
  type HttpCallerOptions,
} from "../../src/discord/rest/http_caller.ts";
import type { Cancellation } from "../../src/lib/async/cancellation.ts";
import { systemClock } from "../../src/lib/async/clock.ts";
import { Secret } from "../../src/lib/secret.ts";
import type { Compose } from "../../src/ports/messenger.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import { FakeDiscord, type FakeDiscordOptions } from "../fakes/discord.ts";
import { MemoryLogger } from "../fakes/logger.ts";

/** A client, the Discord it talks to, and what it logs. */
export interface World extends AsyncDisposable {
  readonly discord: FakeDiscord;
  readonly client: DiscordClient;
  readonly logger: MemoryLogger;
}

/** Never ends. */
export const UNCANCELLED: Cancellation = {
  stop: new AbortController().signal,
  deadline: new AbortController().signal,
};

export const HELLO: RenderedMessage = {
  content: "hello",
  embeds: undefined,
  buttons: [],
};

type ClientOptions = HttpCallerOptions & Omit<DiscordClientOptions, "http">;

/** Builds a client, and what makes its calls. */
export function clientWith(options: ClientOptions): DiscordClient {
  return new DiscordClient({ ...options, http: new HttpCaller(options) });
}

/** Starts a Discord with channel 7, and a client for it. */
export async function startWorld(
  discordOptions: FakeDiscordOptions = {},
  options: Partial<ClientOptions> = {},
): Promise<World> {
  const discord = await FakeDiscord.start({
    channels: ["7"],
    ...discordOptions,
  });
  const logger = new MemoryLogger();
  const client = clientWith({
    apiUrl: discord.url,
    token: () => new Secret(discord.token),
    clock: systemClock,
    logger,
    cancellation: UNCANCELLED,
    ...options,
  });
  return {
    discord,
    client,
    logger,
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}

/** Composes a message that is ready. */
export function say(message: RenderedMessage = HELLO): Compose {
  return () => Promise.resolve(message);
}
