/**
 * `teleport-discord init`
 *
 * @module
 */

import { resolve } from "node:path";
import { check } from "../../check/check.ts";
import {
  type CheckHost,
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
import { quoteWord } from "../../ports/admin_hints.ts";
import { askRecipient, askToken, invite } from "./ask_discord.ts";
import { askAddress, askIdentity } from "./ask_teleport.ts";
import { formatConfig } from "./config_text.ts";
import { formatInstallLines, type NewFile } from "./install_lines.ts";
import { Interruption, type Keyboard, Prompt } from "./prompt.ts";
import { Interview, type StartCheck, UnfitAnswer } from "./interview.ts";
import { folderLayout, type Layout, PACKAGE_LAYOUT } from "./layout.ts";
import { ROLE_YAML } from "./teleport_user.ts";
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
    terminal.out(ROLE_YAML);
    return EXIT.stopped;
  }
  requireDeno();
  const prompt = keyboard &&
    new Prompt({ keyboard, print: (text) => terminal.out(text), stop });
  const interview = new Interview(terminal, prompt);
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
  const print = (text: string) => terminal.out(text);
  const layout = options.directory === undefined
    ? PACKAGE_LAYOUT
    : folderLayout(options.directory);
  const hindrance = await findHindrance(layout, host.uid);
  print(introduce(layout, hindrance));
  await using logger = createStderrLogger("error", host.clock);
  // Each answer is tried within the time that a check has, however long a person takes to give it.
  const startCheck: StartCheck = () => ({
    ...host,
    logger,
    signal: AbortSignal.any([stop, AbortSignal.timeout(host.limitMs)]),
  });
  print("\nTeleport\n\n");
  const { identity: file, apiUrl } = options;
  const identity = await askIdentity(interview, file, print, startCheck);
  const addr = await askAddress(interview, options.addr, identity, startCheck);
  print(`\nDiscord\n\n${options.tokenFile === undefined ? ABOUT_TOKEN : ""}`);
  const bot = await askToken(interview, options.tokenFile, apiUrl, startCheck);
  await invite(interview, bot, print, startCheck);
  const recipient = await askRecipient(
    interview,
    options.channel,
    bot,
    startCheck,
  );
  print("\n");
  const copy = layout.identity(identity.path);
  const files: readonly NewFile[] = [
    ...copy === undefined
      ? []
      : [{ place: copy, content: { copyOf: identity.path } }],
    { place: layout.token, content: { secret: `${bot.token.reveal()}\n` } },
    {
      place: layout.config,
      content: {
        text: formatConfig({
          addr,
          identityPath: copy?.path ?? identity.path,
          tokenPath: layout.token.path,
          recipient: recipient.name,
          apiUrl,
        }),
      },
    },
  ];
  const mayWrite = hindrance === undefined &&
    await mayReplace(files, options.overwrite, interview);
  if (mayWrite) {
    stop.throwIfAborted();
    await writeFiles(files);
    for (const { place } of files) print(`Wrote ${place.path}\n`);
    print("\n");
    const exitCode = await check(
      {
        configPath: layout.config.path,
        debug: false,
        json: false,
        sendTest: true,
      },
      terminal,
      stop,
      host,
    );
    print(`\n${exitCode === EXIT.stopped ? nextSteps(layout) : REPAIR}`);
    return exitCode;
  }
  const finding = await sendTest(
    recipient,
    EN,
    bot.client,
    startCheck(),
  );
  interview.show([finding]);
  const { file: tokenFile } = bot;
  const shown = tokenFile === undefined
    ? files
    : files.map((each) =>
      each.place === layout.token
        ? { ...each, content: { copyOf: resolve(tokenFile) } }
        : each
    );
  print(`\nWrite the files with these commands:\n\n`);
  print(`${formatInstallLines(shown)}\n`);
  print(
    `Then check and start the plugin:\n\n${
      commandsFor(layout, "check", "start")
    }`,
  );
  return exitCodeFor([finding]);
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
  "Repair what the check names, then run it again: the files are written.\n";

function nextSteps(layout: Layout): string {
  return `All is well. Start the plugin:\n\n${commandsFor(layout, "start")}`;
}

/** Returns how these commands are run, a line each. */
function commandsFor(
  { kind, config }: Layout,
  ...commands: readonly (keyof typeof OF_PACKAGE)[]
): string {
  return commands.map((command) =>
    kind === "package"
      ? `  ${OF_PACKAGE[command]}\n`
      : `  ${programCommand()} ${command} --config=${quoteWord(config.path)}\n`
  ).join("");
}

const OF_PACKAGE = {
  check: "sudo -u teleport-discord teleport-discord check",
  start: "sudo systemctl enable --now teleport-discord",
};

/** What starts this program: from the sources there is no command of its name. */
function programCommand(): string {
  const path = decodeURIComponent(new URL(Deno.mainModule).pathname);
  return path.endsWith(".ts")
    ? `deno run --allow-net --allow-env --allow-read ${quoteWord(path)}`
    : "teleport-discord";
}
