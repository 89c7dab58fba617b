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
  ctrlC: 0x03,
  ctrlD: 0x04,
  backspace: 0x08,
  lineFeed: 0x0a,
  enter: 0x0d,
  ctrlU: 0x15,
  escape: 0x1b,
  space: 0x20,
  delete: 0x7f,
} as const;

/** The bit that every byte of a character has but the first. */
const CONTINUES = 0b1000_0000;

/** Asks one question at a time. Each rejects with an {@linkcode Interruption} if it gets no answer. */
export class Prompt {
  readonly #context: PromptContext;
  /** What was typed or pasted behind the end of a line. */
  #ahead = new Uint8Array();

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
    const answer = decode(await this.#readLine()).trim();
    return answer === "" ? fallback : answer;
  }

  /** Asks for a line that is not shown. */
  async askSecret(question: string): Promise<string> {
    const { keyboard, print } = this.#context;
    // First: from the moment in which the question shows, nothing that is typed does.
    keyboard.setRaw(true);
    try {
      print(`${question}: `);
      return decode(await this.#readKeys()).trim();
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

  async #readLine(): Promise<number[]> {
    const line: number[] = [];
    for (;;) {
      const chunk = await this.#read();
      for (const [i, byte] of chunk.entries()) {
        if (byte !== KEY.lineFeed) line.push(byte);
        else {
          this.#ahead = chunk.slice(i + 1);
          return line;
        }
      }
    }
  }

  async #readKeys(): Promise<number[]> {
    const line: number[] = [];
    let isEscape = false;
    for (;;) {
      const chunk = await this.#read();
      for (const [i, byte] of chunk.entries()) {
        if (isEscape) {
          // Arrow keys and their like: "ESC [", parameters, a letter or a tilde.
          isEscape = !/[A-Za-z~]/.test(String.fromCharCode(byte));
        } else if (byte === KEY.enter || byte === KEY.lineFeed) {
          this.#ahead = chunk.slice(i + 1);
          return line;
        } else if (byte === KEY.ctrlC) throw new Interruption();
        else if (byte === KEY.ctrlD) {
          if (line.length === 0) throw new Interruption();
        } else if (byte === KEY.backspace || byte === KEY.delete) {
          removeCharacter(line);
        } else if (byte === KEY.ctrlU) line.length = 0;
        else if (byte === KEY.escape) isEscape = true;
        else if (byte >= KEY.space) line.push(byte);
      }
    }
  }

  /** Returns what was typed ahead, or waits for more. */
  async #read(): Promise<Uint8Array> {
    const { keyboard, stop } = this.#context;
    if (this.#ahead.length > 0) {
      const ahead = this.#ahead;
      this.#ahead = new Uint8Array();
      return ahead;
    }
    const buffer = new Uint8Array(4096);
    const typed = keyboard.read(buffer);
    const count = await waitFor(typed, stop).catch((error) => {
      throw stop.aborted ? new Interruption() : error;
    });
    if (count === null) throw new Interruption();
    return buffer.subarray(0, count);
  }
}

/** Removes the last character, all bytes of it. */
function removeCharacter(line: number[]): void {
  let last: number | undefined;
  do last = line.pop(); while (
    last !== undefined && (last & (CONTINUES | 0b0100_0000)) === CONTINUES
  );
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}
