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
  /** Writes one line, given with its line end. It never throws. */
  write(line: string): void;
  /**
   * Opens a file again under its name, as after a rotation.
   *
   * @throws {OperatorError} If that fails; then the former file stays in use.
   */
  reopen(): void;
}

/** Takes bytes, perhaps not all at once. */
interface ByteSink {
  writeSync(bytes: Uint8Array): number;
}

const FILE_MODE = 0o640;

/** How often a full pipe is tried again, 1 ms apart, before the line is given up. */
const MAX_TRIES = 20;

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

/** Writes to a standard stream; a reader that went away or is stuck costs lines, not the program. */
class StreamOutput implements LogOutput {
  readonly #sink: ByteSink;
  /** Whether the last line was written in part. */
  #torn = false;
  #stuck = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  write(line: string): void {
    const tries = this.#stuck ? 1 : MAX_TRIES;
    const text = this.#torn ? `\n${line}` : line;
    const rest = writeAll(this.#sink, new TextEncoder().encode(text), tries);
    this.#stuck = rest.error !== undefined;
    this.#torn = rest.written > 0 ? this.#stuck : this.#torn;
  }

  reopen(): void {}

  [Symbol.dispose](): void {}
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
    const error = this.#tryWrite(line);
    if (error === undefined) {
      this.#failing = false;
      return;
    }
    if (!this.#failing) {
      this.#failing = true;
      this.#fallback.write(`error: ${this.#complaint(error)}\n`);
      this.#fallback.write(
        "hint: until this is repaired, its lines go to standard error\n",
      );
    }
    this.#fallback.write(line);
  }

  reopen(): void {
    const file = openFile(this.#path);
    this.#file.close();
    this.#file = file;
    this.#identity = identify(() => file.statSync());
    this.#torn = false;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #complaint(error: unknown): string {
    return error instanceof OperatorError
      ? error.message
      : `Cannot write to the log file "${this.#path}": ${explain(error)}`;
  }

  #tryWrite(line: string): unknown {
    // One `stat` a line is a few microseconds, and the first line after a rotation is in the new file.
    if (identify(() => Deno.statSync(this.#path)) !== this.#identity) {
      try {
        this.reopen();
      } catch (error) {
        return error;
      }
    }
    const text = this.#torn ? `\n${line}` : line;
    const rest = writeAll(this.#file, new TextEncoder().encode(text), 1);
    if (rest.written > 0) this.#torn = rest.error !== undefined;
    return rest.error;
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

function explain(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its folder does not exist";
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not write it";
  }
  if (error instanceof Deno.errors.NotCapable) {
    return "this program may not write there";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}

function identify(stat: () => Deno.FileInfo): string | undefined {
  try {
    const { dev, ino } = stat();
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function writeAll(
  sink: ByteSink,
  bytes: Uint8Array,
  maxTries: number,
): { written: number; error: unknown } {
  let written = 0;
  for (let tries = 1; written < bytes.length;) {
    try {
      written += sink.writeSync(bytes.subarray(written));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock) || tries++ >= maxTries) {
        return { written, error };
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return { written, error: undefined };
}
