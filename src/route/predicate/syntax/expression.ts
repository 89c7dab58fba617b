/**
 * The shape of a condition before anything is known of its names and types.
 *
 * @module
 */

/** A part of the text, as offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A name as it stands in the text. */
export interface Name extends Span {
  readonly value: string;
}

/** An expression; its span has the parentheses around it. */
export type Expression =
  & Span
  & {
    /** How deep the deepest expression in it stands; 1 if there is none in it. */
    readonly depth: number;
  }
  & (
    | { readonly kind: "literal"; readonly value: string | bigint }
    /** `access_request.spec.roles`; at least one name. */
    | { readonly kind: "path"; readonly names: readonly Name[] }
    /** `expression.name` where the expression is not a path: only good for calling a method. */
    | {
      readonly kind: "member";
      readonly target: Expression;
      readonly name: Name;
    }
    | {
      readonly kind: "index";
      readonly target: Expression;
      readonly key: Expression;
    }
    | {
      readonly kind: "call";
      readonly callee: Expression;
      readonly args: readonly Expression[];
    }
    | { readonly kind: "not"; readonly operand: Expression }
    /** `a && b && c`, at least two. */
    | { readonly kind: "and"; readonly operands: readonly Expression[] }
    | { readonly kind: "or"; readonly operands: readonly Expression[] }
    | {
      readonly kind: "equal";
      readonly operator: "==" | "!=";
      readonly left: Expression;
      readonly right: Expression;
    }
  );
