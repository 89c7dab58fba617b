/**
 * Parses a condition, by the part of Go's expression grammar that Teleport takes.
 *
 * Source: docs/design/routing-rules.md 4.1; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import type { Expression, Name, Span } from "./expression.ts";
import { Lexer } from "./lexer.ts";
import { MAX_DEPTH, MAX_TEXT_UNITS } from "./limits.ts";
import { fail } from "./predicate_error.ts";
import type { Token } from "./token.ts";

const TOO_DEEP = `more than ${MAX_DEPTH} expressions stand in one another`;

const MAX_INT = 2n ** 63n - 1n;

/** Words of Go that are no names; the others could not start or go on an expression anyway. */
const RESERVED = new Set(
  ("break case chan const continue default defer else fallthrough for func go goto if import " +
    "interface map package range return select struct switch type var").split(
      " ",
    ),
);

/** What to write instead of what the language does not have. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["and", "write &&"],
  ["or", "write ||"],
  ["&", "write &&"],
  ["|", "write ||"],
  ["=", "write =="],
  ["in", "write set.contains(text)"],
  ...["<", "<=", ">", ">="].map((operator): [string, string] => [
    operator,
    "write before(), after() or between() to compare times",
  ]),
]);

/**
 * Parses the text of a condition.
 *
 * @throws {PredicateError} If it is none, or too long or too deep.
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).parse();
}

type Shape = Expression extends infer E
  ? E extends Expression ? Omit<E, keyof Span | "depth"> : never
  : never;

class Parser {
  readonly #text: string;
  readonly #lexer: Lexer;
  #token: Token;
  /** Where the last token that was taken ends. */
  #end = 0;
  #depth = 0;

  constructor(text: string) {
    if (text.length > MAX_TEXT_UNITS) {
      const reason =
        `the condition is longer than ${MAX_TEXT_UNITS} characters`;
      fail({ start: MAX_TEXT_UNITS }, reason);
    }
    this.#text = text;
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  parse(): Expression {
    const whole = this.#parseOr();
    const { kind } = this.#token;
    const isWhole = kind === "end" ||
      kind === "newline" && this.#lexer.next().kind === "end";
    if (isWhole) return whole;
    this.#failExpecting("an operator or the end of the condition");
  }

  #parseOr(): Expression {
    return this.#parseRow("||", "or", () => this.#parseAnd());
  }

  #parseAnd(): Expression {
    return this.#parseRow("&&", "and", () => this.#parseEqual());
  }

  #parseRow(
    symbol: string,
    kind: "or" | "and",
    parseOperand: () => Expression,
  ): Expression {
    const first = parseOperand();
    const parts = [first];
    while (this.#skip(symbol)) parts.push(parseOperand());
    return parts.length === 1
      ? first
      : this.#make(first.start, { kind, parts });
  }

  #parseEqual(): Expression {
    let left = this.#parseUnary();
    for (;;) {
      const operator = this.#skip("==") ? "==" : this.#skip("!=") ? "!=" : "";
      if (operator === "") return left;
      const parts = [left, this.#parseUnary()] as const;
      left = this.#make(left.start, { kind: "equal", operator, parts });
    }
  }

  #parseUnary(): Expression {
    const { start } = this.#token;
    if (!this.#skip("!")) return this.#parseOperand();
    const operand = this.#nest(() => this.#parseUnary());
    return this.#make(start, { kind: "not", parts: [operand] });
  }

  /** Parses a literal, a path or a group, and the members, entries and calls that follow it. */
  #parseOperand(): Expression {
    const { start } = this.#token;
    let isGroup = this.#token.value === "(" && this.#token.kind === "symbol";
    let left = this.#parsePrimary();
    for (;;) {
      if (this.#skip(".")) {
        const name = this.#takeName();
        left = left.kind === "path" && !isGroup
          ? this.#make(start, { kind: "path", names: [...left.names, name] })
          : this.#make(start, { kind: "member", parts: [left], name });
      } else if (this.#isAt("[")) {
        left = this.#parseIndex(start, left);
      } else if (this.#isAt("(")) {
        if (isGroup || (left.kind !== "path" && left.kind !== "member")) {
          fail(this.#token, "only what has a name can be called");
        }
        left = this.#parseCall(start, left);
      } else return left;
      isGroup = false;
    }
  }

  #parsePrimary(): Expression {
    const token = this.#token;
    const { start, value } = token;
    switch (token.kind) {
      case "text":
        this.#take();
        return this.#make(start, { kind: "literal", value });
      case "int": {
        const number = BigInt(value);
        if (number > MAX_INT) fail(token, "the number is too large");
        this.#take();
        return this.#make(start, { kind: "literal", value: number });
      }
      case "name":
        return this.#make(start, { kind: "path", names: [this.#takeName()] });
      default: {
        if (!this.#skip("(")) {
          this.#failExpecting("a name, a text or a number");
        }
        const inner = this.#nest(() => this.#parseOr());
        this.#expect(")");
        return { ...inner, start, end: this.#end };
      }
    }
  }

  #parseIndex(start: number, target: Expression): Expression {
    this.#expect("[");
    const key = this.#nest(() => this.#parseOr());
    this.#skip(",");
    this.#expect("]");
    return this.#make(start, { kind: "index", parts: [target, key] });
  }

  #parseCall(start: number, callee: Expression): Expression {
    this.#expect("(");
    const args: Expression[] = [];
    while (!this.#isAt(")")) {
      args.push(this.#nest(() => this.#parseOr()));
      if (!this.#skip(",")) break;
    }
    this.#expect(")");
    return this.#make(start, { kind: "call", parts: [callee, ...args] });
  }

  /** Guards the stack while the parts are parsed; `#make()` counts the results. */
  #nest(parse: () => Expression): Expression {
    if (++this.#depth > MAX_DEPTH) fail(this.#token, TOO_DEEP);
    const inner = parse();
    this.#depth--;
    return inner;
  }

  #make(start: number, shape: Shape): Expression {
    let depth = 1;
    for (const part of shape.parts ?? []) {
      depth = Math.max(depth, 1 + part.depth);
    }
    if (depth > MAX_DEPTH) fail({ start }, TOO_DEEP);
    return { ...shape, start, end: this.#end, depth };
  }

  #take(): Token {
    const token = this.#token;
    this.#end = token.end;
    this.#token = this.#lexer.next();
    return token;
  }

  #takeName(): Name {
    const { kind, value, start, end } = this.#token;
    if (kind !== "name") this.#failExpecting("a name");
    if (RESERVED.has(value)) {
      const reason =
        `"${value}" is a reserved word: write ["${value}"] for an entry`;
      fail(this.#token, reason);
    }
    this.#take();
    return { value, start, end };
  }

  #isAt(symbol: string): boolean {
    return this.#token.kind === "symbol" && this.#token.value === symbol;
  }

  #skip(symbol: string): boolean {
    if (!this.#isAt(symbol)) return false;
    this.#take();
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#skip(symbol)) this.#failExpecting(`"${symbol}"`);
  }

  #failExpecting(what: string): never {
    const token = this.#token;
    if (token.kind === "newline") {
      const reason = "a line end here ends the condition: " +
        "put the operator, the dot or the comma before it";
      fail(token, reason);
    }
    const remedy = REMEDIES.get(token.value);
    const hint = remedy === undefined || token.kind === "text"
      ? ""
      : `; ${remedy}`;
    fail(token, `expected ${what}, found ${this.#describe(token)}${hint}`);
  }

  #describe({ kind, start, end }: Token): string {
    if (kind === "end") return "the end";
    const source = this.#text.slice(start, end);
    return kind === "text" ? `the text ${source}` : `"${source}"`;
  }
}
