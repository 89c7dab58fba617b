/**
 * What the demo runs on: both stand-ins, the files of an admin, and the plugin itself.
 *
 * @module
 */

import type { Language } from "../src/message/catalogue/languages.ts";
import { FakeAuthService } from "../tests/fakes/auth_service.ts";
import { FakeDiscord, type FakeMessage } from "../tests/fakes/discord.ts";
import { PaginatedResource } from "../src/teleport/gen/auth_service.ts";
import { PluginProcess } from "./plugin_process.ts";

/** The channels, by name. */
export const CHANNELS = {
  "access-requests": "111111111111111111",
  security: "222222222222222222",
  seoul: "555555555555555555",
} as const;

/** What each channel is told in, and what those who read it have chosen in their Discord. */
export const LANGUAGES: Readonly<Record<ChannelName, Language>> = {
  "access-requests": "en",
  security: "en",
  seoul: "ko",
};

/** Who may review, and who each of them is in Discord. */
export const REVIEWERS = {
  rita: "333333333333333333",
  rob: "444444444444444444",
  sumi: "666666666666666666",
} as const;

/** Name of a reviewer. */
export type Reviewer = keyof typeof REVIEWERS;

/** Name of a channel. */
export type ChannelName = keyof typeof CHANNELS;

/** Teleport user that the plugin is. */
const PLUGIN_USER = "teleport-discord";

/** ID of the host `web-1`, which people ask for by its name. */
export const WEB_1 = "5ca1ab1e-0000-4000-8000-0000000000f1";

/** How long anything may take that is not an error. */
const WAIT_MS = 15_000;

/** Something did not turn out as it should. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

/** Both stand-ins, and the plugin between them. */
export class Stage implements AsyncDisposable {
  readonly auth: FakeAuthService;
  readonly discord: FakeDiscord;
  readonly folder: string;
  /** Called with each line of the plugin's log. */
  onLog: (line: string) => void = () => {};
  readonly #stop: AbortSignal;
  #plugin: PluginProcess | undefined;

  private constructor(
    auth: FakeAuthService,
    discord: FakeDiscord,
    folder: string,
    stop: AbortSignal,
  ) {
    this.auth = auth;
    this.discord = discord;
    this.folder = folder;
    this.#stop = stop;
  }

  /** Starts the stand-ins and writes the files; the plugin is not started yet. */
  static async open(stop: AbortSignal): Promise<Stage> {
    await using started = new AsyncDisposableStack();
    const auth = started.use(
      await FakeAuthService.start({
        webAddress: "teleport.example.com:443",
        webReviews: true,
        roles: {
          "db-admin": ["postgres", "dba"],
          dev: ["ubuntu"],
          "prod-root": ["root"],
          "node-access": ["ubuntu"],
        },
        resources: [web1()],
        users: Object.fromEntries(
          Object.entries(REVIEWERS)
            .map(([name, id]) => [name, { discord_id: [id] }]),
        ),
      }),
    );
    // As a Teleport after 18.0.0 whose role for the plugin allows it.
    auth.misbehaviour.submitForUsers = true;
    const discord = started.use(await FakeDiscord.start({ gateway: true }));
    for (const [name, id] of Object.entries(CHANNELS)) {
      discord.channel(id, { name });
    }
    const folder = await Deno.makeTempDir({ prefix: "teleport-discord-demo-" });
    const stage = new Stage(auth, discord, folder, stop);
    started.defer(() => stage.#removeFolder());
    await stage.#writeFiles();
    started.move();
    return stage;
  }

  get configPath(): string {
    return `${this.folder}/teleport-discord.toml`;
  }

  get isRunning(): boolean {
    return this.#plugin !== undefined;
  }

  /** Starts the plugin and waits until it says that it is ready. */
  async startPlugin(): Promise<void> {
    this.#plugin = new PluginProcess(
      this.configPath,
      this.folder,
      (line) => this.onLog(line),
    );
    await this.expect("the plugin to be ready", this.#plugin.ready);
  }

  /** Stops the plugin as systemd would. */
  async stopPlugin(): Promise<void> {
    const code = await this.#plugin?.stop() ?? 0;
    const log = this.#plugin?.log ?? [];
    this.#plugin = undefined;
    if (code === 0) return;
    throw new DemoFailure(
      `expected the plugin to stop with exit code 0, found ${code}${
        quoteLog(log)
      }`,
    );
  }

  /** The message about a request in a channel. */
  message(requestId: string, channel: ChannelName): FakeMessage | undefined {
    return this.discord.messages(CHANNELS[channel])
      .find(({ content }) => content.includes(`*ID*: ${requestId}\n`));
  }

  /**
   * Waits for something that must happen.
   *
   * @param what Reads on after "expected".
   * @param found What is there instead, when it does not happen.
   * @throws {DemoFailure} If it takes too long, or the plugin ends first.
   */
  async expect(
    what: string,
    event: Promise<void>,
    found: () => string = () => "nothing of the kind",
  ): Promise<void> {
    const plugin = this.#plugin;
    const fail = (why: string) => {
      const log = quoteLog(plugin?.log ?? []);
      throw new DemoFailure(
        `expected ${what}, found ${found()} (${why})${log}`,
      );
    };
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(this.#stop.reason);
    this.#stop.addEventListener("abort", abort);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, WAIT_MS);
    try {
      this.#stop.throwIfAborted();
      await Promise.race([
        event,
        late.promise.then(() => fail(`waited ${WAIT_MS / 1000} s`)),
        aborted.promise,
        ...plugin === undefined ? [] : [
          plugin.ended.then((code) => fail(`the plugin ended with ${code}`)),
        ],
      ]);
    } finally {
      clearTimeout(timer);
      this.#stop.removeEventListener("abort", abort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plugin?.stop();
    await this.auth[Symbol.asyncDispose]();
    await this.discord[Symbol.asyncDispose]();
    await this.#removeFolder();
  }

  async #writeFiles(): Promise<void> {
    const identity = await this.auth.pki.issueIdentity(PLUGIN_USER);
    const secret = { mode: 0o600 };
    await Deno.writeTextFile(`${this.folder}/identity`, identity, secret);
    const { token } = this.discord;
    await Deno.writeTextFile(`${this.folder}/token`, `${token}\n`, secret);
    await Deno.writeTextFile(
      this.configPath,
      `\
[teleport]
addr = "${this.auth.address}"
identity = "${this.folder}/identity"
refresh_identity = true

[discord]
token = "${this.folder}/token"
# Only because this Discord is a stand-in:
apiurl = "${this.discord.url}"
thread_per_request = true

[role_to_recipients]
"prod-root" = "${CHANNELS.security}"
"seoul-office" = "${CHANNELS.seoul}"
"*" = ["${CHANNELS["access-requests"]}"]

[review]
enabled = true

[messages.language_by_recipient]
"${CHANNELS.seoul}" = "ko"

[messages.hide_by_recipient]
"${CHANNELS.security}" = ["reason"]
`,
    );
  }

  async #removeFolder(): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function web1(): PaginatedResource {
  return PaginatedResource.create({
    node: {
      kind: "node",
      version: "v2",
      metadata: { name: WEB_1 },
      spec: { hostname: "web-1" },
    },
  });
}

function quoteLog(log: readonly string[]): string {
  if (log.length === 0) return "";
  return `\nthe plugin's log ends with:\n${log.slice(-15).join("\n")}`;
}
