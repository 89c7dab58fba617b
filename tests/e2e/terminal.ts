/**
 * A program at a terminal of its own, and somebody who types: `script` of util-linux makes the terminal.
 *
 * @module
 */

import { start } from "../../programs/command.ts";
import { within } from "./plugin.ts";

/** Keys that have no character. */
export const KEYS = { ctrlC: "\x03", ctrlD: "\x04" } as const;

/** A shell command that runs at a terminal. */
export class TerminalSession implements AsyncDisposable {
  /** Everything that the terminal showed, with `\n` for the end of a line. */
  screen = "";
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ended: Promise<number>;
  readonly #looking = new Set<() => void>();
  #seen = 0;

  constructor(command: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = start("script", {
      args: [
        "--quiet",
        "--return",
        "--flush",
        "--command",
        command,
        "/dev/null",
      ],
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    this.#keys = this.#child.stdin.getWriter();
    this.#ended = this.#follow();
  }

  /** Exit code of the command, once it has ended. */
  get exitCode(): Promise<number> {
    return within(this.#ended, "the command to end", () => this.screen);
  }

  /** Types once the terminal shows a text, which must be behind what was waited for before. */
  async answer(question: string, keys: string): Promise<void> {
    await this.shows(question);
    await this.type(keys);
  }

  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits until the terminal shows a text behind what was waited for before. */
  async shows(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      const at = this.screen.indexOf(text, this.#seen);
      if (at < 0) return;
      this.#seen = at + text.length;
      this.#looking.delete(look);
      resolve();
    };
    this.#looking.add(look);
    look();
    const ended = this.#ended.then((code) => {
      throw new Error(`ended with ${code} before "${text}":\n${this.screen}`);
    });
    await within(
      Promise.race([promise, ended]),
      `"${text}"`,
      () => this.screen,
    );
    ended.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#ended;
    await this.#keys.abort().catch(() => {});
  }

  async #follow(): Promise<number> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      this.screen += chunk.replaceAll("\r", "");
      for (const look of [...this.#looking]) look();
    }
    return (await this.#child.status).code;
  }
}
