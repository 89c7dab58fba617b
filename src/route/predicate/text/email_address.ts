/**
 * E-mail addresses, as far as `email.local()` needs them.
 *
 * Source: RFC 5322, section 3.4, as Go's mail parser takes it, tried with Teleport 18.0.0: with a name
 * before it or without. An address that is wrapped in a named group is not taken.
 *
 * @module
 */

const BLANKS = /[ \t]*/y;
/** A character of an address that needs no quotes, and the same with dots between. */
const CHAR = "[\\w!#$%&'*+\\-/=?^`{|}~\\u{80}-\\u{10ffff}]";
const ATOM = new RegExp(`${CHAR}+(?:\\.${CHAR}+)*`, "uy");
/** In a name a dot may stand anywhere. */
const WORD = new RegExp(`(?:${CHAR}|\\.)+`, "uy");
const QUOTED = /"(?:[^"\\\r\n]|\\.)*"/y;
const DOMAIN_LITERAL = /\[[!-Z^-~]+\]/y;
const PARENTHESES = /(?:[^()\\]|\\.)*[()]/sy;

/**
 * Returns what stands before the first `@` of an address such as `ann@example.com` or
 * `Ann <ann@example.com>`.
 *
 * @returns `undefined` if the text is not one address.
 */
export function parseEmailLocal(text: string): string | undefined {
  const scanner = new Scanner(text);
  scanner.scan(BLANKS);
  const start = scanner.at;
  let local = scanAddress(scanner);
  if (local === undefined) {
    scanner.at = start;
    local = scanNamed(scanner);
  }
  skipComments(scanner);
  return scanner.isAtEnd ? local?.split("@", 1)[0] : undefined;
}

/** Scans `name <address>`, where the name may be missing. */
function scanNamed(scanner: Scanner): string | undefined {
  while (scanner.scan(WORD) ?? scanner.scan(QUOTED)) skipComments(scanner);
  if (!scanner.scan(/</y)) return undefined;
  const local = scanAddress(scanner);
  return scanner.scan(/>/y) ? local : undefined;
}

function scanAddress(scanner: Scanner): string | undefined {
  const local = scanner.scan(ATOM) ?? unquote(scanner.scan(QUOTED));
  if (!local || !scanner.scan(/@/y)) return undefined;
  scanner.scan(BLANKS);
  return scanner.scan(ATOM) ?? scanner.scan(DOMAIN_LITERAL) ? local : undefined;
}

/** Skips blanks, and comments in parentheses, which may have others in them. */
function skipComments(scanner: Scanner): void {
  scanner.scan(BLANKS);
  for (let start = scanner.at; scanner.scan(/\(/y); start = scanner.at) {
    for (let depth = 1; depth > 0;) {
      const found = scanner.scan(PARENTHESES);
      if (found === undefined) {
        scanner.at = start;
        return;
      }
      depth += found.endsWith("(") ? 1 : -1;
    }
    scanner.scan(BLANKS);
  }
}

function unquote(quoted: string | undefined): string | undefined {
  return quoted?.slice(1, -1).replace(/\\(.)/g, "$1");
}

class Scanner {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.#text.length;
  }

  /** Returns what the pattern, which is sticky, matches here, and goes on behind it. */
  scan(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}
