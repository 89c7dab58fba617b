/**
 * Conditions of access monitoring rules: parsed once, evaluated for each request.
 *
 * ```ts
 * const condition = parseCondition('user.traits["team"].contains("db")');
 * condition.lookups; // Set { "userTraits" }
 * evaluate(condition, createInput(request, { userTraits: { team: ["db"] } })); // true
 * ```
 *
 * The language is the newest of Teleport's; source: docs/design/routing-rules.md 4. Nothing here
 * reads a clock or waits.
 *
 * @module
 */

import { checkExpression } from "./checker.ts";
import { Evaluator, type Outcome } from "./evaluator.ts";
import { formatValue, type StaticType } from "./functions/value.ts";
import { type ConditionInput, type Lookup, lookupFor } from "./input.ts";
import type { Node } from "./node.ts";
import { parseExpression } from "./syntax/parser.ts";
import { PredicateError, withPlace } from "./syntax/predicate_error.ts";
import { Regexps } from "./text/regexp.ts";

export { PredicateError } from "./syntax/predicate_error.ts";
export {
  type ConditionInput,
  createInput,
  type LookedUp,
  type Lookup,
  type RequestFacts,
} from "./input.ts";

/** A parsed condition; of use only to the functions of this module. */
export interface Condition {
  readonly text: string;
  /** What it yields, as far as it shows before; what is neither `bool` nor `any` never matches. */
  readonly type: StaticType;
  /** What has to be looked up before it can be evaluated. */
  readonly lookups: ReadonlySet<Lookup>;
  readonly root: Node;
  readonly regexps: Regexps;
}

/** Why a condition yields what it yields: an expression, its value, and the same of its parts. */
export interface Explanation {
  /** The expression as it stands in the condition, with the parentheses around it. */
  readonly source: string;
  /** The value as one would write it in a condition; absent if there is none. */
  readonly value?: string;
  /** Why there is no value; of the parts of an expression the innermost one has the cause. */
  readonly error?: PredicateError;
  /**
   * Whether it did not matter, because `&&`, `||` or an error was decided by what stands left of it: its
   * value is what it would have been.
   */
  readonly isSkipped: boolean;
  /** The parts, in the order of the text; literals are left out. */
  readonly parts: readonly Explanation[];
}

/**
 * Parses the text of a condition and checks its names and types.
 *
 * @throws {PredicateError} If Teleport would not take it, or if it is beyond the limits.
 */
export function parseCondition(text: string): Condition {
  const root = withPlace(text, () => checkExpression(parseExpression(text)));
  const lookups = new Set<Lookup>();
  const regexps = new Regexps();
  visit(root, (node) => {
    const lookup = node.kind === "input" ? lookupFor(node.name) : undefined;
    if (lookup !== undefined) lookups.add(lookup);
    const pattern = regexpOf(node);
    if (pattern !== undefined) regexps.prepare(pattern);
  });
  return { text, type: root.type, lookups, root, regexps };
}

/**
 * Tells whether the condition holds; a result that is not a bool counts as `false`.
 *
 * @throws {PredicateError} If it cannot be evaluated; Teleport then skips its rule.
 */
export function evaluate(condition: Condition, input: ConditionInput): boolean {
  const { text, regexps, root } = condition;
  const evaluator = new Evaluator(regexps, input);
  return withPlace(text, () => evaluator.evaluate(root)) === true;
}

/** Evaluates the condition and shows the outcome of each of its expressions. */
export function explain(
  condition: Condition,
  input: ConditionInput,
): Explanation {
  const outcomes = new Map<Node, Outcome>();
  const evaluator = new Evaluator(condition.regexps, input, outcomes);
  settle(evaluator, condition.root);

  const explainNode = (node: Node, wasSkipped: boolean): Explanation => {
    const isSkipped = wasSkipped || !outcomes.has(node);
    if (!outcomes.has(node)) settle(evaluator, node);
    const parts = (node.parts ?? [])
      .filter((part) => part.kind !== "literal")
      .map((part) => explainNode(part, isSkipped));
    return {
      source: condition.text.slice(node.start, node.end),
      ...formatOutcome(outcomes.get(node)),
      isSkipped,
      parts,
    };
  };
  return explainNode(condition.root, false);
}

/** Evaluates an expression for its outcomes alone, an error being one. */
function settle(evaluator: Evaluator, node: Node): void {
  try {
    evaluator.evaluate(node);
  } catch (error) {
    if (!(error instanceof PredicateError)) throw error;
  }
}

function formatOutcome(
  outcome: Outcome | undefined,
): Pick<Explanation, "value" | "error"> {
  if (outcome === undefined) return {};
  return "error" in outcome
    ? { error: outcome.error }
    : { value: formatValue(outcome.value) };
}

/** Returns the regular expression that a call is known to need. */
function regexpOf(node: Node): string | undefined {
  if (node.kind !== "call") return undefined;
  const [, pattern] = node.parts;
  if (pattern?.kind !== "literal" || typeof pattern.value !== "string") {
    return undefined;
  }
  return node.operation.isRegexp(pattern.value) ? pattern.value : undefined;
}

function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  for (const part of node.parts ?? []) visit(part, look);
}
