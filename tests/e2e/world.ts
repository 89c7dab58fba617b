/**
 * A world for the plugin to live in: stand-ins of both services, and the files that an admin writes.
 *
 * @module
 */

import {
  FakeAuthService,
  type FakeAuthServiceOptions,
} from "../fakes/auth_service.ts";
import {
  FakeDiscord,
  type FakeDiscordOptions,
  type FakeMessage,
} from "../fakes/discord.ts";
import { formatConfig, Plugin, type PluginOptions, within } from "./plugin.ts";

/** What a {@linkcode World} is like. */
export interface WorldOptions {
  readonly auth?: FakeAuthServiceOptions;
  readonly discord?: FakeDiscordOptions;
  /** Channels by role; all of them exist. */
  readonly channels?: Readonly<Record<string, readonly string[]>>;
}

/** Stand-ins for both services, and the files that an admin writes. */
export class World implements AsyncDisposable {
  readonly auth: FakeAuthService;
  readonly discord: FakeDiscord;
  /** Of the configuration, the identity and the token. */
  readonly folder: string;
  readonly #channels: Readonly<Record<string, readonly string[]>>;
  readonly #plugins: Plugin[] = [];

  private constructor(
    auth: FakeAuthService,
    discord: FakeDiscord,
    folder: string,
    channels: Readonly<Record<string, readonly string[]>>,
  ) {
    this.auth = auth;
    this.discord = discord;
    this.folder = folder;
    this.#channels = channels;
  }

  static async create(options: WorldOptions = {}): Promise<World> {
    const { channels = { "*": [CHANNEL] } } = options;
    const [auth, discord, folder] = await Promise.all([
      FakeAuthService.start(options.auth),
      FakeDiscord.start({
        channels: [...new Set(Object.values(channels).flat())],
        ...options.discord,
      }),
      Deno.makeTempDir({ prefix: "teleport-discord-e2e-" }),
    ]);
    const world = new World(auth, discord, folder, channels);
    await world.writeIdentity(await auth.pki.issueIdentity());
    await world.write("token", discord.token);
    await world.configure();
    return world;
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** Writes a file as a careful program does: a reader sees all of it or nothing. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(this.path(`${name}.new`), text);
    await Deno.rename(this.path(`${name}.new`), this.path(name));
  }

  async writeIdentity(text: string): Promise<void> {
    await this.write("identity", text);
  }

  /** Writes the configuration; `more` is added to its sections. */
  async configure(
    more: {
      teleport?: string;
      discord?: string;
      log?: string;
      http?: string;
      channels?: Readonly<Record<string, readonly string[]>>;
      rest?: string;
    } = {},
  ): Promise<void> {
    await this.write(
      "config.toml",
      formatConfig({
        teleport: `addr = "${this.auth.address}"
identity = "${this.path("identity")}"
refresh_identity = true
refresh_identity_interval = "1s"
${more.teleport ?? ""}`,
        discord: `token = "${this.path("token")}"
apiurl = "${this.discord.url}"
${more.discord ?? ""}`,
        channels: more.channels ?? this.#channels,
        log: more.log ?? "",
        http: more.http ?? "",
        rest: more.rest ?? "",
      }),
    );
  }

  /** Starts the plugin; it is killed with the world if nothing else ends it. */
  start(options?: PluginOptions): Plugin {
    const plugin = new Plugin(this.path("config.toml"), options);
    this.#plugins.push(plugin);
    return plugin;
  }

  /** Waits until the only message about a request in a channel says all of this. */
  shows(
    id: string,
    text: string,
    channel: string = CHANNEL,
  ): Promise<FakeMessage> {
    return shows(this.discord, channel, id, text, () => this.#outputs());
  }

  /** Messages about a request. */
  messagesOf(id: string, channel: string = CHANNEL): FakeMessage[] {
    return messagesOf(this.discord, channel, id);
  }

  /** Waits for something that calls to Discord bring about. */
  async until(isMet: () => boolean, what = `${isMet}`): Promise<void> {
    await within(this.discord.waitFor(isMet), what, () => this.#outputs());
  }

  /** Waits for something that calls to the Auth Service bring about. */
  async untilAuth(isMet: () => boolean, what = `${isMet}`): Promise<void> {
    const end = new AbortController();
    const met = this.auth.until(isMet, end.signal);
    met.catch(() => {});
    try {
      await within(met, what, () => this.#outputs());
    } finally {
      end.abort();
    }
  }

  /** Waits until plugin data of a request meets a condition; each write is a call. */
  async untilStored(
    id: string,
    isMet: (data: Readonly<Record<string, string>>) => boolean,
  ): Promise<void> {
    await this.untilAuth(
      () => isMet(this.auth.pluginData(id) ?? {}),
      `plugin data of ${id}: ${isMet}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#plugins.map((plugin) => plugin.kill()));
    await Promise.all([
      this.auth[Symbol.asyncDispose](),
      this.discord[Symbol.asyncDispose](),
      Deno.remove(this.folder, { recursive: true }),
    ]);
  }

  #outputs(): string {
    return this.#plugins.map(({ output }) => output).join("\n----\n");
  }
}

/** A channel ID as Discord gives them out. */
export function channelId(number: number): string {
  return `${1_100_000_000_000_000_000n + BigInt(number)}`;
}

/** The channel of requests that no other is named for. */
export const CHANNEL: string = channelId(1);

/** Messages of a channel about a request. */
export function messagesOf(
  discord: FakeDiscord,
  channel: string,
  id: string,
): FakeMessage[] {
  return discord.messages(channel)
    .filter(({ content }) => content.includes(id));
}

/** Waits until the only message about a request in a channel says this. */
export async function shows(
  discord: FakeDiscord,
  channel: string,
  id: string,
  text: string,
  details: () => string,
): Promise<FakeMessage> {
  const met = () =>
    messagesOf(discord, channel, id).some((m) => m.content.includes(text));
  const what = `"${text}" about ${id} in ${channel}`;
  await within(discord.waitFor(met), what, details);
  const [message, second] = messagesOf(discord, channel, id);
  if (message === undefined || second !== undefined) {
    throw new Error(`more than one message about ${id}`);
  }
  return message;
}
