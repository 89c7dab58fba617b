/**
 * What shells complete, made of the table of commands.
 *
 * @module
 */

import {
  type Command,
  COMMANDS,
  type Flag,
  HELP_FLAG,
} from "../src/cli/help.ts";

const TABLE: readonly Command[] = COMMANDS;

const NAMES = TABLE.map(({ name }) => name);

/** What may stand behind the name of a command. */
const operandsOf = ({ operands }: Command): readonly string[] => {
  if (operands === undefined) return [];
  return operands === "[COMMAND]" ? NAMES : [operands];
};

const flagsOf = ({ flags }: Command): readonly Flag[] => [...flags, HELP_FLAG];

/** Each way to write a flag. */
const spellings = ({ name, short }: Flag): readonly string[] => [
  ...short === undefined ? [] : [`-${short}`],
  `--${name}`,
];

/** Returns the completions for bash. */
export function formatBash(): string {
  const cases = TABLE.map((command) => {
    const words = flagsOf(command).flatMap((flag) =>
      spellings(flag).map((spelling) =>
        flag.value !== undefined && spelling.startsWith("--")
          ? `${spelling}=`
          : spelling
      )
    );
    words.push(...operandsOf(command));
    return `    ${command.name}) words="${words.join(" ")}" ;;`;
  });
  const withValue = [
    ...new Set(
      TABLE.flatMap(flagsOf).filter(({ value }) => value !== undefined)
        .flatMap(spellings),
    ),
  ];
  return `# bash completion for teleport-discord
_teleport_discord() {
  local cur prev words files=
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur= files=yes
  elif [[ $prev == = ]]; then
    files=yes
  fi
  case $prev in
    ${withValue.join(" | ")}) files=yes ;;
  esac
  if [[ -n $files ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames
  else
    if ((COMP_CWORD == 1)); then
      words="${NAMES.join(" ")} -h --help --version"
    else
      case \${COMP_WORDS[1]} in
    ${cases.join("\n    ")}
      esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    [[ \${COMPREPLY[0]-} == *= ]] && compopt -o nospace
  fi
}
complete -F _teleport_discord teleport-discord
`;
}

/** Returns the completions for zsh. */
export function formatZsh(): string {
  const text = (words: string) =>
    words.replace(/[[\]:'\\]/g, (char) => char === "'" ? `'\\''` : `\\${char}`);
  const specs = (command: Command) => [
    ...flagsOf(command).flatMap((flag) => {
      const all = spellings(flag);
      const value = flag.value && `:${flag.value.toLowerCase()}:_files`;
      return all.map((spelling) => {
        const assign = value && spelling.startsWith("--") ? "=" : "";
        const what = `[${text(flag.summary)}]${value ?? ""}`;
        return `'(${all.join(" ")})${spelling}${assign}${what}'`;
      });
    }),
    ...command.operands === undefined
      ? []
      : [`'1:operand:(${operandsOf(command).join(" ")})'`],
  ];
  return `#compdef teleport-discord
local -a commands
commands=(
${TABLE.map(({ name, summary }) => `  '${name}:${text(summary)}'`).join("\n")}
)
if (( CURRENT == 2 )); then
  _describe command commands
  return
fi
case \${words[2]} in
${
    TABLE.map((command) =>
      `  ${command.name})
    shift words; (( CURRENT-- ))
    _arguments ${specs(command).join(" \\\n      ")} ;;`
    ).join("\n")
  }
esac
`;
}

/** Returns the completions for fish. */
export function formatFish(): string {
  const quoted = (words: string) => `'${words.replace(/['\\]/g, "\\$&")}'`;
  const first = "complete -c teleport-discord -n __fish_use_subcommand";
  const lines = TABLE.flatMap((command) => {
    const after =
      `complete -c teleport-discord -n '__fish_seen_subcommand_from ${command.name}'`;
    const flags = flagsOf(command).map(({ name, short, value, summary }) =>
      `${after}${short === undefined ? "" : ` -s ${short}`} -l ${name}${
        value === undefined ? "" : " -r -F"
      } -d ${quoted(summary)}`
    );
    const operands = command.operands === undefined
      ? []
      : [`${after} -a ${quoted(operandsOf(command).join(" "))}`];
    return [
      `${first} -a ${command.name} -d ${quoted(command.summary)}`,
      ...flags,
      ...operands,
    ];
  });
  return `${["complete -c teleport-discord -f", ...lines].join("\n")}\n`;
}
