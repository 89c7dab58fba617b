/**
 * Draws a message as Discord shows it in its dark look.
 *
 * @module
 */

import { parseMarkdown, type People, type Span } from "../demo/markdown.ts";
import type {
  Button,
  Embed,
  RenderedMessage,
} from "../src/ports/rendered_message.ts";
import { box, picture, text, type TextLook, textWidth } from "./svg.ts";

/** A message and where it stands. */
export interface MessageScene {
  /** What the picture shows, for those who do not see it. */
  readonly title: string;
  /** Name of the channel with its `#`, or of the person in a direct message. */
  readonly place: string;
  /** Tags of the post in a forum. */
  readonly tags?: readonly string[];
  readonly message: RenderedMessage;
  /** First line of the message that this one replies to. */
  readonly replyTo?: string;
  readonly edited?: boolean;
  /** Whether only one person sees it. */
  readonly ephemeral?: boolean;
  /** Whom mentions name. */
  readonly people?: People;
  readonly now: Date;
  /** Language of the reader's Discord; English if not given. */
  readonly language?: "ko";
}

const WIDTH = 700;
const LEFT = 72;
const RIGHT = WIDTH - 20;
const LINE = 21;

const COLOR = {
  back: "#313338",
  panel: "#2b2d31",
  edge: "#1e1f22",
  text: "#dbdee1",
  strong: "#f2f3f5",
  muted: "#949ba4",
  link: "#00a8fc",
  mention: "#c9cdfb",
  mentionBack: "#3c4270",
  timeBack: "#414248",
  bot: "#5865f2",
} as const;

const BODY: TextLook = { size: 15, fill: COLOR.text };

/** Collects shapes from top to bottom. */
class Sheet {
  readonly shapes: string[] = [];
  y = 0;

  add(...shapes: string[]): void {
    this.shapes.push(...shapes);
  }
}

/** Returns a message as SVG. */
export function drawMessage(scene: MessageScene): string {
  const sheet = new Sheet();
  drawPlace(sheet, scene);
  if (scene.replyTo !== undefined) drawReply(sheet, scene.replyTo);
  drawAuthor(sheet, scene);
  drawText(sheet, scene.message.content, LEFT, RIGHT, scene);
  for (const embed of scene.message.embeds ?? []) {
    drawEmbed(sheet, embed, scene);
  }
  drawButtons(sheet, scene.message.buttons);
  if (scene.ephemeral === true) {
    sheet.y += 22;
    const look: TextLook = { size: 12, fill: COLOR.muted };
    sheet.add(text(LEFT, sheet.y, "Only you can see this", look));
  }
  const height = sheet.y + 18;
  return picture(WIDTH, height, scene.title, [
    box(0, 0, WIDTH, height, COLOR.back, { radius: 8 }),
    ...sheet.shapes,
  ]);
}

function drawPlace(sheet: Sheet, { place, tags = [] }: MessageScene): void {
  const look: TextLook = { size: 15, fill: COLOR.strong, weight: "600" };
  const tagLook: TextLook = { size: 12.5, fill: COLOR.text };
  sheet.add(text(20, 27, place, look), box(0, 40, WIDTH, 1, COLOR.edge));
  let left = 20 + textWidth(place, look) + 14;
  for (const tag of tags) {
    const width = textWidth(tag, tagLook) + 18;
    sheet.add(
      box(left, 11, width, 22, COLOR.timeBack, { radius: 11 }),
      text(left + 9, 26.5, tag, tagLook),
    );
    left += width + 6;
  }
  sheet.y = 58;
}

function drawReply(sheet: Sheet, line: string): void {
  const look: TextLook = { size: 13, fill: COLOR.muted };
  sheet.add(
    `<path d="M44 ${
      sheet.y + 12
    } v-6 q0 -6 6 -6 h18" fill="none" stroke="#4e5058" stroke-width="2"/>`,
    text(LEFT, sheet.y + 5, `Teleport  ${line}`, look),
  );
  sheet.y += 18;
}

function drawAuthor(sheet: Sheet, { language, edited }: MessageScene): void {
  const time = language === "ko" ? "오늘 오전 9:14" : "Today at 09:14";
  const name: TextLook = { size: 16, fill: COLOR.strong, weight: "600" };
  const nameEnd = LEFT + textWidth("Teleport", name);
  sheet.add(
    `<circle cx="40" cy="${sheet.y + 16}" r="20" fill="#512fc9"/>`,
    text(34.5, sheet.y + 22, "T", {
      size: 18,
      fill: "#ffffff",
      weight: "bold",
    }),
    text(LEFT, sheet.y + 12, "Teleport", name),
    box(nameEnd + 6, sheet.y, 32, 15, COLOR.bot, { radius: 3 }),
    text(nameEnd + 11, sheet.y + 11.5, "APP", {
      size: 10.5,
      fill: "#ffffff",
      weight: "bold",
    }),
    text(
      nameEnd + 46,
      sheet.y + 11.5,
      `${time}${edited === true ? " (edited)" : ""}`,
      {
        size: 12,
        fill: COLOR.muted,
      },
    ),
  );
  sheet.y += 18;
}

/** Draws Markdown between two edges, broken between words. */
function drawText(
  sheet: Sheet,
  markdown: string,
  left: number,
  right: number,
  { now, people, language }: MessageScene,
): void {
  const lines = parseMarkdown(markdown, now, people, language);
  for (const [i, { spans, fenced }] of lines.entries()) {
    const inset = fenced ? 10 : 0;
    const rows = wrap(spans, right - left - 2 * inset);
    const isFirst = fenced && lines[i - 1]?.fenced !== true;
    const isLast = fenced && lines[i + 1]?.fenced !== true;
    if (isFirst) sheet.y += 5;
    if (fenced) {
      const top = sheet.y - (isFirst ? 1 : 3);
      const height = rows.length * LINE + (isFirst ? 4 : 3) + (isLast ? 5 : 0);
      sheet.add(
        box(left, top, right - left, height, COLOR.panel, { radius: 4 }),
      );
    }
    for (const row of rows) {
      let x = left + inset;
      for (const span of row) {
        sheet.add(...drawSpan(span, x, sheet.y + 15, fenced));
        x += spanWidth(span);
      }
      sheet.y += LINE;
    }
    if (isLast) sheet.y += 7;
  }
}

function lookOf({ look }: Span): TextLook {
  switch (look) {
    case "plain":
      return BODY;
    case "italic":
      return { ...BODY, italic: true };
    case "strong":
      return { ...BODY, weight: "bold", fill: COLOR.strong };
    case "code":
      return { size: 13.5, fill: COLOR.text, font: "mono" };
    case "link":
      return { ...BODY, fill: COLOR.link };
    case "time":
      return BODY;
  }
}

function isMention({ text, look }: Span): boolean {
  return look === "link" && text.startsWith("@");
}

function spanWidth(span: Span): number {
  return textWidth(span.text, lookOf(span)) + 2 * paddingOf(span);
}

function paddingOf(span: Span): number {
  return span.look === "code" || span.look === "time" || isMention(span)
    ? 3
    : 0;
}

function drawSpan(span: Span, x: number, y: number, fenced: boolean): string[] {
  const padding = paddingOf(span);
  const back = span.look === "time"
    ? COLOR.timeBack
    : isMention(span)
    ? COLOR.mentionBack
    : span.look === "code" && !fenced
    ? COLOR.panel
    : undefined;
  const look = isMention(span)
    ? { ...lookOf(span), fill: COLOR.mention }
    : lookOf(span);
  return [
    back === undefined
      ? ""
      : box(x, y - 14, spanWidth(span), 18.5, back, { radius: 3 }),
    text(x + padding, y, span.text, look),
  ];
}

/** Breaks spans between words so that no row is wider than so many pixels. */
function wrap(spans: readonly Span[], width: number): Span[][] {
  const rows: Span[][] = [[]];
  let used = 0;
  for (const { text: whole, look } of spans) {
    const words = look === "code" || look === "time"
      ? [whole]
      : whole.match(/\s+|\S+/gu) ?? [];
    for (const word of words) {
      const span = { text: word, look };
      const needed = spanWidth(span);
      if (used > 0 && used + needed > width) {
        rows.push([]);
        used = 0;
        if (word.trim() === "") continue;
      }
      const row = rows.at(-1);
      const last = row?.at(-1);
      if (
        row !== undefined && last?.look === look && paddingOf(span) === 0 &&
        !isMention(last)
      ) {
        row[row.length - 1] = { text: last.text + word, look };
      } else row?.push(span);
      used += needed;
    }
  }
  return rows;
}

function drawEmbed(sheet: Sheet, embed: Embed, scene: MessageScene): void {
  sheet.y += 8;
  const top = sheet.y;
  const at = sheet.shapes.length;
  const right = 520;
  sheet.y += 12;
  const headings = [
    { line: embed.author?.name, size: 13.5 },
    { line: embed.title, size: 15 },
  ];
  for (const { line, size } of headings) {
    if (line === undefined) continue;
    const look = { size, fill: COLOR.strong, weight: "600" } as const;
    sheet.add(text(LEFT + 18, sheet.y + 12, line, look));
    sheet.y += 22;
  }
  drawText(sheet, embed.description ?? "", LEFT + 18, right - 14, scene);
  sheet.y += 8;
  const color = `#${(embed.color ?? 0x1e1f22).toString(16).padStart(6, "0")}`;
  sheet.shapes.splice(
    at,
    0,
    box(LEFT, top, right - LEFT, sheet.y - top, COLOR.panel, { radius: 4 }),
    box(LEFT, top, 4, sheet.y - top, color, { radius: 2 }),
  );
}

function drawButtons(sheet: Sheet, buttons: readonly Button[]): void {
  if (buttons.length === 0) return;
  sheet.y += 8;
  let x = LEFT;
  const look: TextLook = { size: 14, fill: "#ffffff", weight: "600" };
  for (const button of buttons) {
    const isLink = "url" in button;
    const label = isLink ? `${button.label} ↗` : button.label;
    const width = textWidth(label, look) + 32;
    const fill = isLink
      ? "#4e5058"
      : button.style === "success"
      ? "#248046"
      : "#da373c";
    sheet.add(
      box(x, sheet.y, width, 32, fill, { radius: 4 }),
      text(x + 16, sheet.y + 21, label, look),
    );
    x += width + 8;
  }
  sheet.y += 32;
}
