/**
 * Asks a person at a terminal.
 *
 * What is typed shows because the terminal echoes it, and is edited as it edits lines. Only for a secret the
 * terminal is told to do neither, until Enter; whatever ends the question before restores it.
 *
 * @module
 */

import { waitFor } from "../../lib/async/wait.ts";

/** A terminal to read from, as `Deno.stdin` is. */
export interface Keyboard {
  read(buffer: Uint8Array): Promise<number | null>;
  setRaw(isRaw: boolean): void;
}

/** What a {@linkcode Prompt} needs. */
export interface PromptContext {
  readonly keyboard: Keyboard;
  print(text: string): void;
  /** Ends each question; of Ctrl-C in a question that shows what is typed, this is what is left. */
  readonly stop: AbortSignal;
}

/** The person does not want to go on: Ctrl-C, Ctrl-D, or the end of the input. */
export class Interruption extends Error {
  override readonly name = "Interruption";
}

const KEY = {
  ctrlC: "\x03",
  ctrlD: "\x04",
  backspace: "\b",
  lineFeed: "\n",
  enter: "\r",
  ctrlU: "\x15",
  escape: "\x1b",
  space: " ",
  delete: "\x7f",
} as const;

/** Asks one question at a time. Each rejects with an {@linkcode Interruption} if it gets no answer. */
export class Prompt {
  readonly #context: PromptContext;
  /** What is typed, byte by byte: what stands behind the end of a line is there for the next one. */
  readonly #typed = this.#read();

  constructor(context: PromptContext) {
    this.#context = context;
  }

  /**
   * Asks for a line.
   *
   * @param fallback What Enter alone stands for.
   */
  async ask(question: string, fallback = ""): Promise<string> {
    const { print } = this.#context;
    print(`${question}${fallback === "" ? "" : ` [${fallback}]`}: `);
    return await this.#readLine() || fallback;
  }

  /** Asks for a line that is not shown. */
  async askSecret(question: string): Promise<string> {
    const { keyboard, print } = this.#context;
    // First: from the moment in which the question shows, nothing that is typed does.
    keyboard.setRaw(true);
    try {
      print(`${question}: `);
      return await this.#readLine();
    } finally {
      keyboard.setRaw(false);
      print("\n");
    }
  }

  /** Asks whether to do something; Enter alone means no. */
  async confirm(question: string): Promise<boolean> {
    return /^y(?:es)?$/i.test(await this.ask(`${question} (y/N)`));
  }

  /** Waits for Enter. */
  async pause(text: string): Promise<void> {
    this.#context.print(text);
    await this.#readLine();
  }

  /** Returns what is typed before Enter, without blanks around it. */
  async #readLine(): Promise<string> {
    const line: number[] = [];
    for (;;) {
      const { value: byte, done } = await this.#typed.next();
      if (done) throw new Interruption();
      const key = String.fromCharCode(byte);
      if (key === KEY.enter || key === KEY.lineFeed) return edit(line).trim();
      const isEnd = key === KEY.ctrlC ||
        (key === KEY.ctrlD && edit(line) === "");
      if (isEnd) throw new Interruption();
      line.push(byte);
    }
  }

  async *#read(): AsyncGenerator<number, void> {
    const { keyboard, stop } = this.#context;
    const buffer = new Uint8Array(4096);
    for (;;) {
      const typed = keyboard.read(buffer);
      const count = await waitFor(typed, stop).catch((error) => {
        throw stop.aborted ? new Interruption() : error;
      });
      if (count === null) return;
      yield* buffer.subarray(0, count);
    }
  }
}

/** Does what the terminal leaves to do while it is told to edit nothing: returns the text that the keys make. */
function edit(keys: readonly number[]): string {
  const text: string[] = [];
  let isEscape = false;
  for (const key of new TextDecoder().decode(new Uint8Array(keys))) {
    // Arrow keys and their like: "ESC [", parameters, a letter or a tilde.
    if (isEscape) isEscape = !/[A-Za-z~]/.test(key);
    else if (key === KEY.escape) isEscape = true;
    else if (key === KEY.backspace || key === KEY.delete) text.pop();
    else if (key === KEY.ctrlU) text.length = 0;
    else if (key >= KEY.space) text.push(key);
  }
  return text.join("");
}
