/**
 * The plugin as a process of its own.
 *
 * @module
 */

import { start } from "../../programs/command.ts";
import { runBundle } from "./bundle.ts";

/** Nothing in these tests takes this long; a test that waits in vain should say for what. */
const WAIT_MS = 45_000;

/** Picks lines of the log: by a part of them, or by anything. */
export type LineMatch = string | ((line: string) => boolean);

/** How a {@linkcode Plugin} is started. */
export interface PluginOptions {
  /** Program to run instead of the bundle. */
  readonly program?: string;
  /** Command line behind the name of the program; `start` with the configuration if not given. */
  readonly args?: readonly string[];
  /** Which network it may reach; Unix sockets are among "any". */
  readonly net?: "loopback" | "any";
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running plugin. */
export class Plugin implements AsyncDisposable {
  /** What it wrote to standard output and standard error so far. */
  output = "";
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<number>;
  readonly #waiting = new Set<() => void>();
  #exitCode: number | undefined;

  constructor(configPath: string, options: PluginOptions = {}) {
    const { args = ["start", "--config", configPath], env = {} } = options;
    const { program, net } = options;
    this.#child = start(program ?? Deno.execPath(), {
      args: [...program === undefined ? runBundle(net) : [], ...args],
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    this.#ended = this.#follow();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Exit code once the process has ended; 128 and more for a signal. */
  get exitCode(): Promise<number> {
    return within(this.#ended, "the process to end", () => this.output);
  }

  /** Lines of the log so far. */
  lines(match: LineMatch): string[] {
    const fits = matcher(match);
    return this.output.split("\n").filter((line) => fits(line));
  }

  /** Waits for a line of the log; one that was written before counts. */
  async waitForLine(match: LineMatch): Promise<string> {
    const fits = matcher(match);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let from = 0;
    const look = () => {
      const end = this.output.lastIndexOf("\n") + 1;
      const line = this.output.slice(from, end).split("\n").find(fits);
      from = end;
      if (line !== undefined) resolve(line);
      else if (this.#exitCode !== undefined) {
        reject(
          new Error(
            `ended with ${this.#exitCode} before ${match}:\n${this.output}`,
          ),
        );
      }
    };
    this.#waiting.add(look);
    look();
    try {
      return await within(promise, `the line ${match}`, () => this.output);
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Waits until the plugin says that it is ready. */
  async ready(): Promise<this> {
    await this.waitForLine("Plugin is ready");
    return this;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Asks the process to end, and waits for it; returns its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    if (this.#exitCode === undefined) this.#child.kill(signal);
    return await this.exitCode;
  }

  /** Ends the process at once, as a crash does. */
  async kill(): Promise<void> {
    if (this.#exitCode === undefined) this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #follow(): Promise<number> {
    const read = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) {
        this.output += decoder.decode(chunk, { stream: true });
        this.#look();
      }
    };
    const [status] = await Promise.all([
      this.#child.status,
      read(this.#child.stdout),
      read(this.#child.stderr),
    ]);
    this.#exitCode = status.code;
    this.#look();
    return status.code;
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}

/** Returns the text of a configuration file. */
export function formatConfig(sections: {
  readonly teleport: string;
  readonly discord: string;
  readonly channels: Readonly<Record<string, readonly string[]>>;
  readonly log?: string;
  readonly http?: string;
  /** More sections. */
  readonly rest?: string;
}): string {
  const recipients = Object.entries(sections.channels)
    .map(([role, ids]) => `${JSON.stringify(role)} = ${JSON.stringify(ids)}`);
  return `[teleport]
${sections.teleport}
[discord]
${sections.discord}
[role_to_recipients]
${recipients.join("\n")}
[log]
${sections.log || 'severity = "debug"'}
[http]
${sections.http ?? ""}
${sections.rest ?? ""}
`;
}

/** Rejects if a promise takes unreasonably long, so that a test that fails says for what it waited. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  details: () => string = () => "",
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`waited in vain for ${what}\n${details()}`));
  }, WAIT_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs tests that mostly wait at the same time, each as a step. A step cannot tell its own leaks from
 * those of the others; the test around them does.
 */
export async function sideBySide(
  t: Deno.TestContext,
  tests: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  const sanitizers = {
    sanitizeOps: false,
    sanitizeResources: false,
    sanitizeExit: false,
  };
  await Promise.all(
    Object.entries(tests).map(([name, fn]) =>
      t.step({ name, fn, ...sanitizers })
    ),
  );
}

function matcher(match: LineMatch): (line: string) => boolean {
  return typeof match === "string" ? (line) => line.includes(match) : match;
}
