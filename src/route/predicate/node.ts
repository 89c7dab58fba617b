/**
 * A condition whose names are known and whose types fit.
 *
 * @module
 */

import type { Operation } from "./functions/operation.ts";
import type { StaticType, Value } from "./functions/value.ts";
import type { InputName } from "./input.ts";
import type { Span } from "./syntax/expression.ts";

/** A checked expression. */
export type Node =
  & Span
  & { readonly type: StaticType }
  & (
    | { readonly kind: "literal"; readonly value: Value }
    | { readonly kind: "input"; readonly name: InputName }
    /** What a dict has under a name. */
    | { readonly kind: "entry"; readonly dict: Node; readonly key: Node }
    | { readonly kind: "not"; readonly operand: Node }
    | { readonly kind: "and"; readonly operands: readonly Node[] }
    | { readonly kind: "or"; readonly operands: readonly Node[] }
    | {
      readonly kind: "equal";
      readonly isNegated: boolean;
      /** Type of both sides. */
      readonly compared: "string" | "int";
      readonly left: Node;
      readonly right: Node;
    }
    | {
      readonly kind: "call";
      readonly operation: Operation;
      readonly args: readonly Node[];
    }
  );

/** Returns the expressions that an expression is made of. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "literal":
    case "input":
      return [];
    case "entry":
      return [node.dict, node.key];
    case "not":
      return [node.operand];
    case "and":
    case "or":
      return node.operands;
    case "equal":
      return [node.left, node.right];
    case "call":
      return node.args;
  }
}
