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

/** What has no expressions in it. */
export interface Leaf {
  readonly parts?: never;
}

/** An expression; its span has the parentheses around it. */
export type Expression =
  & Span
  & {
    /** How deep the deepest expression in it stands; 1 if there is none in it. */
    readonly depth: number;
  }
  & (
    | Leaf & { readonly kind: "literal"; readonly value: string | bigint }
    /** `access_request.spec.roles`; at least one name. */
    | Leaf & { readonly kind: "path"; readonly names: readonly Name[] }
    /** `expression.name` where the expression is not a path: only good for calling a method. */
    | {
      readonly kind: "member";
      readonly parts: readonly [target: Expression];
      readonly name: Name;
    }
    | {
      readonly kind: "index";
      readonly parts: readonly [target: Expression, key: Expression];
    }
    | {
      readonly kind: "call";
      readonly parts: readonly [callee: Expression, ...args: Expression[]];
    }
    /** One part behind `!`; at least two in `a && b && c`. */
    | {
      readonly kind: "not" | "and" | "or";
      readonly parts: readonly Expression[];
    }
    | {
      readonly kind: "equal";
      readonly operator: "==" | "!=";
      readonly parts: readonly [left: Expression, right: Expression];
    }
  );
