/**
 * Text in a condition, in double quotes with escapes or between back quotes as it is.
 *
 * @module
 */

import { PredicateError } from "./predicate_error.ts";
import type { Token } from "./token.ts";

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  '"': 34,
};

const PLAIN = /[^"\\\n]+/y;
/** What follows the backslash: one byte by its number, or one character by its number. */
const BYTE = /[0-3][0-7]{2}|x(?<hex>[\da-fA-F]{2})/y;
const CHAR = /u(?<short>[\da-fA-F]{4})|U(?<long>[\da-fA-F]{8})/y;

/** Reads the text whose opening quote stands at `start`. */
export function readTextLiteral(source: string, start: number): Token {
  return source.charAt(start) === "`"
    ? readRaw(source, start)
    : readQuoted(source, start);
}

function readRaw(source: string, start: number): Token {
  const close = source.indexOf("`", start + 1);
  if (close === -1) throw unclosed(source, start, "`");
  const value = source.slice(start + 1, close).replaceAll("\r", "");
  return { kind: "text", value, start, end: close + 1 };
}

/** Gathers bytes, because `"\303\251"` is one character; bytes that are none become U+FFFD. */
function readQuoted(source: string, start: number): Token {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  let at = start + 1;
  for (;;) {
    const plain = matchAt(PLAIN, source, at)?.[0];
    if (plain !== undefined) {
      for (const byte of encoder.encode(plain)) bytes.push(byte);
      at += plain.length;
    }
    const char = source.charAt(at);
    if (char === '"') break;
    if (char !== "\\") throw unclosed(source, start, '"');
    const escape = readEscape(source, at);
    for (const byte of escape.bytes) bytes.push(byte);
    at = escape.end;
  }
  const value = new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(Uint8Array.from(bytes));
  return { kind: "text", value, start, end: at + 1 };
}

/** @param at Where the backslash stands. */
function readEscape(
  source: string,
  at: number,
): { readonly bytes: Iterable<number>; readonly end: number } {
  const simple = SIMPLE_ESCAPES[source.charAt(at + 1)];
  if (simple !== undefined) return { bytes: [simple], end: at + 2 };

  const byte = matchAt(BYTE, source, at + 1);
  if (byte !== undefined) {
    const { hex } = byte.groups ?? {};
    const number = hex === undefined ? parseInt(byte[0], 8) : parseInt(hex, 16);
    return { bytes: [number], end: at + 1 + byte[0].length };
  }

  const char = matchAt(CHAR, source, at + 1);
  const code = parseInt(char?.groups?.short ?? char?.groups?.long ?? "", 16);
  const isChar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (char === undefined || !isChar) {
    throw new PredicateError(
      source,
      at,
      'this escape is unknown: write \\\\ for a backslash and \\" for a quote',
    );
  }
  const bytes = new TextEncoder().encode(String.fromCodePoint(code));
  return { bytes, end: at + 1 + char[0].length };
}

function matchAt(
  pattern: RegExp,
  source: string,
  at: number,
): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}

function unclosed(
  source: string,
  start: number,
  quote: string,
): PredicateError {
  return new PredicateError(source, start, `the text has no closing ${quote}`);
}
