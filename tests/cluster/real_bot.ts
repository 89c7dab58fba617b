/**
 * A real tbot that keeps an identity file for the plugin.
 *
 * @module
 */

import { start } from "../../programs/command.ts";
import { requireTeleport } from "../../programs/teleport.ts";
import type { RealCluster } from "./real_cluster.ts";

/** How a {@linkcode RealBot} is set up. */
export interface RealBotOptions {
  readonly name: string;
  readonly roles: readonly string[];
  /** Key of the list that its identity is configured under: the newer one, or the older. */
  readonly form: "services" | "outputs";
  /** Go durations. */
  readonly ttl: string;
  readonly interval: string;
}

const LOOK_EVERY_MS = 100;
const WAIT_MS = 90_000;

/** A bot of a cluster, which joined by a token. */
export class RealBot implements AsyncDisposable {
  readonly folder: string;
  /** User that the certificates are for. */
  readonly user: string;
  /** Everything that it has logged. */
  log = "";
  readonly #webCa: string;
  #process: Deno.ChildProcess | undefined;
  #logged: Promise<void> = Promise.resolve();

  private constructor(folder: string, user: string, webCa: string) {
    this.folder = folder;
    this.user = user;
    this.#webCa = webCa;
  }

  /** Adds a bot to a cluster and starts it; resolves once its identity file is there. */
  static async start(
    cluster: RealCluster,
    options: RealBotOptions,
  ): Promise<RealBot> {
    const { name, roles, form, ttl, interval } = options;
    const folder = `${cluster.folder}/tbot-${name}`;
    const bot = new RealBot(folder, `bot-${name}`, cluster.webCaPath);
    await Deno.mkdir(folder);
    const added = JSON.parse(
      await cluster.tctl(
        "bots",
        "add",
        name,
        `--roles=${roles.join(",")}`,
        "--format=json",
      ),
    );
    await Deno.writeTextFile(
      `${folder}/tbot.yaml`,
      `version: v2
auth_server: ${cluster.authAddress}
credential_ttl: ${ttl}
renewal_interval: ${interval}
onboarding:
  join_method: token
  token: ${added.token_id}
storage:
  type: directory
  path: ${folder}/storage
${form}:
  - type: identity
    destination:
      type: directory
      path: ${folder}/out
`,
    );
    try {
      await bot.start();
    } catch (error) {
      await bot[Symbol.asyncDispose]();
      throw error;
    }
    return bot;
  }

  /** Path of the identity file. */
  get identity(): string {
    return `${this.folder}/out/identity`;
  }

  /** Starts it; resolves once it has written an identity. */
  async start(): Promise<void> {
    const before = await this.written();
    this.#process = start(requireTeleport("tbot"), {
      args: ["start", "-c", `${this.folder}/tbot.yaml`],
      // It asks the Proxy as well; where that fails, it writes each identity five times.
      env: { SSL_CERT_FILE: this.#webCa },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    this.#logged = this.#follow(this.#process.stderr);
    await this.renewed(before);
  }

  /** Starts it with a new token, as a person does once its own certificate has expired. */
  async join(cluster: RealCluster): Promise<void> {
    const name = this.user.replace(/^bot-/, "");
    const { token_id: token } = JSON.parse(
      await cluster.tctl("bots", "instances", "add", name, "--format=json"),
    );
    const path = `${this.folder}/tbot.yaml`;
    const before = await Deno.readTextFile(path);
    await Deno.writeTextFile(
      path,
      before.replace(/token: .*/, `token: ${token}`),
    );
    await this.start();
  }

  /** Waits until it has logged this. */
  async logged(text: string, from: number): Promise<void> {
    const untilMs = performance.now() + WAIT_MS;
    while (!this.log.slice(from).includes(text)) {
      if (performance.now() > untilMs) {
        throw new Error(`tbot did not log "${text}":\n${this.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Stops it; what it has written stays. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    try {
      process.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    const timer = setTimeout(() => process.kill("SIGKILL"), 10_000);
    await process.status;
    clearTimeout(timer);
    await this.#logged;
  }

  /** When the identity file was last written, in milliseconds since 1970; 0 if there is none. */
  async written(): Promise<number> {
    try {
      return (await Deno.stat(this.identity)).mtime?.getTime() ?? 0;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw error;
    }
  }

  /** Waits until the identity file is a later one than at a time. */
  async renewed(sinceMs: number, waitMs = WAIT_MS): Promise<void> {
    const untilMs = performance.now() + waitMs;
    while (await this.written() <= sinceMs) {
      if (performance.now() > untilMs) {
        throw new Error(`tbot wrote no identity:\n${this.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.log += text;
    }
  }
}
