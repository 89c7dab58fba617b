/**
 * Where log lines go: a standard stream, or a file that log rotation may move away.
 *
 * A log line never ends the program: what cannot be written is given up.
 *
 * @module
 */

import { OperatorError } from "../operator_error.ts";

/** Names a place for log lines. */
export type LogTarget =
  | { readonly kind: "stderr" }
  | { readonly kind: "stdout" }
  | { readonly kind: "file"; readonly path: string };

/** A place that takes log lines. */
export interface LogOutput extends Disposable {
  /** Takes one line, given with its line end. It neither throws nor waits for whoever reads the log. */
  write(line: string): void;
  /** Waits until all lines are written, but not for long: somebody who is stuck may be to read them. */
  flush(): Promise<void>;
}

/** Takes bytes, perhaps not all at once. */
interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

const FILE_MODE = 0o640;

/** How long a full pipe that does not block is left alone. */
const FULL_PIPE_MS = 10;

/** As much waits for a stream, in characters; what comes then is lost. */
const MAX_WAITING = 2 ** 20;

/** How long the end of the program waits for a stream. */
const FLUSH_MS = 1000;

/**
 * Opens the place for log lines.
 *
 * @param stderr Where the lines go while the file cannot be written.
 * @throws {OperatorError} If the file cannot be opened.
 */
export function openLogOutput(
  target: LogTarget,
  stderr: ByteSink = Deno.stderr,
): LogOutput {
  switch (target.kind) {
    case "stderr":
      return new StreamOutput(stderr);
    case "stdout":
      return new StreamOutput(Deno.stdout);
    case "file":
      return new FileOutput(target.path, new StreamOutput(stderr));
  }
}

/**
 * Writes to a standard stream; a reader that went away or is stuck costs lines, not the program.
 *
 * A write into a full pipe waits for its reader, as those of Docker and systemd are. So no write is made in
 * the thread of the program: lines wait while one is under way.
 */
class StreamOutput implements LogOutput {
  readonly #sink: ByteSink;
  #waiting: string[] = [];
  #size = 0;
  #lost = 0;
  /** The writes that are under way. */
  #writing: Promise<void> | undefined;
  /** Whether the last line was written in part. */
  #torn = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  write(line: string): void {
    if (this.#size + line.length > MAX_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#size += line.length;
    this.#writing ??= this.#writeWaiting();
  }

  async flush(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_MS);
    await Promise.race([this.#writing, late]);
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {}

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      if (this.#lost > 0) {
        lines.push(
          `warning: ${this.#lost} lines were lost, nobody read them\n`,
        );
      }
      this.#waiting = [];
      this.#size = 0;
      this.#lost = 0;
      if (this.#torn) lines.unshift("\n");
      const bytes = new TextEncoder().encode(lines.join(""));
      const written = await this.#writeAll(bytes);
      if (written > 0) this.#torn = written < bytes.length;
    }
    this.#writing = undefined;
  }

  /** Returns how many bytes were written; fewer than there are if the reader went away. */
  async #writeAll(bytes: Uint8Array): Promise<number> {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += await this.#sink.write(bytes.subarray(written));
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) break;
        await new Promise((resolve) => setTimeout(resolve, FULL_PIPE_MS));
      }
    }
    return written;
  }
}

class FileOutput implements LogOutput {
  readonly #path: string;
  readonly #fallback: LogOutput;
  #file: Deno.FsFile;
  /** Device and inode of the open file. */
  #identity: string | undefined;
  #failing = false;
  #torn = false;

  constructor(path: string, fallback: LogOutput) {
    this.#path = path;
    this.#fallback = fallback;
    this.#file = openFile(path);
    this.#identity = identify(() => this.#file.statSync());
  }

  write(line: string): void {
    try {
      this.#follow();
      this.#append(this.#torn ? `\n${line}` : line);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#complain(error);
      this.#failing = true;
      this.#fallback.write(line);
    }
  }

  async flush(): Promise<void> {
    await this.#fallback.flush();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #complain(error: unknown): void {
    const text = error instanceof OperatorError
      ? error.message
      : `Cannot write to the log file "${this.#path}": ${explain(error)}`;
    this.#fallback.write(
      `error: ${text}\nhint: until this is repaired, its lines go to standard error\n`,
    );
  }

  #append(text: string): void {
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
      rest = rest.subarray(this.#file.writeSync(rest));
      this.#torn = rest.length > 0;
    }
  }

  /**
   * Opens the file again under its name if another one is there, or none, as after a rotation. One `stat` a
   * line is a few microseconds, and the first line after a rotation is in the new file.
   *
   * @throws {OperatorError} If that fails; then the former file stays in use.
   */
  #follow(): void {
    if (identify(() => Deno.statSync(this.#path)) === this.#identity) return;
    const file = openFile(this.#path);
    this.#file.close();
    this.#file = file;
    this.#identity = identify(() => file.statSync());
    this.#torn = false;
  }
}

function openFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { append: true, create: true, mode: FILE_MODE });
  } catch (error) {
    throw new OperatorError(
      `Cannot open the log file "${path}": ${explain(error)}`,
      {
        cause: error,
        hint: error instanceof Deno.errors.NotFound
          ? "make its folder, owned by the user that runs this program"
          : "let the user that runs this program write to the file and its folder",
      },
    );
  }
}

/** What is wrong with the file, in words. */
const REASONS = [
  [Deno.errors.NotFound, "its folder does not exist"],
  [Deno.errors.PermissionDenied, "this user may not write it"],
  [Deno.errors.NotCapable, "this program may not write there"],
  [Deno.errors.IsADirectory, "it is a folder"],
] as const;

function explain(error: unknown): string {
  return REASONS.find(([type]) => error instanceof type)?.[1] ??
    (error instanceof Error ? error.message : String(error));
}

function identify(stat: () => Deno.FileInfo): string | undefined {
  try {
    const { dev, ino } = stat();
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
