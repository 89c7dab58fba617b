/**
 * E-mail addresses, as far as `email.local()` needs them.
 *
 * Source: RFC 5322, section 3.4, as Go's mail parser takes it: with a name before it or without.
 *
 * @module
 */

const COMMENT = /(?:[ \t\r\n]|\([^()]*\))*/y;
const ATOM =
  /[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+)*/uy;
const QUOTED = /"(?:[^"\\\r\n]|\\.)*"/y;
const DOMAIN_LITERAL = /\[[!-Z^-~]*\]/y;

/**
 * Returns what stands before the first `@` of an address such as `ann@example.com` or
 * `Ann <ann@example.com>`.
 *
 * @returns `undefined` if the text is not one address.
 */
export function parseEmailLocal(text: string): string | undefined {
  const scanner = new Scanner(text);
  scanner.skip(COMMENT);
  const bare = scanner.at;
  let local = scanAddress(scanner);
  if (local === undefined) {
    scanner.at = bare;
    local = scanNamed(scanner);
  }
  scanner.skip(COMMENT);
  return scanner.isAtEnd ? local?.split("@", 1)[0] : undefined;
}

/** Scans `name <address>`, where the name may be missing. */
function scanNamed(scanner: Scanner): string | undefined {
  while (scanner.skip(ATOM) || scanner.skip(QUOTED)) scanner.skip(COMMENT);
  if (!scanner.skip(/</y)) return undefined;
  scanner.skip(COMMENT);
  const local = scanAddress(scanner);
  scanner.skip(COMMENT);
  return scanner.skip(/>/y) ? local : undefined;
}

function scanAddress(scanner: Scanner): string | undefined {
  const local = scanner.scan(ATOM) ?? unquote(scanner.scan(QUOTED));
  if (!local || !scanner.skip(/@/y)) return undefined;
  scanner.skip(COMMENT);
  return scanner.skip(ATOM) || scanner.skip(DOMAIN_LITERAL) ? local : undefined;
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

  skip(pattern: RegExp): boolean {
    return this.scan(pattern) !== undefined;
  }
}
