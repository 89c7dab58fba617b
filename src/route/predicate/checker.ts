/**
 * Finds what the names of a condition stand for, and sees to it that the types fit.
 *
 * A part whose type shows only when it is evaluated, such as the result of `ifelse()`, fits everywhere
 * here and is looked at again then.
 *
 * Source: docs/design/routing-rules.md 4; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import { CHOICE_FUNCTIONS } from "./functions/choice_functions.ts";
import { byName, type Operation, type Param } from "./functions/operation.ts";
import { SET_FUNCTIONS, SET_METHODS } from "./functions/set_functions.ts";
import { TEXT_FUNCTIONS } from "./functions/text_functions.ts";
import { TIME_FUNCTIONS, TIME_METHODS } from "./functions/time_functions.ts";
import {
  describeType,
  describeTypes,
  type StaticType,
} from "./functions/value.ts";
import { INPUT_TYPES, type InputName } from "./input.ts";
import type { Node } from "./node.ts";
import type { Expression, Name, Span } from "./syntax/expression.ts";
import { fail } from "./syntax/predicate_error.ts";

const FUNCTIONS = byName(
  SET_FUNCTIONS,
  TEXT_FUNCTIONS,
  CHOICE_FUNCTIONS,
  TIME_FUNCTIONS,
);
const METHODS = byName(SET_METHODS, TIME_METHODS);

/**
 * Checks a parsed condition.
 *
 * @throws {PredicateError} If a name is not known or a type does not fit.
 */
export function checkExpression(expression: Expression): Node {
  const { kind, start, end } = expression;
  switch (kind) {
    case "literal": {
      const { value } = expression;
      const type = typeof value === "string" ? "string" : "int";
      return { kind, value, type, start, end };
    }
    case "path":
      return checkPath(expression.names, { start, end });
    case "member":
      return fail(
        expression.name,
        `only a method can follow here: ${expression.name.value}(…)`,
      );
    case "index":
      return checkIndex(expression);
    case "call":
      return checkCall(expression);
    case "not":
    case "and":
    case "or": {
      const parts = expression.parts.map((each) => checkAs(each, ["bool"]));
      return { kind, parts, type: "bool", start, end };
    }
    case "equal":
      return checkEqual(expression);
  }
}

function checkPath(names: readonly Name[], span: Span): Node {
  const path = joinNames(names);
  if (path === "true" || path === "false") {
    return { kind: "literal", value: path === "true", type: "bool", ...span };
  }
  if (isInput(path)) {
    return { kind: "input", name: path, type: INPUT_TYPES[path], ...span };
  }

  // user.traits.team is user.traits["team"].
  const owner = joinNames(names.slice(0, -1));
  const last = names.at(-1);
  if (last !== undefined && isInput(owner) && INPUT_TYPES[owner] === "dict") {
    const ownerSpan = { start: span.start, end: names.at(-2)?.end ?? 0 };
    return {
      kind: "entry",
      parts: [
        { kind: "input", name: owner, type: "dict", ...ownerSpan },
        { kind: "literal", type: "string", ...last },
      ],
      type: "set",
      ...span,
    };
  }
  return failUnknown(path, span);
}

function failUnknown(path: string, span: Span): never {
  if (FUNCTIONS.has(path)) {
    fail(span, `"${path}" is a function: write ${path}(…)`);
  }
  const known = Object.keys(INPUT_TYPES).join(", ");
  fail(span, `the name "${path}" is unknown; there are ${known}`);
}

function checkIndex(expression: Expression & { kind: "index" }): Node {
  const { parts: [target, key], start, end } = expression;
  // Teleport looks up names in its inputs only, not in what a function returns.
  if (target.kind !== "path") {
    fail(target, "only a named dict, such as user.traits, has entries");
  }
  const dict = checkAs(target, ["dict"]);
  const parts = [dict, checkAs(key, ["string"])] as const;
  return { kind: "entry", parts, type: "set", start, end };
}

function checkEqual(expression: Expression & { kind: "equal" }): Node {
  const { operator, start, end } = expression;
  const left = checkExpression(expression.parts[0]);
  const right = checkExpression(expression.parts[1]);
  const [known, other] = left.type === "any" ? [right, left] : [left, right];
  const compared = known.type;
  if (compared === "any") {
    const needed = "a side whose type is known, such as a text";
    return fail(expression, `"${operator}" needs ${needed}`);
  }
  if (compared !== "string" && compared !== "int") {
    const wanted = `a string or an int to compare by "${operator}"`;
    const found = describeType(compared);
    return fail(known, `expected ${wanted}, found ${found}`);
  }
  expectType(other, other.type, [compared]);
  return {
    kind: "equal",
    isNegated: operator === "!=",
    compared,
    parts: [left, right],
    type: "bool",
    start,
    end,
  };
}

function checkCall(
  { parts: [callee, ...args], ...span }: Expression & { kind: "call" },
): Node {
  if (callee.kind === "path") {
    const path = joinNames(callee.names);
    const operation = FUNCTIONS.get(path);
    if (operation !== undefined) {
      return checkArgs(operation, [], args, callee, span);
    }
  }
  const { receiver, name } = splitMethod(callee);
  const method = METHODS.get(name.value);
  if (method === undefined) {
    fail(name, `there is no method "${name.value}"`);
  }
  const [receiverTypes = []] = method.params;
  if (receiver.type !== "any" && !receiverTypes.includes(receiver.type)) {
    const owners = describeTypes(receiverTypes);
    const found = describeType(receiver.type);
    fail(name, `${name.value}() is a method of ${owners}, found ${found}`);
  }
  return checkArgs(method, [receiver], args, name, span);
}

function splitMethod(
  callee: Expression,
): { readonly receiver: Node; readonly name: Name } {
  if (callee.kind === "member") {
    return { receiver: checkExpression(callee.parts[0]), name: callee.name };
  }
  const names = callee.kind === "path" ? callee.names : [];
  const path = joinNames(names);
  const owner = names.slice(0, -1);
  const [name, last] = [names.at(-1), owner.at(-1)];
  if (name === undefined || last === undefined) {
    const reason = METHODS.has(path)
      ? `"${path}" is a method: write it behind a value, as in value.${path}(…)`
      : `there is no function "${path}"`;
    return fail(callee, reason);
  }
  if (!METHODS.has(name.value)) {
    return fail(callee, `there is no function or method "${path}"`);
  }
  const span = { start: callee.start, end: last.end };
  return { receiver: checkPath(owner, span), name };
}

/** @param where Where the name stands that is called. */
function checkArgs(
  operation: Operation,
  receiver: readonly Node[],
  args: readonly Expression[],
  where: Span,
  { start, end }: Span,
): Node {
  const { params, rest, name, result } = operation;
  const expected = params.length - receiver.length;
  if (
    args.length < expected || (rest === undefined && args.length > expected)
  ) {
    const count = `${expected} argument${expected === 1 ? "" : "s"}`;
    const wanted = rest === undefined ? count : `at least ${count}`;
    fail(where, `${name}() takes ${wanted}, found ${args.length}`);
  }
  const parts = [...receiver];
  for (const arg of args) {
    parts.push(checkAs(arg, paramFor(operation, parts)));
  }
  return { kind: "call", operation, parts, type: result, start, end };
}

/** Returns the types that the next argument may have. */
function paramFor(operation: Operation, before: readonly Node[]): Param {
  const { params, rest = [], isAlike } = operation;
  const known = before.find(({ type }) => type !== "any")?.type;
  if (isAlike && known !== undefined && known !== "any") return [known];
  return params[before.length] ?? rest;
}

function checkAs(expression: Expression, types: Param): Node {
  const node = checkExpression(expression);
  expectType(node, node.type, types);
  return node;
}

/** @throws {PredicateError} If what stands there is known to be of another type than is expected. */
export function expectType(span: Span, found: StaticType, types: Param): void {
  if (found === "any" || types.includes(found)) return;
  const expected = describeTypes(types);
  fail(span, `expected ${expected}, found ${describeType(found)}`);
}

function isInput(path: string): path is InputName {
  return Object.hasOwn(INPUT_TYPES, path);
}

function joinNames(names: readonly Name[]): string {
  return names.map(({ value }) => value).join(".");
}
