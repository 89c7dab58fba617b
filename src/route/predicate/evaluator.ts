/**
 * Evaluates a checked condition.
 *
 * @module
 */

import { expectType } from "./checker.ts";
import type { Call } from "./functions/operation.ts";
import {
  EMPTY_SET,
  type Type,
  typeOf,
  type Value,
  type ValueByType,
} from "./functions/value.ts";
import { type ConditionInput, lookupFor } from "./input.ts";
import type { Node } from "./node.ts";
import type { Span } from "./syntax/expression.ts";
import { MAX_STEPS } from "./syntax/limits.ts";
import { fail, PredicateError } from "./syntax/predicate_error.ts";
import type { Regexps } from "./text/regexp.ts";

/** The outcome of an expression. */
export type Outcome =
  | { readonly value: Value }
  | { readonly error: PredicateError };

/** One evaluation of one condition. */
export class Evaluator {
  readonly #regexps: Regexps;
  readonly #input: ConditionInput;
  readonly #outcomes: Map<Node, Outcome> | undefined;
  #steps = MAX_STEPS;

  /** @param outcomes Gets the outcome of each expression that is evaluated. */
  constructor(
    regexps: Regexps,
    input: ConditionInput,
    outcomes?: Map<Node, Outcome>,
  ) {
    this.#regexps = regexps;
    this.#input = input;
    this.#outcomes = outcomes;
  }

  /** @throws {PredicateError} If there is no value. */
  evaluate(node: Node): Value {
    if (this.#outcomes === undefined) return this.#evaluate(node);
    try {
      const value = this.#evaluate(node);
      this.#outcomes.set(node, { value });
      return value;
    } catch (error) {
      if (error instanceof PredicateError) this.#outcomes.set(node, { error });
      throw error;
    }
  }

  #evaluate(node: Node): Value {
    this.#spend(1, node);
    switch (node.kind) {
      case "literal":
        return node.value;
      case "input":
        return this.#evaluateInput(node);
      case "entry": {
        const [dict, key] = node.parts;
        const entries = this.#evaluateAs(dict, "dict");
        return entries.get(this.#evaluateAs(key, "string")) ?? EMPTY_SET;
      }
      case "not":
        return !node.parts.every((each) => this.#evaluateAs(each, "bool"));
      case "and":
        return node.parts.every((each) => this.#evaluateAs(each, "bool"));
      case "or":
        return node.parts.some((each) => this.#evaluateAs(each, "bool"));
      case "equal": {
        const [left, right] = node.parts
          .map((each) => this.#evaluateAs(each, node.compared));
        return (left === right) !== node.isNegated;
      }
      case "call":
        return this.#evaluateCall(node);
    }
  }

  #evaluateInput(node: Node & { kind: "input" }): Value {
    const value = this.#input[node.name];
    if (value !== undefined) return value;
    const what = lookupFor(node.name) === "userTraits"
      ? "the traits of the user"
      : "the labels of the resources";
    return fail(node, `${what} are not known`);
  }

  #evaluateCall(node: Node & { kind: "call" }): Value {
    const { operation, parts } = node;
    const { params, rest = [] } = operation;
    const values = parts.map((arg, i) => {
      const value = this.evaluate(arg);
      if (arg.type === "any") {
        expectType(arg, typeOf(value), params[i] ?? rest);
      }
      return value;
    });
    const call: Call = {
      spend: (steps) => this.#spend(steps, node),
      fail: (reason) => fail(node, `${operation.name}(): ${reason}`),
      regexp: (source) => {
        const regexp = this.#regexps.get(source, call);
        return regexp instanceof Error ? call.fail(regexp.message) : regexp;
      },
    };
    return operation.run(call, values);
  }

  #evaluateAs<T extends Type>(node: Node, type: T): ValueByType[T] {
    const value = this.evaluate(node);
    if (node.type === "any") expectType(node, typeOf(value), [type]);
    return value as ValueByType[T];
  }

  /** @param span What takes the steps. */
  #spend(steps: number, span: Span): void {
    this.#steps -= steps;
    if (this.#steps < 0) {
      fail(span, `evaluating takes more than ${MAX_STEPS} steps`);
    }
  }
}
