/**
 * Reads small text files.
 *
 * @module
 */

/** A file could not be read as text; the message says why, without the name of the file. */
export class ReadError extends Error {
  override readonly name = "ReadError";
  /** Why the file cannot be opened, where that tells what to do. */
  readonly why: "missing" | "denied" | undefined;

  constructor(message: string, why?: "missing" | "denied") {
    super(message);
    this.why = why;
  }
}

/**
 * Reads a UTF-8 file.
 *
 * @throws {ReadError} If the file cannot be read, is longer than `maxBytes`, or is not UTF-8.
 */
export async function readText(
  path: string,
  maxBytes: number,
): Promise<string> {
  const bytes = await readBytes(path, maxBytes + 1);
  if (bytes.length > maxBytes) {
    throw new ReadError(`it is longer than ${maxBytes} bytes`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ReadError("it is not UTF-8 text");
  }
}

/** Says why a file cannot be opened for reading; `undefined` if it can. */
export async function findReadFault(path: string): Promise<string | undefined> {
  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory) return "it is a folder";
    using _ = await Deno.open(path);
    return undefined;
  } catch (error) {
    return toReadError(error).message;
  }
}

/** Reads up to `count` bytes, so that a device or a wrong file does not fill the memory. */
async function readBytes(path: string, count: number): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(count);
    let length = 0;
    while (length < count) {
      const read = await file.read(buffer.subarray(length));
      if (read === null) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    throw toReadError(error);
  }
}

/** What is wrong with the file, in words. */
const REASONS = [
  [Deno.errors.NotFound, "no such file", "missing"],
  [Deno.errors.PermissionDenied, "this user may not read it", "denied"],
  [Deno.errors.NotCapable, "this program may not read there", undefined],
  [Deno.errors.IsADirectory, "it is a folder", undefined],
] as const;

function toReadError(error: unknown): ReadError {
  const known = REASONS.find(([type]) => error instanceof type);
  if (known !== undefined) return new ReadError(known[1], known[2]);
  return new ReadError(error instanceof Error ? error.message : String(error));
}
