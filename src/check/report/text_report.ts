/**
 * What was found, as text for a person.
 *
 * @module
 */

import type { Terminal } from "../../lib/terminal.ts";
import type { Area, Finding, Status } from "./finding.ts";

/** How the text looks. */
type TextOptions = Pick<Terminal, "colored">;

/** Mark, colour (an SGR parameter) and word of each status, the worst first. */
const LOOKS: Readonly<
  Record<Status, { mark: string; color: string; word: string }>
> = {
  failed: { mark: "✗", color: "31", word: "to repair" },
  unanswered: { mark: "✗", color: "31", word: "without an answer" },
  warning: { mark: "!", color: "33", word: "to look at" },
  skipped: { mark: "–", color: "2", word: "skipped" },
  info: { mark: "·", color: "2", word: "to know" },
  ok: { mark: "✓", color: "32", word: "good" },
};

/** Anything that moves the cursor or turns the text round; names come from Discord and Teleport. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Formats one area. */
export function formatArea(area: Area, options: TextOptions): string {
  const title = paint(area.title, "1", options);
  return `${title}\n${
    area.findings.map((each) => formatFinding(each, options)).join("")
  }\n`;
}

/** Formats what it all amounts to. */
export function formatSummary(
  findings: readonly Finding[],
  options: TextOptions,
): string {
  const parts = Object.entries(LOOKS).flatMap(([status, look]) => {
    const count = findings.filter((each) => each.status === status).length;
    const mark = paint(look.mark, look.color, options);
    return count === 0 ? [] : [`${mark} ${count} ${look.word}`];
  });
  return `${parts.join(", ")}\n`;
}

/** Formats one finding, with what to do about it below. */
export function formatFinding(finding: Finding, options: TextOptions): string {
  const { status, subject, detail, remedy } = finding;
  const { mark, color } = LOOKS[status];
  const [first, ...copied] = remedy?.split("\n") ?? [];
  return [
    `  ${paint(mark, color, options)} ${oneLine(subject)}: ${
      oneLine(detail)
    }\n`,
    ...first === undefined ? [] : [`      → ${oneLine(first)}\n`],
    ...copied.map((line) => `          ${oneLine(line)}\n`),
  ].join("");
}

function oneLine(text: string): string {
  return text.replace(UNSAFE, "?");
}

function paint(text: string, color: string, { colored }: TextOptions): string {
  return colored ? `\x1b[${color}m${text}\x1b[0m` : text;
}
