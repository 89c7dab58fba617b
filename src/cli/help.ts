/**
 * `teleport-discord help`, and the table of commands that it shows.
 *
 * @module
 */

import { DEFAULT_CONFIG_PATH } from "../config/default_path.ts";

/** One flag of a command. */
export interface Flag {
  readonly name: string;
  /** Its letter, if it has one. */
  readonly short?: string;
  /** Name of the flag's value in the usage; `undefined` if it takes none. */
  readonly value?: string;
  /** Whether the command does nothing without it. */
  readonly required?: boolean;
  /** Whether the command asks for it if it is missing; where nobody can be asked, it is required. */
  readonly isAsked?: boolean;
  readonly summary: string;
}

/** One command. */
export interface Command {
  readonly name: string;
  /** What stands behind the name in the usage. */
  readonly operands?: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
}

/** The flag that every command has. */
export const HELP_FLAG: Flag = {
  name: "help",
  short: "h",
  summary: "Show this help and exit",
};

const CONFIG_FLAG: Flag = {
  name: "config",
  short: "c",
  value: "FILE",
  summary: `Configuration file (default ${DEFAULT_CONFIG_PATH})`,
};

const DEBUG_FLAG: Flag = {
  name: "debug",
  short: "d",
  summary: "Log at severity debug",
};

/** Returns a flag of `init` that answers one of its questions. */
function asked(name: string, value: string, summary: string): Flag {
  return { name, value, isAsked: true, summary };
}

/** Every command, in the order of the usage. */
export const COMMANDS = [
  {
    name: "start",
    summary: "Run the plugin in the foreground until it is told to stop",
    flags: [CONFIG_FLAG, DEBUG_FLAG],
  },
  {
    name: "init",
    summary:
      "Set the plugin up by questions: try each answer, write the files, check them",
    flags: [
      asked("identity", "FILE", "Identity file of the plugin's Teleport user"),
      asked("addr", "HOST:PORT", "Address of the Proxy or the Auth Service"),
      asked("token-file", "FILE", "File with the bot token alone"),
      asked("channel", "ID|LINK", "Channel that is told of every request"),
      {
        name: "directory",
        value: "FOLDER",
        summary:
          "Write everything into this folder (default: where the service looks)",
      },
      { name: "overwrite", summary: "Replace files without asking" },
      {
        name: "apiurl",
        value: "URL",
        summary: "Address of Discord's API, where it is not Discord's own",
      },
      {
        name: "print-role",
        summary:
          "Only print the role and the user to create in Teleport, as YAML",
      },
    ],
  },
  {
    name: "check",
    summary: "Say what is wrong with the set-up, and how to repair it",
    flags: [
      CONFIG_FLAG,
      DEBUG_FLAG,
      { name: "json", summary: "Print JSON, for programs" },
      {
        name: "send-test",
        summary: "Post a test message to each recipient, and remove it",
      },
    ],
  },
  {
    name: "rules",
    operands: "test",
    summary:
      "Say which access monitoring rules match a request, why, and who would be told",
    flags: [
      {
        name: "request",
        value: "FILE|ID",
        required: true,
        summary:
          "What `tctl get access_request/ID` printed, or the ID of a request in the cluster",
      },
      {
        name: "rules",
        value: "FILE",
        summary:
          "Rules as `tctl create` takes them (default: those of the cluster)",
      },
      CONFIG_FLAG,
    ],
  },
  {
    name: "healthcheck",
    summary: "Ask the running plugin whether it is ready; needs [http] listen",
    flags: [CONFIG_FLAG],
  },
  {
    name: "configure",
    summary: "Print an example of a configuration file",
    flags: [],
  },
  {
    name: "version",
    summary: "Print the version, as --version does",
    flags: [],
  },
  {
    name: "help",
    operands: "[COMMAND]",
    summary: "Show help, for all or for one command",
    flags: [],
  },
] as const satisfies readonly Command[];

/** Name of a command. */
export type CommandName = typeof COMMANDS[number]["name"];

/** Returns the help for one command, or for the whole program. */
export function formatHelp(command?: Command): string {
  if (command !== undefined) return formatCommandHelp(command);
  const rows = COMMANDS.map(({ name, summary }) => [name, summary] as const);
  return `\
Usage: teleport-discord <command> [flags]

Teleport plugin that shows access requests in Discord.

Commands:
${formatRows(rows)}
\`teleport-discord help <command>\` shows the flags of a command.
`;
}

function formatCommandHelp(command: Command): string {
  const usage = ["teleport-discord", command.name];
  if (command.operands !== undefined) usage.push(command.operands);
  const flags = [...command.flags, HELP_FLAG];
  for (const flag of flags) {
    const text = formatFlag(flag, " | ");
    usage.push(flag.required === true ? text : `[${text}]`);
  }
  return `\
Usage: ${usage.join(" ")}

${command.summary}.

Flags:
${formatRows(flags.map((flag) => [formatFlag(flag, ", "), flag.summary]))}`;
}

function formatFlag(flag: Flag, separator: string): string {
  const value = flag.value === undefined ? "" : ` ${flag.value}`;
  const short = flag.short === undefined ? "" : `-${flag.short}${separator}`;
  return `${short}--${flag.name}${value}`;
}

function formatRows(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows
    .map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
