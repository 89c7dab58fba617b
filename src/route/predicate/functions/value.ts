/**
 * The values of the condition language and their types.
 *
 * Source: docs/design/routing-rules.md 4.1.
 *
 * @module
 */

/** A set of strings. */
export type StringSet = ReadonlySet<string>;

/** Sets of strings by name. */
export type Dict = ReadonlyMap<string, StringSet>;

/** One entry of a dict that is yet to be made; whether it fits is seen when it is made. */
export interface Pair {
  readonly kind: "pair";
  readonly key: Value;
  readonly value: Value;
}

/** What `choose()` takes if the condition holds. */
export interface Option {
  readonly kind: "option";
  readonly holds: boolean;
  readonly value: Value;
}

/** How values of each type are held. */
export interface ValueByType {
  readonly bool: boolean;
  readonly string: string;
  readonly int: bigint;
  readonly time: Date;
  readonly set: StringSet;
  readonly dict: Dict;
  readonly pair: Pair;
  readonly option: Option;
}

/** Name of a type. */
export type Type = keyof ValueByType;

/** All of them. */
export const TYPES: readonly Type[] = [
  "bool",
  "string",
  "int",
  "time",
  "set",
  "dict",
  "pair",
  "option",
];

/** Any value of the language. */
export type Value = ValueByType[Type];

/** What is known of a value before it is evaluated: `any` may turn out to be of any type. */
export type StaticType = Type | "any";

/** Control characters that JSON leaves as they are, line ends, and what turns the direction of text. */
const HIDDEN = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** The empty set, which a dict has under every missing name. */
export const EMPTY_SET: StringSet = new Set();

/** Returns the type of a value. */
export function typeOf(value: Value): Type {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (typeof value === "bigint") return "int";
  if (value instanceof Date) return "time";
  if (isDict(value)) return "dict";
  return isSet(value) ? "set" : value.kind;
}

/** Returns a type with its article: `a set`. */
export function describeType(type: StaticType): string {
  if (type === "any") return "a value of any type";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** Returns types with their articles: `a string or a set`. */
export function describeTypes(types: readonly Type[]): string {
  return types.map(describeType).join(" or ");
}

/** Returns a value as one would write it in a condition: `set("dev", "ops")`. */
export function formatValue(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  if (value instanceof Date) {
    return formatCall("time.RFC3339", [value.toISOString()]);
  }
  if (isSet(value)) return formatCall("set", [...value]);
  if (isDict(value)) {
    const pairs = [...value]
      .map(([key, value]): Pair => ({ kind: "pair", key, value }));
    return formatCall("dict", pairs);
  }
  const first = value.kind === "pair" ? value.key : value.holds;
  return formatCall(value.kind, [first, value.value]);
}

/** Escapes what would hide in a terminal, too; the language reads it back. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    HIDDEN,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function formatCall(name: string, args: readonly Value[]): string {
  return `${name}(${args.map(formatValue).join(", ")})`;
}

/** Tells sets from all other values. */
export function isSet(value: Value): value is StringSet {
  return value instanceof Set;
}

function isDict(value: Value): value is Dict {
  return value instanceof Map;
}
