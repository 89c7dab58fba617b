/**
 * Entry point: signals, and the exit code.
 *
 * @module
 */

import { run } from "./src/cli/cli.ts";
import { isJournal, withPriorities } from "./src/lib/host/journal.ts";

const stop = new AbortController();

Deno.addSignalListener("SIGTERM", () => askToStop("SIGTERM"));
Deno.addSignalListener("SIGINT", () => {
  if (stop.signal.aborted) Deno.exit(130);
  askToStop("SIGINT");
});

const onJournal = await isJournal(journalStream());

Deno.exit(
  await run(Deno.args, {
    out: (text) => print(Deno.stdout, text),
    err: (text) => print(Deno.stderr, forStderr(text)),
    colored: Deno.stdout.isTerminal() && !Deno.noColor,
  }, stop.signal),
);

function askToStop(signal: Deno.Signal): void {
  stop.abort(new DOMException(`Stopped by ${signal}`, "AbortError"));
}

/** Lets the journal know an error as such. */
function forStderr(text: string): string {
  return onJournal ? withPriorities(text) : text;
}

function journalStream(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" ? Deno.env.get("JOURNAL_STREAM") : undefined;
}

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
