/**
 * Puts text that a person typed into Discord's Markdown so that it stays text.
 *
 * Sources: docs/design/official-message.md 3 (marks, limit, what is said of empty and cut text);
 * docs/design/discord-text.md 3 (what Discord renders and what a backslash stops).
 *
 * @module
 */

import type { Catalogue } from "../catalogue/catalogue.ts";
import {
  cleanLine,
  cleanLines,
  cutText,
  isBlank,
  type TextLimit,
} from "./text.ts";

/** What is said of text that is empty or cut, in the language of the message. */
export type CutTexts = Pick<
  Catalogue["fields"],
  "empty" | "truncated" | "more"
>;

/** Zero-width; parts characters that would mean something side by side. */
const ZERO_WIDTH = "\ufeff";

/** Returns the text as one line in a code span. */
export function codeSpan(
  text: string,
  limit: TextLimit,
  texts: CutTexts,
): string {
  return fitText(cleanLine(text), limit, texts, markSpan);
}

/**
 * Returns the items, joined by the separator, in one code span.
 *
 * Items that do not fit are left out whole and counted: `` `a, b` …and 17 more ``.
 */
export function codeList(
  items: readonly string[],
  separator: string,
  limit: TextLimit,
  texts: CutTexts,
): string {
  const { truncated } = texts;
  const countMore = (count: number) => count === 0 ? "" : texts.more(count);
  const lines = items.map(cleanLine).filter((line) => !isBlank(line));
  const joined = lines.join(separator);

  const shorten = (kept: string) => {
    let whole = "";
    let shown = 0;
    for (const line of lines) {
      const longer = shown === 0 ? line : whole + separator + line;
      if (longer.length > kept.length) break;
      whole = longer;
      shown++;
    }
    return shown === 0
      ? markSpan(kept) + truncated + countMore(lines.length - 1)
      : markSpan(whole) + countMore(lines.length - shown);
  };
  return fitText(joined, limit, texts, markSpan, shorten);
}

/** Returns the text, which may have several lines, in a fenced block. */
export function codeBlock(
  text: string,
  limit: TextLimit,
  texts: CutTexts,
): string {
  return fitText(cleanLines(text), limit, texts, markBlock);
}

/**
 * Returns the text as one line outside of code, where a plain name needs no marks.
 *
 * It is meant for the middle of a line: what counts only at a line's start is left alone.
 */
export function escapeName(
  text: string,
  limit: TextLimit,
  texts: CutTexts,
): string {
  return fitText(cleanLine(text), limit, texts, escapeMarks);
}

/** Renders as much of a cleaned text as stays within the limit once its marks are around it. */
function fitText(
  text: string,
  limit: TextLimit,
  { empty, truncated }: CutTexts,
  renderWhole: (text: string) => string,
  renderCut = (kept: string) => renderWhole(kept) + truncated,
): string {
  if (isBlank(text)) return empty;
  let units = limit.units;
  for (;;) {
    const { kept, cut } = cutText(text, { chars: limit.chars, units });
    if (kept === "") return truncated.trimStart();
    const rendered = cut ? renderCut(kept) : renderWhole(kept);
    const excess = rendered.length - limit.units;
    if (excess <= 0) return rendered;
    // A mark doubles a character at most, so half the excess never takes away too much.
    units = Math.min(units, kept.length) - Math.ceil(excess / 2);
    if (units <= 0) return truncated.trimStart();
  }
}

/**
 * Encloses a line in backticks: one as the official plugin, or two where the line has some.
 *
 * A zero-width character does not keep a single backtick from ending a span, but it keeps two from
 * standing side by side.
 */
function markSpan(line: string): string {
  if (!line.includes("`")) return `\`${line}\``;
  return `\`\`${ZERO_WIDTH}${partBackticks(line)}\`\``;
}

function markBlock(lines: string): string {
  return `\`\`\`\n${partBackticks(lines)}\`\`\``;
}

function partBackticks(text: string): string {
  return text.replaceAll("`", "`" + ZERO_WIDTH);
}

function escapeMarks(line: string): string {
  return line.replace(/[\\`*_~|<>[\]]/g, "\\$&")
    // A backslash stops neither a link nor a card of a Discord invite.
    .replaceAll("/", ZERO_WIDTH + "/")
    .replace(/@(?=everyone|here)/gi, "@" + ZERO_WIDTH)
    // ":a:" would be shown as an emoji.
    .replace(/:(?=[\w+-]+:)/g, ":" + ZERO_WIDTH);
}
