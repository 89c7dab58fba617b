/**
 * E-mail addresses, as far as `email.local()` needs them.
 *
 * Source: RFC 5322, section 3.4, as Go's mail parser takes it: alone, with a name before it, or as the only
 * member of a group. Compared with Go 1.26.8 (`tests/fixtures/email-go.json`).
 *
 * @module
 */

import { Scanner } from "./scanner.ts";

const BLANKS = /[ \t]*/y;
/** A character that needs no quotes. */
const CHAR = "[!#$%&'*+\\-/0-9=?A-Z^_`a-z{|}~\\u{80}-\\u{10ffff}]";
const ATOM = new RegExp(`${CHAR}+(?:\\.${CHAR}+)*(?!\\.|${CHAR})`, "uy");
/** In a name a dot may stand anywhere. */
const WORD = new RegExp(`(?:${CHAR}|\\.)+`, "uy");
const QUOTED =
  /"(?:[\t !#-[\]-~\u{80}-\u{10ffff}]|\\[\t -~\u{80}-\u{10ffff}])*"/uy;
const DOMAIN_LITERAL = /\[([!-Z^-~\u{80}-\u{10ffff}]*)\]/uy;
const PARENTHESES = /(?:[^()\\]|\\.)*[()]/sy;

/** A word of a name in another character set, such as `=?utf-8?q?J=C3=B6rg?=`. */
const ENCODED_WORD =
  /^=\?(?<charset>[^?]+)\?(?:[bB]\?(?<base64>[^?]*)|[qQ]\?(?<quoted>(?:[\t -<>@-~]|=[\da-fA-F]{2})*))\?=$/;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

const CHARSETS = ["utf-8", "iso-8859-1", "us-ascii"];

/**
 * Returns what stands before the first `@` of an address such as `ann@example.com`,
 * `Ann <ann@example.com>` or `team: ann@example.com;`.
 *
 * @returns `undefined` if the text is not one address.
 */
export function parseEmailLocal(text: string): string | undefined {
  const scanner = new Scanner(text);
  const addresses = scanAddress(scanner, true);
  const isWhole = addresses !== undefined && skipComments(scanner) &&
    scanner.isAtEnd;
  const [address, ...more] = addresses ?? [];
  return isWhole && more.length === 0 ? address?.split("@", 1)[0] : undefined;
}

/** Scans an address or, unless it would stand in another, a group of them. */
function scanAddress(
  scanner: Scanner,
  mayBeGroup: boolean,
): readonly string[] | undefined {
  scanner.scan(BLANKS);
  const bare = scanBare(scanner);
  if (bare !== undefined) {
    scanner.scan(BLANKS);
    return scanComment(scanner, true) ? [bare] : undefined;
  }
  if (!scanner.sees("<") && !scanName(scanner)) return undefined;
  scanner.scan(BLANKS);
  if (mayBeGroup && scanner.scan(/:/y)) return scanGroup(scanner);
  if (!scanner.scan(/</y)) return undefined;
  const address = scanBare(scanner);
  return address !== undefined && scanner.scan(/>/y) ? [address] : undefined;
}

/** Scans what follows the colon of a group, up to the semicolon. */
function scanGroup(scanner: Scanner): readonly string[] | undefined {
  const members: string[] = [];
  scanner.scan(BLANKS);
  if (scanner.scan(/;/y)) return skipComments(scanner) ? members : undefined;
  do {
    const member = scanAddress(scanner, false);
    if (member === undefined || !skipComments(scanner)) return undefined;
    members.push(...member);
    if (scanner.scan(/;/y)) return skipComments(scanner) ? members : undefined;
  } while (scanner.scan(/,/y));
  return undefined;
}

/**
 * Scans a name of at least one word. Go takes comments in it only behind a word that is not encoded, and
 * one that is encoded and empty for none.
 */
function scanName(scanner: Scanner): boolean {
  let hasPlainWord = false;
  let hasEncodedWord = false;
  while (!scanner.isAtEnd) {
    if (hasPlainWord && !skipComments(scanner)) return false;
    scanner.scan(BLANKS);
    const word = scanner.scan(QUOTED) ?? scanner.scan(WORD);
    const form = word === undefined ? "unreadable" : formOf(word);
    if (form === "unreadable") break;
    if (form === "plain") hasPlainWord = true;
    if (form === "encoded") hasEncodedWord = true;
  }
  return hasPlainWord || hasEncodedWord;
}

/** Scans `local@domain`; where there is none, it stays where it is. */
function scanBare(scanner: Scanner): string | undefined {
  const start = scanner.at;
  scanner.scan(BLANKS);
  const local = scanner.scan(ATOM) ?? unquote(scanner.scan(QUOTED));
  if (local && scanner.scan(/@/y)) {
    scanner.scan(BLANKS);
    const domain = scanner.scan(ATOM) ?? scanLiteral(scanner);
    if (domain !== undefined) return `${local}@${domain}`;
  }
  scanner.at = start;
  return undefined;
}

/** Scans an IP address in brackets. */
function scanLiteral(scanner: Scanner): string | undefined {
  const literal = scanner.scan(DOMAIN_LITERAL);
  const address = literal?.slice(1, -1) ?? "";
  if (/^\d+(?:\.\d+){3}$/.test(address)) {
    const isAddress = address.split(".")
      .every((part) => String(Number(part)) === part && Number(part) < 256);
    return isAddress ? literal : undefined;
  }
  return address.includes(":") && URL.canParse(`http://${literal}`)
    ? literal
    : undefined;
}

/** Skips blanks and comments; `false` if one is not closed. */
function skipComments(scanner: Scanner): boolean {
  scanner.scan(BLANKS);
  while (scanner.sees("(")) {
    if (!scanComment(scanner, false)) return false;
    scanner.scan(BLANKS);
  }
  return true;
}

/**
 * Scans a comment in parentheses, which may have others in it, if there is one.
 *
 * @param isName Whether it stands for the name, and has to be readable as such.
 */
function scanComment(scanner: Scanner, isName: boolean): boolean {
  if (!scanner.scan(/\(/y)) return true;
  let text = "";
  for (let depth = 1; depth > 0;) {
    const found = scanner.scan(PARENTHESES);
    if (found === undefined) return false;
    text += found;
    depth += found.endsWith("(") ? 1 : -1;
  }
  const words = text.slice(0, -1).replaceAll(/\\(.)/gsu, "$1").split(/[ \t]+/);
  return !isName || words.every((word) => formOf(word) !== "unreadable");
}

/** Tells how Go takes a word: it does not read every character set. */
function formOf(word: string): "plain" | "encoded" | "empty" | "unreadable" {
  const { charset, base64, quoted } = ENCODED_WORD.exec(word)?.groups ?? {};
  if (charset === undefined) return "plain";
  if (base64 !== undefined && !BASE64.test(base64)) return "plain";
  if (!CHARSETS.includes(charset.toLowerCase())) return "unreadable";
  return base64 || quoted ? "encoded" : "empty";
}

function unquote(quoted: string | undefined): string | undefined {
  return quoted?.slice(1, -1).replace(/\\(.)/gu, "$1");
}
