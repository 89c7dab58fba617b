/**
 * Draws a Discord message for a terminal.
 *
 * @module
 */

import {
  paintSpan,
  parseMarkdown,
  type People,
  wrapSpans,
} from "./markdown.ts";
import type { Style } from "./style.ts";

/** What a message says. */
export interface CardContent {
  readonly content: string;
  readonly embeds: readonly Readonly<Record<string, unknown>>[];
  readonly components: readonly Readonly<Record<string, unknown>>[];
}

/** A message and where it stands. */
export interface Card {
  /** Name of the channel, without `#`. */
  readonly channel: string;
  /** Name of the bot. */
  readonly author: string;
  readonly message: CardContent;
  /** What it said when it was last drawn; what differs is marked. */
  readonly before?: CardContent | undefined;
}

/** How a card is drawn. */
export interface CardOptions {
  readonly style: Style;
  readonly now: Date;
  /** Width of the terminal. */
  readonly columns: number;
  /** Whom mentions name. */
  readonly people?: People;
  /** Language of the reader's Discord; English if not given. */
  readonly language?: string;
}

const MARK = "▸";
const FRAME_COLUMNS = 8;

/** Returns the lines of a card. */
export function drawCard(card: Card, options: CardOptions): string[] {
  const { style } = options;
  const { channel, author, message, before } = card;
  const known = countLines(before && drawContent(before, options));
  const head = `${style.strong(author)} ${style.dim("APP")}`;
  const body = drawContent(message, options).map((line) => {
    const count = known.get(line) ?? 0;
    known.set(line, count - 1);
    const isNew = before !== undefined && count <= 0;
    return `  ${isNew ? style.added(MARK) : " "} ${style.dim("│")} ${line}`;
  });
  return [
    `    ${style.dim("╭─")} ${style.dim(`#${channel}`)}`,
    `    ${style.dim("│")} ${head}`,
    ...body,
    ...before === undefined
      ? []
      : [`    ${style.dim("│")} ${style.dim("(edited)")}`],
    `    ${style.dim("╰─")}`,
  ];
}

function countLines(lines: readonly string[] = []): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function drawContent(message: CardContent, options: CardOptions): string[] {
  return [
    ...drawText(message.content, options, ""),
    ...message.embeds.flatMap((embed) => drawEmbed(embed, options)),
    ...message.components.flatMap((row) => drawButtons(row, options)),
  ];
}

function drawText(
  text: string,
  { style, now, columns, people, language }: CardOptions,
  indent: string,
): string[] {
  const room = Math.max(20, columns - FRAME_COLUMNS - indent.length - 2);
  return parseMarkdown(text, now, people, language).flatMap((
    { spans, fenced },
  ) =>
    wrapSpans(spans, room).map((line) =>
      indent + (fenced ? `${style.dim("▏")} ` : "") +
      line.map((span) => paintSpan(span, style)).join("")
    )
  );
}

function drawEmbed(
  embed: Readonly<Record<string, unknown>>,
  options: CardOptions,
): string[] {
  const { title, description, author, color } = embed as {
    title?: string;
    description?: string;
    author?: { name: string };
    color?: number;
  };
  const { style } = options;
  const bar = style.inColor(color)("┃");
  const lines = [
    author === undefined ? "" : style.strong(author.name),
    title === undefined ? "" : style.strong(title),
    ...drawText(description ?? "", options, ""),
  ];
  return lines.filter((line) => line !== "").map((line) => `${bar} ${line}`);
}

function drawButtons(
  row: Readonly<Record<string, unknown>>,
  { style }: CardOptions,
): string[] {
  const { components = [] } = row as {
    components?: { label?: string; url?: string }[];
  };
  const buttons = components.map(({ label = "", url }) =>
    style.link(url === undefined ? `[ ${label} ]` : `[ ${label} ↗ ]`)
  );
  return buttons.length === 0 ? [] : [buttons.join(" ")];
}
