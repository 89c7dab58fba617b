/**
 * The command line: arguments in, an exit code out.
 *
 * @module
 */

import { DEFAULT_CONFIG_PATH, SETUP_PATHS } from "../config/default_path.ts";
import { nearest } from "../config/reading/nearest_word.ts";
import {
  ConfigError,
  formatProblem,
  quote,
} from "../config/reading/problem.ts";
import { EXIT } from "../lib/exit_codes.ts";
import { describeError } from "../lib/log/log_format.ts";
import { OperatorError } from "../lib/operator_error.ts";
import type { Terminal } from "../lib/terminal.ts";
import {
  type Command,
  type CommandName,
  COMMANDS,
  formatHelp,
  HELP_FLAG,
} from "./help.ts";
import { formatVersion } from "./version.ts";

/** The arguments make no sense. */
class UsageError extends OperatorError {
  readonly command: Command | undefined;

  constructor(message: string, command?: Command, hint?: string) {
    super(message, { hint });
    this.command = command;
  }
}

/**
 * Runs one command.
 *
 * @param args The arguments behind the name of the program.
 * @param stop Asks a running daemon to end.
 * @returns The exit code.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  try {
    return await dispatch(args, terminal, stop);
  } catch (error) {
    return report(error, terminal);
  }
}

/** Says what went wrong and returns the exit code for it. */
export function report(error: unknown, terminal: Terminal): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) {
      const label = problem.severity === "warning" ? "warning" : "error";
      terminal.err(format(label, formatProblem(problem), problem.hint));
    }
    return EXIT.config;
  }
  const hint = error instanceof OperatorError ? error.hint : undefined;
  terminal.err(format("error", describeError(error), hint));
  if (error instanceof UsageError) {
    terminal.err(`\n${formatHelp(error.command)}`);
    return EXIT.usage;
  }
  return error instanceof OperatorError ? EXIT.config : EXIT.failure;
}

function format(label: string, text: string, hint: string | undefined): string {
  return `${label}: ${text}\n${hint === undefined ? "" : `hint: ${hint}\n`}`;
}

async function dispatch(
  [first, ...rest]: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  /** Prints a text, and returns the exit code of a command that does nothing else. */
  const print = (text: string) => {
    terminal.out(text);
    return EXIT.stopped;
  };
  if (first === undefined) throw new UsageError("Cannot run without a command");
  if (first === "-h" || first === "--help") return print(formatHelp());
  const command = findCommand(first === "--version" ? "version" : first);
  const { flags, operands } = await parse(command, rest);
  const text = (name: string) =>
    flags[name] === undefined ? undefined : String(flags[name]);
  const configPath = text("config") ?? DEFAULT_CONFIG_PATH;
  const debug = flags.debug === true;
  if (flags.help === true) return print(formatHelp(command));
  if (command.name !== "init") giveUpSetup();
  switch (command.name) {
    case "start": {
      // Only here: the other commands need neither gRPC nor Discord, and run on an older Deno.
      const { start } = await import("./start.ts");
      return await start({ configPath, debug }, stop);
    }
    case "init": {
      const hasPerson = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
      const printRole = flags["print-role"] === true;
      if (!hasPerson && !printRole) requireAnswers(command, flags);
      const { init } = await import("./init/init.ts");
      return await init(
        {
          identity: text("identity"),
          addr: text("addr"),
          tokenFile: text("token-file"),
          channel: text("channel"),
          directory: text("directory"),
          overwrite: flags.overwrite === true,
          apiUrl: text("apiurl"),
          printRole,
        },
        terminal,
        hasPerson ? Deno.stdin : undefined,
        stop,
      );
    }
    case "check": {
      const { check } = await import("../check/check.ts");
      return await check(
        {
          configPath,
          debug,
          json: flags.json === true,
          sendTest: flags["send-test"] === true,
        },
        terminal,
        stop,
      );
    }
    case "rules": {
      const [what] = operands;
      if (what !== "test") {
        throw new UsageError(
          `Expected \`rules test\`, found ${
            what === undefined ? "nothing" : quote(what)
          }`,
          command,
        );
      }
      const request = text("request");
      if (request === undefined) {
        throw new UsageError("Flag --request is required", command);
      }
      const { testRules } = await import("./rules_test/test_rules.ts");
      return await testRules(
        { request, rules: text("rules"), config: text("config") },
        print,
        stop,
      );
    }
    case "healthcheck": {
      const { healthcheck } = await import("./healthcheck.ts");
      try {
        return await healthcheck(configPath, (line) => print(`${line}\n`));
      } catch (error) {
        report(error, terminal);
        // Whatever is wrong, Docker knows no other code.
        return EXIT.failure;
      }
    }
    case "configure": {
      const { default: example } = await import("./example.toml", {
        with: { type: "text" },
      });
      return print(example);
    }
    case "version":
      return print(`${formatVersion()}\n`);
    case "help": {
      const [name, operand] = operands;
      const asked = name === undefined ? undefined : findCommand(name);
      if (operand !== undefined && operand !== asked?.operands) {
        throw unexpected(operand, command);
      }
      return print(formatHelp(asked));
    }
  }
}

function findCommand(name: string): Command & { name: CommandName } {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  const what = name.startsWith("-") ? "flag" : "command";
  const near = nearest(name, COMMANDS.map((each) => each.name));
  throw new UsageError(
    `Unknown ${what} ${quote(name)}`,
    undefined,
    near === undefined ? undefined : `did you mean \`${near}\`?`,
  );
}

/** Of all commands only `init` writes the configuration: the others give up the right to, for good. */
function giveUpSetup(): void {
  for (const path of SETUP_PATHS) {
    Deno.permissions.revokeSync({ name: "write", path });
  }
}

/** What nobody can be asked has to be in the flags. */
function requireAnswers(command: Command, flags: Arguments["flags"]): void {
  const missing = command.flags
    .filter(({ name, isAsked }) => isAsked === true && !(name in flags))
    .map(({ name }) => `--${name}`);
  if (missing.length === 0) return;
  throw new UsageError(
    `Cannot ask without a terminal: ${missing.join(", ")} ${
      missing.length === 1 ? "is" : "are"
    } missing`,
    command,
    "each of these flags answers a question; `init --print-role` prints what to create in Teleport before",
  );
}

interface Arguments {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly operands: readonly string[];
}

async function parse(
  command: Command,
  args: readonly string[],
): Promise<Arguments> {
  if (args.length === 0) return { flags: {}, operands: [] };
  // Only now: it takes nearly as long to load as an empty program.
  const { parseArgs } = await import("node:util");
  const known = [...command.flags, HELP_FLAG];
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(known.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? "boolean" : "string",
        ...(short !== undefined && { short }),
      },
    ])),
    // Checked below, to say it in our words.
    strict: false,
    tokens: true,
    allowNegative: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = known.find(({ name }) => name === token.name);
    if (flag === undefined) {
      const near = nearest(token.name, known.map(({ name }) => name));
      const hint = near === undefined ? undefined : `did you mean --${near}?`;
      throw new UsageError(
        `Unknown flag ${quote(token.rawName)}`,
        command,
        hint,
      );
    }
    const isEmpty = (token.value ?? "") === "";
    if (flag.value !== undefined && isEmpty) {
      throw new UsageError(`Flag --${flag.name} needs a value`, command);
    }
    if (flag.value === undefined && token.value !== undefined) {
      throw new UsageError(`Flag --${flag.name} takes no value`, command);
    }
  }
  const { name, operands } = command;
  // What `help` asks about may have two words: `rules test`.
  const most = name === "help" ? 2 : operands === undefined ? 0 : 1;
  const extra = positionals[most];
  if (extra !== undefined) throw unexpected(extra, command);
  return { flags: values, operands: positionals };
}

function unexpected(argument: string, command: Command): UsageError {
  return new UsageError(`Unexpected argument ${quote(argument)}`, command);
}
