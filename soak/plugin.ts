/**
 * The plugin as a process that can be looked into.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "../packaging/permissions.ts";
import { start } from "../programs/command.ts";
import type { Sample } from "./sample.ts";

/** How many lines of the log are kept. */
const KEPT_LINES = 20_000;

/** What was logged. */
export class Journal {
  /** The newest lines. */
  readonly lines: string[] = [];
  /** How often each message was logged, by level and message. */
  readonly messages = new Map<string, number>();

  /** Takes a line in. */
  add(line: string): void {
    if (this.lines.push(line) > KEPT_LINES) this.lines.shift();
    const [, level = "?", message = line] =
      /level=(\w+) msg=("[^"]*"|\S+)/.exec(line) ?? [];
    const key = `${level}: ${message.replaceAll('"', "")}`;
    this.messages.set(key, (this.messages.get(key) ?? 0) + 1);
  }
}

/** A running plugin. */
export class SoakPlugin implements AsyncDisposable {
  /** Exit code, once it has ended. */
  readonly ended: Promise<number>;
  readonly #journal: Journal;
  readonly #child: Deno.ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #ready = Promise.withResolvers<void>();

  /**
   * Starts one.
   *
   * @param entry A module that {@linkcode writeEntry} wrote.
   * @param journal Takes its log in.
   */
  constructor(entry: string, configPath: string, journal: Journal) {
    this.#journal = journal;
    this.#child = start(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        `--config=${here("../deno.json")}`,
        "--no-code-cache",
        // V8 would drop bytecode at its own time, and the heap with it.
        `--v8-flags=${V8_FLAGS.join()},--no-flush-bytecode`,
        entry,
        "start",
        "--config",
        configPath,
      ],
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    this.#input = this.#child.stdin.getWriter();
    this.#answers = lines(this.#child.stdout);
    this.ended = this.#follow();
  }

  /** Waits until it says that it is ready. */
  async ready(): Promise<this> {
    await this.#ready.promise;
    return this;
  }

  /** Looks into it. */
  async sample(collect: boolean): Promise<Sample> {
    const command = collect ? "collect\n" : "look\n";
    await this.#input.write(new TextEncoder().encode(command));
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`The plugin has ended:\n${this.tail()}`);
    return JSON.parse(value);
  }

  /** Sends it a signal, unless it has ended. */
  signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended.
    }
  }

  /** Asks it to end; returns its exit code. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    return await this.ended;
  }

  /** Returns the end of its log. */
  tail(count = 20): string {
    return this.#journal.lines.slice(-count).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
    await this.#input.close().catch(() => {});
    await this.#answers.return?.();
  }

  async #follow(): Promise<number> {
    const log = lines(this.#child.stderr);
    for await (const line of { [Symbol.asyncIterator]: () => log }) {
      this.#take(line);
    }
    const { code } = await this.#child.status;
    this.#ready.reject(
      new Error(`The plugin ended with ${code}:\n${this.tail()}`),
    );
    this.#ready.promise.catch(() => {});
    return code;
  }

  #take(line: string): void {
    this.#journal.add(line);
    if (line.includes("Plugin is ready")) this.#ready.resolve();
  }
}

/**
 * Writes a module that starts the plugin with {@link ./instrument.ts} inside. It cannot be preloaded: Deno
 * waits until what is preloaded has nothing left to do, and this goes on reading.
 *
 * @param program A bundle, or `main.ts`.
 */
export async function writeEntry(path: string, program: string): Promise<void> {
  const modules = [here("instrument.ts"), program];
  await Deno.writeTextFile(
    path,
    modules.map((path) => `import ${JSON.stringify(`file://${path}`)};\n`)
      .join(""),
  );
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

async function* lines(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const complete = (rest + text).split("\n");
    rest = complete.pop() ?? "";
    yield* complete;
  }
  if (rest !== "") yield rest;
}
