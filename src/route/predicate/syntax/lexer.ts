/**
 * Takes the text of a condition apart, as Go takes an expression apart.
 *
 * Source: docs/design/routing-rules.md 4.1 (the Go expression grammar underneath); what Go's own scanner
 * adds, such as the line end that ends an expression, was tried against Teleport 18.0.0.
 *
 * @module
 */

import { Scanner } from "../text/scanner.ts";
import { fail } from "./predicate_error.ts";
import { readTextLiteral } from "./text_literal.ts";
import type { Token } from "./token.ts";

const BLANK = /[ \t\r\n]+|\/\/[^\n]*|\/\*[^]*?\*\//y;
const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const NUMBER = /\d[\p{L}\d_.]*|\.\d[\p{L}\d_.]*/uy;
const SYMBOL = /&&|\|\||==|!=|<=|>=|:=|<-|\.{3}|[!()[\].,;<>=+\-*/%&|^~{}:]/y;

/** Reads tokens one by one, so that the first thing that is wrong is what gets reported. */
export class Lexer {
  readonly #text: string;
  readonly #scanner: Scanner;
  /** Whether a line end would end the expression here. */
  #canEnd = false;

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new Scanner(text);
  }

  /** @throws {PredicateError} If no token starts here. */
  next(): Token {
    const newline = this.#skipBlank();
    if (newline !== undefined) {
      this.#canEnd = false;
      return newline;
    }
    const token = this.#read();
    this.#canEnd = token.kind !== "symbol" || /[)\]}]/.test(token.value);
    return token;
  }

  /** Skips blanks and comments; returns the line end in them that ends the expression. */
  #skipBlank(): Token | undefined {
    for (;;) {
      const start = this.#scanner.at;
      const blank = this.#scanner.scan(BLANK);
      if (blank === undefined) return undefined;
      const lineEnd = blank.indexOf("\n");
      if (this.#canEnd && lineEnd !== -1) {
        const at = start + lineEnd;
        return { kind: "newline", value: "", start: at, end: at + 1 };
      }
    }
  }

  #read(): Token {
    const scanner = this.#scanner;
    const start = scanner.at;
    const make = (kind: Token["kind"], value: string): Token => (
      { kind, value, start, end: scanner.at }
    );
    if (scanner.isAtEnd) return make("end", "");
    if (scanner.sees('"') || scanner.sees("`")) {
      return make("text", readTextLiteral(scanner));
    }
    const name = scanner.scan(NAME);
    if (name !== undefined) return make("name", name);
    const number = scanner.scan(NUMBER);
    if (number !== undefined) {
      // Go takes 017 for octal where it is written, and Teleport then for 17.
      if (/^(?:0[0-7]*|[1-9]\d*)$/.test(number)) return make("int", number);
      fail({ start }, `"${number}" is not a whole number in decimal digits`);
    }
    if (scanner.sees("/*")) fail({ start }, "the comment has no end");
    const symbol = scanner.scan(SYMBOL);
    if (symbol !== undefined) return make("symbol", symbol);
    if (scanner.sees("'")) {
      fail({ start }, 'text stands in double quotes ("), not in single ones');
    }
    const char = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    return fail({ start }, `${JSON.stringify(char)} cannot stand here`);
  }
}
