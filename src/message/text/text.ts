/**
 * Cleans and shortens text that a person typed, before any Markdown is put around it.
 *
 * Source: docs/design/discord-text.md 1, 3.
 *
 * @module
 */

/** How much of a text is shown: what a reader sees as characters, and UTF-16 code units. */
export interface TextLimit {
  /** Graphemes; a backtick counts twice, as in the official plugin (docs/design/official-message.md 3). */
  readonly chars: number;
  /** UTF-16 code units, the safe reading of Discord's own limits. */
  readonly units: number;
}

/** The part of a text that stays within a limit. */
export interface CutText {
  readonly kept: string;
  readonly cut: boolean;
}

const ASCII = /^[\t\n -~]*$/;
const LINE_BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** Control characters, and the bidirectional embeddings, overrides and isolates, which can disguise text. */
const HIDDEN = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** What nobody sees: white space, marks of format and control, and the blank of Braille. */
const BLANK = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Longer than any letter or emoji in use; more is a pile of combining marks. */
const MAX_GRAPHEME_UNITS = 64;

/** Returns the text as well-formed lines without control and override characters, trimmed. */
export function cleanLines(text: string): string {
  if (ASCII.test(text)) return text.trim();
  return text.toWellFormed().replace(LINE_BREAK, "\n").replace(HIDDEN, "")
    .trim();
}

/** Returns the cleaned text as a single line. */
export function cleanLine(text: string): string {
  return cleanLines(text).replace(/[\t\n]+/g, " ");
}

/** Tells whether nothing of the text can be seen, so that it says nothing. Source: discord-api-docs#4480. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/**
 * Returns the start of a cleaned text that stays within the limit.
 *
 * A grapheme is kept whole or not at all, except that one of more than 64 code units loses the rest
 * of its marks.
 */
export function cutText(text: string, limit: TextLimit): CutText {
  if (text.length <= limit.units && countCost(text) <= limit.chars) {
    return { kept: text, cut: false };
  }
  // What lies beyond could not be kept, so there is no need to split it into graphemes.
  const head = text.slice(0, limit.units + MAX_GRAPHEME_UNITS);
  let end = 0;
  let kept = "";
  let cost = 0;
  let whole = true;
  for (const grapheme of splitGraphemes(head)) {
    end += grapheme.length;
    const piece = shortenGrapheme(grapheme);
    const mayGoOn = piece === grapheme && end === head.length &&
      head.length < text.length;
    if (
      mayGoOn || cost >= limit.chars ||
      kept.length + piece.length > limit.units
    ) return { kept, cut: true };
    kept += piece;
    cost += piece.startsWith("`") ? 2 : 1;
    if (piece.length < grapheme.length) whole = false;
  }
  return { kept, cut: !whole };
}

/** Returns at least what the text's graphemes cost: as if each code unit were one. */
function countCost(text: string): number {
  return text.length + (text.match(/`/g) ?? []).length;
}

function splitGraphemes(text: string): Iterable<string> {
  if (ASCII.test(text)) return text;
  // Made where it is needed: the first one costs some 10 ms, the others next to nothing.
  const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
  return Iterator.from(graphemes.segment(text)).map(({ segment }) => segment);
}

function shortenGrapheme(grapheme: string): string {
  if (grapheme.length <= MAX_GRAPHEME_UNITS) return grapheme;
  const last = grapheme.codePointAt(MAX_GRAPHEME_UNITS - 1) ?? 0;
  return grapheme.slice(0, MAX_GRAPHEME_UNITS - (last > 0xffff ? 1 : 0));
}
