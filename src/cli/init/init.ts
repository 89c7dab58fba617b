/**
 * `teleport-discord init`
 *
 * @module
 */

import { resolve } from "node:path";
import { check } from "../../check/check.ts";
import {
  type CheckHost,
  limitTime,
  systemCheckHost,
} from "../../check/collect/check_host.ts";
import { sendTest } from "../../check/collect/test_message.ts";
import { exitCodeFor } from "../../check/report/finding.ts";
import { EXIT } from "../../lib/exit_codes.ts";
import { requireDeno } from "../../lib/deno_version.ts";
import { createStderrLogger } from "../../lib/log/logger.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type { Terminal } from "../../lib/terminal.ts";
import { EN } from "../../message/catalogue/en.ts";
import { askRecipient, askToken, invite } from "./ask_discord.ts";
import { askAddress, askIdentity } from "./ask_teleport.ts";
import { formatConfig } from "./config_text.ts";
import { formatInstallLines, type NewFile } from "./install_lines.ts";
import { Interruption, type Keyboard, Prompt } from "./prompt.ts";
import { Interview, UnfitAnswer } from "./interview.ts";
import { folderLayout, type Layout, PACKAGE_LAYOUT } from "./layout.ts";
import roleYaml from "./teleport-discord.yaml" with { type: "text" };
import { findExisting, findHindrance, writeFiles } from "./write_files.ts";

/** What the flags say; what they do not is asked. */
export interface InitOptions {
  readonly identity: string | undefined;
  readonly addr: string | undefined;
  readonly tokenFile: string | undefined;
  readonly channel: string | undefined;
  /** Where everything is written, in place of where the packages expect it. */
  readonly directory: string | undefined;
  readonly overwrite: boolean;
  readonly apiUrl: string | undefined;
  /** Whether to do nothing but print the role. */
  readonly printRole: boolean;
}

/** Of an interrupted program. */
const INTERRUPTED = 130;

/**
 * Sets the plugin up by questions, and ends with `check --send-test`. Until everything is answered, nothing is
 * written.
 *
 * @param keyboard Where answers come from; `undefined` if there is nobody to ask.
 * @returns The exit code: that of `check`, or 130 if it was interrupted.
 * @throws {OperatorError} If files are there that must not be replaced, or cannot be written.
 */
export async function init(
  options: InitOptions,
  terminal: Terminal,
  keyboard: Keyboard | undefined,
  stop: AbortSignal,
  host: CheckHost = systemCheckHost(),
): Promise<number> {
  if (options.printRole) {
    terminal.out(roleYaml);
    return EXIT.stopped;
  }
  requireDeno();
  await using logger = createStderrLogger("error", host.clock);
  const prompt = keyboard &&
    new Prompt({ keyboard, print: (text) => terminal.out(text), stop });
  // Each answer is tried within the time that a check has, however long a person takes to give it.
  using limits = new DisposableStack();
  const interview = new Interview(terminal, prompt, () => ({
    ...host,
    logger,
    signal: limits.use(limitTime(host, stop)).signal,
  }));
  try {
    return await setUp(options, terminal, interview, host, stop);
  } catch (error) {
    if (error instanceof Interruption) {
      terminal.err("\nInterrupted: nothing was written.\n");
      return INTERRUPTED;
    }
    if (!(error instanceof UnfitAnswer)) throw error;
    terminal.err("Nothing was written.\n");
    return error.exitCode;
  }
}

async function setUp(
  options: InitOptions,
  terminal: Terminal,
  interview: Interview,
  host: CheckHost,
  stop: AbortSignal,
): Promise<number> {
  const { directory, tokenFile, channel, overwrite, apiUrl } = options;
  const layout = directory === undefined
    ? PACKAGE_LAYOUT
    : folderLayout(directory);
  const hindrance = await findHindrance(layout, host.uid);
  interview.say(introduce(layout, hindrance));
  interview.say("\nTeleport\n\n");
  const identity = await askIdentity(interview, options.identity);
  const addr = await askAddress(interview, options.addr, identity);
  interview.say(`\nDiscord\n\n${tokenFile === undefined ? ABOUT_TOKEN : ""}`);
  const bot = await askToken(interview, tokenFile, apiUrl);
  await invite(interview, bot);
  const recipient = await askRecipient(interview, channel, bot);
  interview.say("\n");
  const copy = layout.identity(identity.path);
  const text = formatConfig({
    addr,
    identityPath: copy?.path ?? identity.path,
    tokenPath: layout.token.path,
    recipient: recipient.name,
    apiUrl,
  });
  const token = {
    secret: `${bot.token.reveal()}\n`,
    isIn: bot.file && resolve(bot.file),
  };
  const files: NewFile[] = [
    { place: layout.token, content: token },
    { place: layout.config, content: { text } },
  ];
  if (copy !== undefined) {
    files.unshift({ place: copy, content: { copyOf: identity.path } });
  }
  if (
    hindrance !== undefined || !await mayReplace(files, overwrite, interview)
  ) {
    const { client } = bot;
    const context = interview.startCheck();
    const finding = await sendTest(recipient, EN, client, context);
    interview.show([finding]);
    interview.say(howToWrite(files, layout));
    return exitCodeFor([finding]);
  }
  stop.throwIfAborted();
  await writeFiles(files);
  for (const { place } of files) interview.say(`Wrote ${place.path}\n`);
  interview.say("\n");
  const configPath = layout.config.path;
  const exitCode = await check(
    { configPath, debug: false, json: false, sendTest: true },
    terminal,
    stop,
    host,
  );
  interview.say(exitCode === EXIT.stopped ? howToStart(layout) : REPAIR);
  return exitCode;
}

function introduce(layout: Layout, hindrance: string | undefined): string {
  const { config } = layout;
  const end = hindrance === undefined
    ? `Then it writes ${config.path}.`
    : `As ${hindrance}, it then prints the files and the commands that write them${
      layout.kind === "package" ? "; as root (sudo) it writes them itself" : ""
    }.`;
  return `\
This sets up teleport-discord: it asks for an identity and an address of Teleport, and for a bot token and a
channel of Discord, and tries each answer at once. ${end} Ctrl-C ends it before anything is written.
`;
}

/**
 * Whether what is there may be replaced.
 *
 * @throws {OperatorError} If it must not, and nobody can be asked.
 */
async function mayReplace(
  files: readonly NewFile[],
  isForced: boolean,
  interview: Interview,
): Promise<boolean> {
  const existing = await findExisting(files.map(({ place }) => place));
  if (existing.length === 0 || isForced) return true;
  const names = existing.join(", ");
  if (!interview.hasPerson) {
    throw new OperatorError(`Cannot write over what is there: ${names}`, {
      hint: "add --overwrite to replace it",
    });
  }
  return await interview.confirm(`Replace ${names}?`);
}

const ABOUT_TOKEN = `\
The bot token is on the page "Bot" of an application at https://discord.com/developers/applications: choose
"New Application" for a new one, turn off "Public Bot" there, press "Reset Token" and copy it.

`;

const REPAIR =
  "\nRepair what the check names, then run it again: the files are written.\n";

function howToStart(layout: Layout): string {
  return `
All is well. Start the plugin:

  ${layout.commandLine("start")}
`;
}

function howToWrite(files: readonly NewFile[], layout: Layout): string {
  return `
Write the files with these commands:

${formatInstallLines(files)}
Then check and start the plugin:

  ${layout.commandLine("check")}
  ${layout.commandLine("start")}
`;
}
