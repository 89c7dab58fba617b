/**
 * The manual pages, made of the pages of docs/ and the table of commands.
 *
 * @module
 */

import {
  type Command,
  COMMANDS,
  type Flag,
  HELP_FLAG,
} from "../src/cli/help.ts";
import { type Block, parseMarkdown, sectionOf } from "./markdown.ts";

/** What all pages say of themselves. */
export interface PageFacts {
  readonly version: string;
  readonly epochSec: number;
}

/** Texts of the pages that the manual is made of. */
export interface Sources {
  /** README.md: its first paragraph says what the program is. */
  readonly readme: string;
  /** docs/commands.md */
  readonly commands: string;
  /** docs/configuration.md */
  readonly configuration: string;
  /** Titles of the pages in docs/, by file name. */
  readonly titles: ReadonlyMap<string, string>;
}

/** Where people without the sources read the documentation. */
const DOCUMENTATION =
  "https://github.com/teleport-discord/teleport-discord/tree/main/docs";

/** Reads the pages that the manual is made of. */
export async function readSources(root: string): Promise<Sources> {
  const read = (path: string) => Deno.readTextFile(`${root}${path}`);
  return {
    readme: await read("README.md"),
    commands: await read("docs/commands.md"),
    configuration: await read("docs/configuration.md"),
    titles: new Map(
      await Promise.all(
        (await Array.fromAsync(Deno.readDir(`${root}docs`)))
          .filter(({ name }) => name.endsWith(".md"))
          .map(async ({ name }) => {
            const [, title = name] = /^# (.+)$/m.exec(
              await read(`docs/${name}`),
            ) ?? [];
            return [name, title] as const;
          }),
      ),
    ),
  };
}

/** Returns `teleport-discord(8)`. */
export function formatProgramPage(
  sources: Pick<Sources, "readme" | "commands" | "titles">,
  facts: PageFacts,
): string {
  const commands = parseMarkdown(sources.commands);
  const description = parseMarkdown(sources.readme)
    .find(({ kind }) => kind === "paragraph");
  const tableOf = (name: string) =>
    commands.filter((block) =>
      block.kind === "table" && block.head[0] === name
    );
  const shown = [...tableOf("Signal"), ...tableOf("Exit code")];
  return page("teleport-discord", 8, facts, [
    ".SH NAME",
    "teleport\\-discord \\- show Teleport access requests in Discord",
    ".SH SYNOPSIS",
    ...COMMANDS.map(formatSynopsis).flatMap((line, i) =>
      i === 0 ? [line] : [".br", line]
    ),
    ".SH DESCRIPTION",
    ...formatBlocks(description === undefined ? [] : [description]),
    "It is configured by a file, see",
    ".BR teleport\\-discord.toml (5).",
    ".SH COMMANDS",
    ...COMMANDS.flatMap(formatCommand),
    ".SH SIGNALS",
    ...formatBlocks(tableOf("Signal")),
    ".SH EXIT STATUS",
    ...formatBlocks(tableOf("Exit code")),
    ".SH FILES",
    ...formatBlocks([{ kind: "table", head: [], rows: FILES }]),
    ".SH SEE ALSO",
    ".BR teleport\\-discord.toml (5),",
    ".BR systemctl (1),",
    ".BR journalctl (1)",
    ...formatFurtherReading(shown, sources.titles),
  ]);
}

/** Returns `teleport-discord.toml(5)`. */
export function formatConfigPage(
  { configuration, titles }: Pick<Sources, "configuration" | "titles">,
  facts: PageFacts,
): string {
  const blocks = sectionOf(parseMarkdown(configuration), "Configuration");
  return page("teleport-discord.toml", 5, facts, [
    ".SH NAME",
    "teleport\\-discord.toml \\- configuration of teleport\\-discord",
    ".SH DESCRIPTION",
    ...formatBlocks(blocks),
    ".SH SEE ALSO",
    ".BR teleport\\-discord (8)",
    ...formatFurtherReading(blocks, titles),
  ]);
}

const FILES = [
  ["`/etc/teleport-discord.toml`", "The configuration"],
  [
    "`/etc/teleport-discord/token`",
    "The bot token, if the configuration names this file",
  ],
  [
    "`/var/lib/teleport-discord/`",
    "What the service may write; a place for the identity that `tbot` renews",
  ],
  [
    "`/var/log/teleport-discord/`",
    "A place for a log file, if the configuration names one",
  ],
] as const;

function page(
  name: string,
  section: number,
  { version, epochSec }: PageFacts,
  lines: readonly string[],
): string {
  const day = new Date(epochSec * 1000).toISOString().slice(0, 10);
  const title = `.TH ${
    escape(name).toUpperCase()
  } ${section} ${day} "teleport\\-discord ${version}"`;
  return `${[title, ".nh", ...lines].join("\n")}\n`;
}

function formatSynopsis(command: Command): string {
  const words = [`.B teleport\\-discord ${command.name}\n`];
  // What it works on comes first, as in `rules test --request=FILE`.
  if (command.operands !== undefined) words.push(escape(command.operands));
  for (const flag of command.flags) {
    const spellings = formatSpellings(flag, "|");
    words.push(flag.required === true ? spellings : `[${spellings}]`);
  }
  return words.join(" ").replace(/\n */, "\n").trimEnd();
}

function formatCommand({ name, operands, summary, flags }: Command): string[] {
  const title = operands === undefined ? name : `${name} ${operands}`;
  return [
    ".TP",
    `.B ${escape(title)}`,
    `${escape(summary)}.`,
    ".RS",
    ...[...flags, HELP_FLAG].flatMap(formatFlag),
    ".RE",
  ];
}

function formatFlag(flag: Flag): string[] {
  return [".TP", formatSpellings(flag, ", "), `${escape(flag.summary)}.`];
}

function formatSpellings(
  { name, short, value }: Flag,
  between: string,
): string {
  const spellings = [
    ...short === undefined ? [] : [`\\fB\\-${short}\\fR`],
    `\\fB\\-\\-${escape(name)}\\fR`,
  ];
  const argument = value === undefined ? "" : ` \\fI${escape(value)}\\fR`;
  return spellings.join(between) + argument;
}

/** Pages that the shown blocks refer to: a manual has no links. */
function formatFurtherReading(
  blocks: readonly Block[],
  titles: ReadonlyMap<string, string>,
): string[] {
  const links = JSON.stringify(blocks).matchAll(/\]\(([\w.-]+\.md)/g);
  const names = [...new Set(links.map(([, name = ""]) => name))].toSorted();
  if (names.length === 0) return [];
  return [
    ".PP",
    "Pages of the documentation that this one names, below",
    ".br",
    `<${escape(DOCUMENTATION)}>:`,
    ...names.flatMap((name) => [
      ".TP",
      inline(titles.get(name) ?? name),
      escape(name),
    ]),
  ];
}

function formatBlocks(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case "heading":
        return [block.level > 2 ? ".SS" : ".SH", inline(block.text)].join(" ");
      case "paragraph":
        return [".PP", line(inline(block.text))];
      case "code":
        return [
          ".PP",
          ".RS 4",
          ".EX",
          ...block.text.split("\n").map((each) => line(escape(each))),
          ".EE",
          ".RE",
        ];
      case "list":
        return block.items.flatMap((
          item,
        ) => [".IP \\(bu 2", line(inline(item))]);
      case "table":
        return block.rows.flatMap((row) => formatRow(block.head, row));
    }
  });
}

/** The first cell is what the row is about, the last says it, those between qualify it. */
function formatRow(head: readonly string[], row: readonly string[]): string[] {
  const [term = "", ...rest] = row;
  const meaning = rest.pop() ?? "";
  const between = rest
    .map((cell, i) => ({ name: head[i + 1] ?? "", cell }))
    .filter(({ cell }) => cell !== "–" && cell !== "")
    .map(({ name, cell }) => `${name.toLowerCase()} ${inline(cell)}`);
  return [
    ".TP",
    line(inline(term)),
    ...between.length > 0 ? [`(${between.join(", ")})`, ".br"] : [],
    line(inline(meaning) || "\\&"),
  ];
}

/** Code is bold; of a link the text stays, and the address if it leads out of the page. */
function inline(text: string): string {
  return text.split(/(`+[^`]+`+)/).map((part, i) => {
    if (i % 2 === 1) return `\\fB${escape(part.replace(/^`+|`+$/g, ""))}\\fR`;
    return escape(
      part.replace(/\[([^\]]*)\]\((https:[^)]+)\)/g, "$1 <$2>")
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1"),
    ).replace(/\*\*([^*]+)\*\*/g, "\\fB$1\\fR")
      .replace(/(?<!\w)_([^_]+)_(?!\w)/g, "\\fI$1\\fR");
  }).join("");
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}

/** A line that begins like a request of roff is none. */
function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}
