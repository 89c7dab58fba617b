/**
 * Text in a condition, in double quotes with escapes or between back quotes as it is.
 *
 * @module
 */

import { Scanner } from "../text/scanner.ts";
import { fail } from "./predicate_error.ts";

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

const RAW = /[^`]*/y;
const PLAIN = /[^"\\\n]+/y;

/** What follows the backslash: one of the above, one byte by its number, or one character by its number. */
const SIMPLE = /[abfnrtv\\"]/y;
const BYTE = /[0-3][0-7]{2}|x[\da-fA-F]{2}/y;
const CHAR = /u[\da-fA-F]{4}|U[\da-fA-F]{8}/y;

/** Reads the text whose opening quote comes next; returns what it stands for. */
export function readTextLiteral(scanner: Scanner): string {
  const start = scanner.at;
  const quote = scanner.scan(/["`]/y);
  const value = quote === "`"
    ? (scanner.scan(RAW) ?? "").replaceAll("\r", "")
    : readQuoted(scanner);
  if (scanner.scan(quote === "`" ? /`/y : /"/y) !== undefined) return value;
  fail({ start }, `the text has no closing ${quote}`);
}

/** Gathers bytes, because `"\303\251"` is one character; bytes that are none become U+FFFD. */
function readQuoted(scanner: Scanner): string {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (;;) {
    const plain = scanner.scan(PLAIN);
    if (plain !== undefined) {
      for (const byte of encoder.encode(plain)) bytes.push(byte);
    }
    if (!scanner.sees("\\")) break;
    for (const byte of readEscape(scanner)) bytes.push(byte);
  }
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(Uint8Array.from(bytes));
}

/** Reads an escape, which begins with the backslash that comes next; returns its bytes. */
function readEscape(scanner: Scanner): Iterable<number> {
  const start = scanner.at;
  scanner.scan(/\\/y);
  const simple = SIMPLE_ESCAPES[scanner.scan(SIMPLE) ?? ""];
  if (simple !== undefined) return [simple];
  const byte = scanner.scan(BYTE);
  if (byte !== undefined) {
    return [
      byte.startsWith("x") ? parseInt(byte.slice(1), 16) : parseInt(byte, 8),
    ];
  }
  const code = parseInt(scanner.scan(CHAR)?.slice(1) ?? "", 16);
  // Not one of half a surrogate pair.
  if (code <= 0xd7ff || (code >= 0xe000 && code <= 0x10ffff)) {
    return new TextEncoder().encode(String.fromCodePoint(code));
  }
  fail(
    { start },
    'this escape is unknown: write \\\\ for a backslash and \\" for a quote',
  );
}
