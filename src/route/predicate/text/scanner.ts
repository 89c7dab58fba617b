/**
 * Taking a text apart from its beginning to its end.
 *
 * @module
 */

/** A text, and how far it was read. */
export class Scanner {
  /** Offset of what comes next. */
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.#text.length;
  }

  sees(prefix: string): boolean {
    return this.#text.startsWith(prefix, this.at);
  }

  /** Returns what the pattern, which is sticky, matches here, and goes on behind it. */
  scan(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}
