/**
 * Child processes of the benchmark: the stand-ins, and the plugin that is measured.
 *
 * @module
 */

import { bundle as bundleProgram } from "../packaging/bundle.ts";
import { RUNTIME_FLAGS, V8_FLAGS } from "../packaging/permissions.ts";
import { attempt, run, start } from "../programs/command.ts";

/** One line that a stand-in printed. */
export type StandInLine = Readonly<Record<string, unknown>>;

/** A child process that prints lines. */
export class Lines implements AsyncDisposable {
  readonly process: Deno.ChildProcess;
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #waiting = new Set<(line: string) => void>();
  readonly #reading: Promise<void>;

  constructor(process: Deno.ChildProcess, stream: ReadableStream<Uint8Array>) {
    this.process = process;
    this.#stream = stream;
    this.#reading = this.#read();
  }

  /** Calls a function with each line from now on; returns how to end that. */
  each(take: (line: string) => void): () => void {
    this.#waiting.add(take);
    return () => this.#waiting.delete(take);
  }

  /** Waits for the first line that a function makes something of. */
  first<T>(pick: (line: string) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const end = this.each((line) => {
        const picked = pick(line);
        if (picked === undefined) return;
        end();
        resolve(picked);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await this.process.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (
      const text of this.#stream.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        for (const take of [...this.#waiting]) {
          take(line);
        }
      }
    }
  }
}

/** What a stand-in stands in for; `cluster` is a real Teleport. */
type StandInKind = "auth" | "cluster" | "discord";

/** A stand-in, steered by lines of JSON. */
export class StandIn implements AsyncDisposable {
  readonly #kind: StandInKind;
  readonly #lines: Lines;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(kind: StandInKind, lines: Lines) {
    this.#kind = kind;
    this.#lines = lines;
    this.#input = lines.process.stdin.getWriter();
  }

  /** Starts one; returns it with the line that it prints when it is ready. */
  static async start(
    kind: StandInKind,
    argument: string,
  ): Promise<[StandIn, StandInLine]> {
    const process = start(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--v8-flags=--max-semi-space-size=16",
        script("stand_in.ts"),
        kind,
        argument,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    const standIn = new StandIn(kind, new Lines(process, process.stdout));
    return [standIn, await standIn.first(() => true)];
  }

  /** Sends a command and returns the next line that is printed. */
  async ask(command: StandInLine): Promise<StandInLine> {
    const answer = this.first(() => true);
    await this.#input.write(
      new TextEncoder().encode(`${JSON.stringify(command)}\n`),
    );
    return await answer;
  }

  /** Sends a command whose answer is taken in by {@linkcode StandIn.each}. */
  async tell(command: StandInLine): Promise<void> {
    await this.#input.write(
      new TextEncoder().encode(`${JSON.stringify(command)}\n`),
    );
  }

  each(take: (line: StandInLine) => void): () => void {
    return this.#lines.each((line) => take(JSON.parse(line)));
  }

  first(accept: (line: StandInLine) => boolean): Promise<StandInLine> {
    return this.#lines.first((text) => {
      const line = JSON.parse(text);
      return accept(line) ? line : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    // With its input it ends its Teleport, which a kill would leave running.
    if (this.#kind === "cluster") await this.#lines.process.status;
    await this.#lines[Symbol.asyncDispose]();
  }
}

/** What a process has used so far. */
export interface Usage {
  readonly residentMib: number;
  readonly peakMib: number;
  readonly cpuMs: number;
}

/** Reads what a process has used. Linux only. */
export async function readUsage(pid: number): Promise<Usage> {
  const [status, stat] = await Promise.all([
    Deno.readTextFile(`/proc/${pid}/status`),
    Deno.readTextFile(`/proc/${pid}/stat`),
  ]);
  const kib = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  // A tick is 10 ms on every Linux that Deno runs on.
  return {
    residentMib: kib("VmRSS") / 1024,
    peakMib: kib("VmHWM") / 1024,
    cpuMs: ticks * 10,
  };
}

/** The plugin under measurement: this one, bundled as it is shipped, or the official one. */
export interface Candidate {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Starts a plugin and waits until it says that it is ready. */
export async function startPlugin(
  { command, args }: Candidate,
  configPath: string,
): Promise<{ plugin: Lines; readyMs: number }> {
  const startedMs = performance.now();
  const process = start(command, {
    args: [...args, "start", "-c", configPath],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { DENO_NO_UPDATE_CHECK: "1" },
  });
  const plugin = new Lines(process, process.stderr);
  const failed = process.status.then(({ code }) => {
    throw new Error(`The plugin ended with ${code}`);
  });
  failed.catch(() => {});
  await Promise.race([
    plugin.first((line) => line.includes("Plugin is ready") || undefined),
    failed,
  ]);
  return { plugin, readyMs: performance.now() - startedMs };
}

/** Bundles this plugin and returns how to run it, with the flags that it is shipped with. */
export async function bundle(folder: string): Promise<Candidate> {
  const { entry } = await bundleProgram({ folder: `${folder}/bundle` });
  const candidate = {
    name: "this plugin",
    command: Deno.execPath(),
    args: ["run", "-A", ...RUNTIME_FLAGS, entry],
  };
  // The first run of a file also analyses it, which takes 20 MiB that no later run needs.
  await attempt(candidate.command, [...candidate.args, "version"]);
  return candidate;
}

/** Routes so many requests by 1 000 rules in a process with the V8 flags that the plugin is shipped with. */
export async function measureRules(requests: number): Promise<
  { readonly routeMs: readonly number[]; readonly memoryMib: number }
> {
  const out = await run(Deno.execPath(), [
    "run",
    "-A",
    `--v8-flags=--expose-gc,${V8_FLAGS.join()}`,
    script("routing.ts"),
    `${requests}`,
  ]);
  return JSON.parse(out);
}

function script(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
