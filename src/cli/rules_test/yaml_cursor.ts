/**
 * A place in a YAML text, and the steps from one to the next.
 *
 * @module
 */

/** A text that is no YAML, or beyond the part of it that is read. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Takes blanks off the end; to YAML other white space is text. */
export function trimBlanks(text: string): string {
  return text.replace(/[ \t]+$/, "");
}

/** Where a parser is. Lines end with LF; a CR before it is dropped. */
export class YamlCursor {
  readonly #lines: readonly string[];
  #row = 0;
  #column = 0;

  constructor(text: string) {
    this.#lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  }

  /** Counted from 1. */
  get line(): number {
    return Math.min(this.#row, this.#lines.length - 1) + 1;
  }

  /** Counted from 0. */
  get column(): number {
    return this.#column;
  }

  get isEnd(): boolean {
    return this.#row >= this.#lines.length;
  }

  /** The rest of the line. */
  get rest(): string {
    return this.#lines[this.#row]?.slice(this.#column) ?? "";
  }

  /** The next character; empty at the end of a line. */
  get char(): string {
    return this.#lines[this.#row]?.[this.#column] ?? "";
  }

  /** Whether the rest of the line is empty but for blanks. */
  get isBlank(): boolean {
    return /^[ \t]*$/.test(this.rest);
  }

  /** Whether nothing but a comment follows on this line. */
  get isLineEnd(): boolean {
    const { rest } = this;
    if (rest === "") return true;
    return rest.startsWith("#") &&
      (this.#column === 0 || this.#isBlankBefore());
  }

  /** Whether an item of a list begins here. */
  get isDash(): boolean {
    return /^-(?:[ \t]|$)/.test(this.rest);
  }

  /** Whether the colon behind a key is here. */
  get isColon(): boolean {
    return /^:(?:[ \t]|$)/.test(this.rest);
  }

  /** Whether a document begins or ends here. */
  get isMarker(): boolean {
    return this.#column === 0 && /^(?:---|\.\.\.)(?:[ \t]|$)/.test(this.rest);
  }

  /** @throws {YamlError} Always. */
  fail(message: string): never {
    throw new YamlError(this.line, message);
  }

  advance(characters: number): void {
    this.#column += characters;
  }

  /** Goes to the beginning of the next line. */
  nextLine(): void {
    this.#row++;
    this.#column = 0;
  }

  /** Does something, and comes back to where it was. */
  peek<T>(look: () => T): T {
    const [row, column] = [this.#row, this.#column];
    try {
      return look();
    } finally {
      [this.#row, this.#column] = [row, column];
    }
  }

  skipBlanks(): void {
    this.#column += /^[ \t]*/.exec(this.rest)?.[0].length ?? 0;
  }

  /** Goes past a marker of a document; returns whether one was here. */
  skipMarker(): boolean {
    if (!this.isMarker) return false;
    this.advance(3);
    this.skipBlanks();
    if (!this.isLineEnd) this.fail("a document begins on a line of its own");
    this.nextLine();
    return true;
  }

  /** Goes past empty lines and comments; returns whether there is anything behind them. */
  skipToContent(): boolean {
    while (!this.isEnd) {
      const indent = this.#column;
      this.#column += /^ */.exec(this.rest)?.[0].length ?? 0;
      if (this.char === "\t" && indent === 0 && !this.isBlank) {
        this.fail("tabs do not indent: write spaces");
      }
      this.peek(() => this.skipBlanks());
      if (!this.isBlank && !this.isLineEnd) return true;
      this.nextLine();
    }
    return false;
  }

  /** @throws {YamlError} If anything but a comment follows on this line. */
  expectLineEnd(): void {
    if (this.isEnd || this.#column === 0) return;
    this.skipBlanks();
    if (!this.isLineEnd) this.fail("expected the end of the line here");
    this.nextLine();
  }

  /** Goes past blanks, line ends and comments within brackets. */
  skipFlowBlanks(): void {
    while (!this.isEnd) {
      this.skipBlanks();
      if (!this.isLineEnd) return;
      this.nextLine();
    }
    this.fail("a bracket is not closed");
  }

  /** Goes past a key without quotes; returns whether there is one. */
  skipPlainKey(): boolean {
    const key = PLAIN_KEY.exec(this.rest)?.[0];
    if (key === undefined) return false;
    this.advance(key.length);
    return true;
  }

  takePlainKey(): string {
    const key = PLAIN_KEY.exec(this.rest)?.[0] ?? "";
    this.advance(key.length);
    return trimBlanks(key);
  }

  /** Takes a text without quotes, which goes on over lines that are indented further than its parent. */
  takePlain(parent: number): string {
    this.#refuseIndicator();
    let text = this.#takePlainLine();
    for (;;) {
      const folded = this.peek(() => this.#countFold(parent));
      if (folded === undefined) return text;
      for (let i = 0; i <= folded; i++) this.nextLine();
      this.skipBlanks();
      text += (folded === 0 ? " " : "\n".repeat(folded)) +
        this.#takePlainLine();
    }
  }

  /** Takes a text without quotes within brackets. */
  takeFlowPlain(): string {
    this.#refuseIndicator();
    const take = () => {
      const part = FLOW_PLAIN.exec(this.rest)?.[0] ?? "";
      this.advance(part.length);
      return trimBlanks(part);
    };
    let text = take();
    if (text === "") this.fail("expected a value here");
    while (this.isBlank) {
      let empty = -1;
      do {
        this.nextLine();
        empty++;
        if (this.isEnd) this.fail("a bracket is not closed");
      } while (this.isBlank);
      this.skipBlanks();
      if (FLOW_END.test(this.rest)) break;
      text += (empty === 0 ? " " : "\n".repeat(empty)) + take();
    }
    return text;
  }

  #takePlainLine(): string {
    const { rest } = this;
    const text = /^(?:[^ \t]|[ \t]+(?![ \t#]))*/.exec(rest)?.[0] ?? "";
    if (/:(?:[ \t]|$)/.test(text)) {
      this.fail('put a text with a colon and a space in it in quotes: ": "');
    }
    this.advance(text.length);
    return trimBlanks(text);
  }

  /** Counts the empty lines up to the next line of the same text; `undefined` if there is none. */
  #countFold(parent: number): number | undefined {
    this.skipBlanks();
    // A comment ends the text.
    if (this.rest !== "") return undefined;
    let empty = -1;
    do {
      this.nextLine();
      empty++;
      if (this.isEnd) return undefined;
    } while (this.isBlank);
    if (this.isMarker) return undefined;
    this.skipBlanks();
    return this.#column > parent && !this.isLineEnd ? empty : undefined;
  }

  #refuseIndicator(): void {
    const { char, rest } = this;
    if (char === "&" || char === "*") this.fail("anchors are not understood");
    if (char === "!") this.fail("put a text that begins with ! in quotes");
    if (/^(?:[%@`,\]}]|[?](?:[ \t]|$))/.test(rest)) {
      this.fail(`put a text that begins with ${char} in quotes`);
    }
  }

  #isBlankBefore(): boolean {
    return /[ \t]/.test(this.#lines[this.#row]?.[this.#column - 1] ?? "");
  }
}

/** Up to the colon that ends a key, or a comment. */
const PLAIN_KEY = /^(?:[^:# \t]|:(?![ \t]|$)|(?<=[^ \t])#|[ \t]+(?![ \t#]))+/;

/** Up to what ends a text in brackets. */
const FLOW_PLAIN =
  /^(?:[^:,[\]{}# \t]|:(?![ \t,[\]{}]|$)|(?<=[^ \t])#|[ \t]+(?![ \t#]))*/;

/** What ends a text in brackets at the beginning of a line. */
const FLOW_END = /^(?:[,[\]{}#]|:(?:[ \t,[\]{}]|$))/;
