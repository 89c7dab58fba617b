/**
 * A condition whose names are known and whose types fit.
 *
 * @module
 */

import type { Operation } from "./functions/operation.ts";
import type { StaticType, Value } from "./functions/value.ts";
import type { InputName } from "./input.ts";
import type { Leaf, Span } from "./syntax/expression.ts";

/** A checked expression. */
export type Node =
  & Span
  & { readonly type: StaticType }
  & (
    | Leaf & { readonly kind: "literal"; readonly value: Value }
    | Leaf & { readonly kind: "input"; readonly name: InputName }
    /** What a dict has under a name. */
    | {
      readonly kind: "entry";
      readonly parts: readonly [dict: Node, key: Node];
    }
    /** One part behind `!`; at least two in `a && b && c`. */
    | { readonly kind: "not" | "and" | "or"; readonly parts: readonly Node[] }
    | {
      readonly kind: "equal";
      readonly isNegated: boolean;
      /** Type of both sides. */
      readonly compared: "string" | "int";
      readonly parts: readonly [left: Node, right: Node];
    }
    | {
      readonly kind: "call";
      readonly operation: Operation;
      /** The receiver of a method, and the arguments. */
      readonly parts: readonly Node[];
    }
  );
