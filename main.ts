/**
 * Entry point: signals, and the exit code.
 *
 * @module
 */

import { run } from "./src/cli.ts";

const stop = new AbortController();

const askToStop = (signal: Deno.Signal) =>
  stop.abort(new DOMException(`Stopped by ${signal}`, "AbortError"));

Deno.addSignalListener("SIGTERM", () => askToStop("SIGTERM"));
Deno.addSignalListener("SIGINT", () => {
  if (stop.signal.aborted) Deno.exit(130);
  askToStop("SIGINT");
});

Deno.exit(
  await run(Deno.args, {
    out: (text) => print(Deno.stdout, text),
    err: (text) => print(Deno.stderr, text),
    colored: Deno.stdout.isTerminal() && !Deno.noColor,
  }, stop.signal),
);

/** Prints all of a text; a reader that went away has seen what it wanted. */
function print(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
