/**
 * The plugin as an admin runs it: a process of its own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { start } from "../programs/command.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A running `main.ts start`. */
export class PluginProcess {
  /** What it wrote to its log. */
  readonly log: string[] = [];
  /** Fulfilled once it says that it is ready. */
  readonly ready: Promise<void>;
  /** Its exit code, once it has ended and its log was read. */
  readonly ended: Promise<number>;
  readonly #child: Deno.ChildProcess;

  /**
   * Starts one.
   *
   * @param folder The only place that it may read.
   * @param onLine Called with each line of its log.
   */
  constructor(
    configPath: string,
    folder: string,
    onLine: (line: string) => void,
  ) {
    this.#child = start(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--frozen",
        "--no-prompt",
        "--allow-net=127.0.0.1",
        `--allow-read=${folder}`,
        "--allow-env",
        `${ROOT}main.ts`,
        "start",
        `--config=${configPath}`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.ended = this.#read((line) => {
      this.log.push(line);
      onLine(line);
      if (line.includes('msg="Plugin is ready"')) ready.resolve();
    });
  }

  /** Asks it to stop, as systemd does, and returns its exit code. */
  async stop(): Promise<number> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    return await this.ended;
  }

  async #read(onLine: (line: string) => void): Promise<number> {
    let rest = "";
    const text = this.#child.stderr.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    }
    if (rest !== "") onLine(rest);
    return (await this.#child.status).code;
  }
}
