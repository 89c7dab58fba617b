/**
 * A set-up to check, between stand-ins of both services, in this process.
 *
 * @module
 */

import { check, type CheckOptions } from "../../src/check/check.ts";
import {
  type CheckHost,
  systemCheckHost,
} from "../../src/check/collect/check_host.ts";
import {
  FakeAuthService,
  type FakeAuthServiceOptions,
} from "../fakes/auth_service.ts";
import { FakeDiscord } from "../fakes/discord.ts";
import { ClusterPki } from "../fakes/pki.ts";

/** The channel that is told of every request. */
export const CHANNEL = "1100000000000000001";

/** What a check printed, and its exit code. */
export interface CheckResult {
  readonly out: string;
  readonly code: number;
}

/** How a check runs. */
export interface RunOptions extends Partial<CheckHost> {
  readonly flags?: Partial<CheckOptions>;
  readonly stop?: AbortSignal;
  readonly onOutput?: (text: string) => void;
  readonly colored?: boolean;
}

/** What stands in the configuration beside what every one has; each part is lines of a section. */
export interface Configuration {
  readonly teleport?: string;
  readonly discord?: string;
  readonly log?: string;
  readonly more?: string;
}

const NEVER = new AbortController().signal;

let pki: Promise<ClusterPki> | undefined;

/** A good set-up, until somebody breaks it. */
export class SetUpWorld implements AsyncDisposable {
  readonly auth: FakeAuthService;
  readonly discord: FakeDiscord;
  readonly folder: string;
  readonly #recipients: string;

  private constructor(
    auth: FakeAuthService,
    discord: FakeDiscord,
    folder: string,
    recipients: string,
  ) {
    this.auth = auth;
    this.discord = discord;
    this.folder = folder;
    this.#recipients = recipients;
  }

  /**
   * Makes one; all of them share the authorities of one cluster.
   *
   * @param recipients The lines of `[role_to_recipients]`. Of the channels, only one exists.
   */
  static async create(
    recipients = `"*" = "${CHANNEL}"`,
    options: FakeAuthServiceOptions = {},
  ): Promise<SetUpWorld> {
    pki ??= ClusterPki.create();
    const [auth, discord, folder] = await Promise.all([
      FakeAuthService.start({ pki: await pki, ...options }),
      FakeDiscord.start({ channels: [CHANNEL] }),
      Deno.makeTempDir({ prefix: "teleport-discord-check-" }),
    ]);
    const world = new SetUpWorld(auth, discord, folder, recipients);
    await world.write("identity", await auth.pki.issueIdentity());
    await world.write("token", discord.token);
    await world.configure();
    return world;
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** Writes a file that its owner alone may read. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(this.path(name), text, { mode: 0o600 });
  }

  async configure(
    { teleport = "", discord = "", log = "", more = "" }: Configuration = {},
  ): Promise<void> {
    await this.write(
      "config.toml",
      `[teleport]
addr = "${this.auth.address}"
identity = "${this.path("identity")}"
${teleport}
[discord]
token = "${this.path("token")}"
apiurl = "${this.discord.url}"
${discord}
[role_to_recipients]
${this.#recipients}
[log]
${log}
${more}
`,
    );
  }

  /** Replaces text in the configuration. */
  async change(what: string | RegExp, by: string): Promise<void> {
    const path = this.path("config.toml");
    const text = await Deno.readTextFile(path);
    const changed = text.replace(what, by);
    if (changed === text) throw new Error(`nothing is like ${what} in ${text}`);
    await Deno.writeTextFile(path, changed);
  }

  /** Checks the set-up, as a user that is neither root nor the owner of the files, and without a proxy. */
  async check(options: RunOptions = {}): Promise<CheckResult> {
    const { flags, stop = NEVER, onOutput, colored = false, ...rest } = options;
    let out = "";
    const target = {
      colored,
      out(text: string) {
        out += text;
        onOutput?.(text);
      },
    };
    const given = {
      configPath: this.path("config.toml"),
      debug: false,
      json: false,
      sendTest: false,
      ...flags,
    };
    const host = {
      ...systemCheckHost(),
      uid: 54_321,
      env: () => undefined,
      ...rest,
    };
    const code = await check(given, target, stop, host);
    return { out, code };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.auth[Symbol.asyncDispose](),
      this.discord[Symbol.asyncDispose](),
      Deno.remove(this.folder, { recursive: true }),
    ]);
  }
}
