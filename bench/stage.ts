/**
 * The stand-ins of one measurement, and what is asked of them.
 *
 * @module
 */

import { StandIn, type StandInLine } from "./processes.ts";

const CHANNEL = "110000000000001001";
const TOKEN = "stand-in.token.of-the-bot";

/** The calls that post a message, and edit one. */
export const POST = "POST /channels/:id/messages";
export const PATCH = "PATCH /channels/:id/messages/:id";

/** What the stand-ins are to be like. */
export interface Setting {
  readonly channels?: number;
  readonly discord?: StandInLine;
  /** Requests that are announced already when the plugin starts. */
  readonly announced?: {
    readonly count: number;
    readonly reasonLength: number;
  };
  /** Whether the cluster is a real one. */
  readonly real?: boolean;
}

/** The stand-ins of one measurement, with the configuration that leads to them. */
export class Stage implements AsyncDisposable {
  readonly auth: StandIn;
  readonly discord: StandIn;
  readonly configPath: string;
  readonly channels: readonly string[];

  private constructor(
    auth: StandIn,
    discord: StandIn,
    configPath: string,
    channels: readonly string[],
  ) {
    this.auth = auth;
    this.discord = discord;
    this.configPath = configPath;
    this.channels = channels;
  }

  /** @param parent Gets a folder for the files of this stage, so that several can stand side by side. */
  static async set(parent: string, setting: Setting = {}): Promise<Stage> {
    const folder = await Deno.makeTempDir({ dir: parent });
    const channels = Array.from(
      { length: setting.channels ?? 1 },
      (_, i) => `${BigInt(CHANNEL) + BigInt(i)}`,
    );
    const options = JSON.stringify({
      channels,
      token: TOKEN,
      ...setting.discord,
    });
    const [[auth, { address }], [discord, { url }]] = await Promise.all([
      StandIn.start(setting.real === true ? "cluster" : "auth", folder),
      StandIn.start("discord", options),
    ]);
    if (setting.announced !== undefined) {
      await auth.ask({ kind: "announced", ...setting.announced });
    }
    const configPath = `${folder}/bench.toml`;
    const recipients = channels.length === 1
      ? `"*" = "${CHANNEL}"`
      : `"*" = "${CHANNEL}"\n${
        channels.map((id, i) => `"role-${i}" = "${id}"`).join("\n")
      }`;
    await Deno.writeTextFile(
      configPath,
      `[teleport]
addr = "${address}"
client_key = "${folder}/tls.key"
client_crt = "${folder}/tls.crt"
root_cas = "${folder}/tls.cas"
[discord]
token = "${TOKEN}"
apiurl = "${url}v10/"
[role_to_recipients]
${recipients}
`,
    );
    return new Stage(auth, discord, configPath, channels);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.auth[Symbol.asyncDispose]();
    await this.discord[Symbol.asyncDispose]();
  }
}

/**
 * Makes requests at once, spread over the channels, and waits until all are posted, or for so long.
 *
 * @param quietMs It is over as well if Discord was not called for so long.
 */
export async function collect(
  { auth, discord, channels }: Stage,
  count: number,
  withinMs: number,
  quietMs = Infinity,
): Promise<{ posted: number; limited: number; lastMs: number }> {
  let posted = 0;
  let limited = 0;
  let lastMs = 0;
  const all = Promise.withResolvers<void>();
  const startedMs = performance.now();
  let calledMs = startedMs;
  const end = discord.each(({ route, status }) => {
    calledMs = performance.now();
    if (status === 429) limited++;
    if (route !== POST || status !== 200) return;
    posted++;
    lastMs = performance.now() - startedMs;
    if (posted === count) all.resolve();
  });
  for (let i = 0; i < count; i++) {
    auth.tell({
      kind: "create",
      role: channels.length === 1 ? "dev" : `role-${i % channels.length}`,
    });
  }
  const isOver = all.promise.then(() => true);
  while (
    performance.now() < Math.min(startedMs + withinMs, calledMs + quietMs)
  ) {
    if (await Promise.race([isOver, sleep(1000)]) === true) break;
  }
  end();
  return { posted, limited, lastMs };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
