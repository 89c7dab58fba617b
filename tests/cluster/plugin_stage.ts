/**
 * A real cluster with a stand-in Discord, for the plugin as a process of its own.
 *
 * @module
 */

import { requireTeleport } from "../../programs/teleport.ts";
import { OwnClient } from "../teleport/client/own_client.ts";
import { formatConfig, Plugin, type PluginOptions } from "../e2e/plugin.ts";
import { CHANNEL, messagesOf, shows } from "../e2e/world.ts";
import { FakeDiscord, type FakeMessage } from "../fakes/discord.ts";
import { AdminClient } from "./admin_client.ts";
import {
  type ClusterUser,
  RealCluster,
  type RealClusterOptions,
} from "./real_cluster.ts";

/** Everything that the tests of one file share. */
export class Stage implements AsyncDisposable {
  readonly cluster: RealCluster;
  readonly discord: FakeDiscord;
  readonly folder: string;
  readonly #owned: AsyncDisposableStack;
  readonly #plugins: Plugin[] = [];

  private constructor(
    cluster: RealCluster,
    discord: FakeDiscord,
    folder: string,
    owned: AsyncDisposableStack,
  ) {
    this.cluster = cluster;
    this.discord = discord;
    this.folder = folder;
    this.#owned = owned;
  }

  /** @param channels Those that exist. */
  static async start(
    options: RealClusterOptions = {},
    channels: readonly string[] = [CHANNEL],
  ): Promise<Stage> {
    await using starting = new AsyncDisposableStack();
    // The official plugin leaves out the version in the path.
    const discord = starting.use(
      await FakeDiscord.start({ channels, lenient: true, gateway: true }),
    );
    const folder = await Deno.makeTempDir({ prefix: "teleport-discord-" });
    starting.defer(() => Deno.remove(folder, { recursive: true }));
    const cluster = starting.use(await RealCluster.start(options));
    return new Stage(cluster, discord, folder, starting.move());
  }

  /** Connects as a user; the connection ends with the stage. */
  async act(user: ClusterUser): Promise<AdminClient> {
    const credentials = await this.cluster.credentials(user);
    return this.#owned.use(
      new AdminClient(this.cluster.authAddress, credentials),
    );
  }

  /**
   * Connects as those whom most tests need: bob, who asks, and rita and rob, who have to agree. Signs an
   * identity for the plugin besides.
   */
  async people(plugin: ClusterUser = "discord-plugin"): Promise<{
    readonly bob: AdminClient;
    readonly rita: AdminClient;
    readonly rob: AdminClient;
    /** Path of the identity file. */
    readonly identity: string;
  }> {
    const [bob, rita, rob, identity] = await Promise.all([
      this.act("bob"),
      this.act("rita"),
      this.act("rob"),
      this.cluster.sign(plugin),
    ]);
    return { bob, rita, rob, identity };
  }

  /**
   * Writes a configuration; returns its path.
   *
   * @param credentials Lines of the section `[teleport]`.
   */
  async configure(
    name: string,
    credentials: string,
    channels: Readonly<Record<string, readonly string[]>> = { "*": [CHANNEL] },
    more: { discord?: string; rest?: string } = {},
  ): Promise<string> {
    const path = `${this.folder}/${name}.toml`;
    await Deno.writeTextFile(
      path,
      formatConfig({
        teleport: `addr = "${this.cluster.authAddress}"\n${credentials}`,
        discord:
          `token = "${this.discord.token}"\napiurl = "${this.discord.url}"\n${
            more.discord ?? ""
          }`,
        channels,
        rest: more.rest ?? "",
      }),
    );
    return path;
  }

  /** Starts a program with a configuration; it is killed with the stage if nothing else ends it. */
  run(configPath: string, options: PluginOptions = {}): Plugin {
    const plugin = new Plugin(configPath, options);
    this.#plugins.push(plugin);
    return plugin;
  }

  /** Starts the official plugin instead. */
  runOfficial(configPath: string): Plugin {
    const program = requireTeleport("teleport-discord");
    return this.run(configPath, { program });
  }

  /** Waits until the only message about a request in a channel says this. */
  shows(
    id: string,
    text: string,
    channel: string = CHANNEL,
  ): Promise<FakeMessage> {
    return shows(
      this.discord,
      channel,
      id,
      text,
      () => this.#plugins.map(({ output }) => output).join("\n----\n"),
    );
  }

  /** Messages about a request. */
  messagesOf(id: string, channel: string = CHANNEL): FakeMessage[] {
    return messagesOf(this.discord, channel, id);
  }

  /** Reads plugin data as it is stored. */
  async pluginData(id: string): Promise<Readonly<Record<string, string>>> {
    const credentials = await this.cluster.credentials("discord-plugin");
    await using client = new OwnClient({
      address: this.cluster.authAddress,
      credentials: () => credentials,
    });
    return (await client.getPluginData(id))?.entries ?? {};
  }

  /** Creates or replaces resources by tctl. */
  async apply(yaml: string): Promise<void> {
    const path = `${this.folder}/resource.yaml`;
    await Deno.writeTextFile(path, yaml);
    await this.cluster.tctl("create", "-f", path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#plugins.map((plugin) => plugin.kill()));
    await this.#owned[Symbol.asyncDispose]();
  }
}

/** What of plugin data this plugin alone writes; the official one has to keep it. */
export function ownKeys(
  data: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).filter(([key]) => key.startsWith("x-")),
  );
}
