/**
 * Discord's Markdown for a terminal, as far as the plugin's messages use it.
 *
 * @module
 */

import type { Style } from "./style.ts";

/** Characters that look the same. */
export interface Span {
  readonly text: string;
  readonly look: "plain" | "italic" | "strong" | "code" | "link" | "time";
}

/** A line of text, or of a fenced block. */
export interface MarkdownLine {
  readonly spans: readonly Span[];
  readonly fenced: boolean;
}

const INLINE =
  /``(?<code2>.+?)``|`(?<code>[^`]+)`|\\(?<literal>[^\sA-Za-z0-9])|\*\*(?<strong>.+?)\*\*|\*(?<italic>.+?)\*|<t:(?<time>\d+):R>|<t:(?<moment>\d+):F>|<@(?<user>\d+)>|<(?<quiet>https?:\/\/[^\s>]+)>|(?<link>https?:\/\/\S+)/gu;

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Names of users, by ID. */
export type People = ReadonlyMap<string, string>;

/** Splits a text into lines, and each line into its spans. */
export function parseMarkdown(
  text: string,
  now: Date,
  people: People = new Map(),
  language = "en",
): MarkdownLine[] {
  const parts = text.replaceAll("\ufeff", "").split("```");
  return parts.flatMap((part, i) => {
    const fenced = i % 2 === 1;
    const inner = part.replace(/^[ \n]/, "").trimEnd();
    if (inner === "") return [];
    return inner.split("\n").map((line) => ({
      spans: fenced
        ? [{ text: line, look: "code" } as const]
        : parseInline(line, now, people, language),
      fenced,
    }));
  });
}

/** Breaks spans between words so that no line is wider than so many columns. */
export function wrapSpans(spans: readonly Span[], columns: number): Span[][] {
  const lines: Span[][] = [[]];
  let used = 0;
  for (const { text, look } of spans) {
    for (const word of text.match(/\s+|\S+/gu) ?? []) {
      const width = widthOf(word);
      if (used > 0 && used + width > columns) {
        lines.push([]);
        used = 0;
        if (word.trim() === "") continue;
      }
      lines.at(-1)?.push({ text: word, look });
      used += width;
    }
  }
  return lines.map(joinSpans);
}

function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const { text, look } of spans) {
    const last = joined.at(-1);
    if (last?.look === look) {
      joined[joined.length - 1] = { text: last.text + text, look };
    } else joined.push({ text, look });
  }
  return joined;
}

/** Returns the text with what its look means on a terminal. */
export function paintSpan({ text, look }: Span, style: Style): string {
  switch (look) {
    case "plain":
      return text;
    case "italic":
      return style.italic(text);
    case "strong":
      return style.strong(text);
    case "code":
      return style.code(text);
    case "link":
      return style.link(text);
    case "time":
      return style.strong(text);
  }
}

/** Returns how many columns a text takes; emoji take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter("en").segment(text)) {
    width += /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\uffdc]/u.test(
        segment,
      )
      ? 2
      : 1;
  }
  return width;
}

/** Returns a time as Discord shows `<t:…:R>`, such as `in 8 hours`. */
export function formatRelative(
  seconds: number,
  now: Date,
  language: string,
): string {
  const distance = seconds - now.getTime() / 1000;
  const [unit, size] =
    UNITS.find(([, size]) => Math.round(Math.abs(distance) / size) >= 1) ??
      (["second", 1] as const);
  return new Intl.RelativeTimeFormat(language)
    .format(Math.round(distance / size), unit);
}

function parseInline(
  line: string,
  now: Date,
  people: People,
  language: string,
): Span[] {
  const spans: Span[] = [];
  let end = 0;
  const add = (text: string, look: Span["look"]) => {
    if (text !== "") spans.push({ text, look });
  };
  for (const match of line.matchAll(INLINE)) {
    add(line.slice(end, match.index), "plain");
    end = match.index + match[0].length;
    const {
      code2,
      code,
      literal,
      strong,
      italic,
      time,
      moment,
      user,
      quiet,
      link,
    } = match.groups ?? {};
    add(literal ?? "", "plain");
    add(code2 ?? code ?? "", "code");
    add(strong ?? "", "strong");
    add(italic ?? "", "italic");
    add(quiet ?? link ?? "", "link");
    if (user !== undefined) add(`@${people.get(user) ?? user}`, "link");
    if (time !== undefined) {
      add(formatRelative(Number(time), now, language), "time");
    }
    if (moment !== undefined) {
      const style = { dateStyle: "full", timeStyle: "short" } as const;
      const text = new Date(Number(moment) * 1000)
        .toLocaleString(language, style);
      add(text, "time");
    }
  }
  add(line.slice(end), "plain");
  return spans;
}
