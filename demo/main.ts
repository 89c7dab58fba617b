/**
 * `deno task demo`: the plugin at work, between stand-ins for Teleport and Discord.
 *
 * It ends with exit code 0 only if every message was as it should be.
 *
 * @module
 */

import { launcherEnded } from "../programs/launcher.ts";
import { createStyle } from "./style.ts";
import { explore } from "./explore.ts";
import { play } from "./play.ts";
import { Screen } from "./screen.ts";
import { DemoFailure, REVIEWERS, Stage } from "./stage.ts";

const USAGE = `\
Usage: deno task demo [--keep]

Shows the plugin at work, between stand-ins for Teleport and Discord on this machine.

Flags:
  --keep      Keep everything running afterwards, and take commands
  -h, --help  Show this help and exit
`;

const COLUMNS = 100;
const PAUSE_MS = 700;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => {
    stop.abort(new DOMException(`Stopped by ${signal}`, "AbortError"));
  });
}

launcherEnded().then(() => {
  stop.abort(new DOMException("Stopped, since npx has ended", "AbortError"));
});

// `deno task demo -- --keep` hands on the two dashes as well.
Deno.exit(await main(Deno.args.filter((arg) => arg !== "--")));

async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg === "-h" || arg === "--help")) {
    print(Deno.stdout, USAGE);
    return 0;
  }
  if (args.some((arg) => arg !== "--keep")) {
    print(Deno.stderr, USAGE);
    return 64;
  }
  const screen = createScreen();
  try {
    await run(screen, args.includes("--keep"));
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    if (!(error instanceof DemoFailure)) throw error;
    print(Deno.stderr, `\n${screen.style.bad("✗")} ${error.message}\n`);
    return 1;
  }
}

async function run(screen: Screen, keep: boolean): Promise<void> {
  await using stage = await Stage.open(stop.signal);
  await play(stage, screen, stop.signal);
  if (!keep) return;
  await stage.startPlugin();
  await explore(stage, screen, stop.signal);
}

function createScreen(): Screen {
  const isTerminal = Deno.stdout.isTerminal();
  return new Screen({
    print: (text) => print(Deno.stdout, text),
    style: createStyle(isTerminal && !Deno.noColor),
    columns: isTerminal
      ? Math.min(COLUMNS, Deno.consoleSize().columns)
      : COLUMNS,
    people: new Map(Object.entries(REVIEWERS).map(([name, id]) => [id, name])),
    pauseMs: isTerminal ? PAUSE_MS : 0,
  });
}

function print(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}
