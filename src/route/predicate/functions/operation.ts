/**
 * What a function or a method of the condition language is.
 *
 * @module
 */

import type { Regexp } from "../text/regexp.ts";
import type { StaticType, Type, Value, ValueByType } from "./value.ts";

/** The types that an argument may have. */
export type Param = readonly Type[];

/** What a running operation may ask of the evaluation that it is part of. */
export interface Call {
  /** @throws {PredicateError} If the evaluation has no steps left for this. */
  spend(steps: number): void;
  /**
   * Ends the evaluation; the reason gets the name of the operation before it.
   *
   * The reason will be logged, so it has no value in it: a requester may have typed it.
   */
  fail(reason: string): never;
  /** Returns the compiled form of a regular expression of Go; fails if it has none. */
  regexp(source: string): Regexp;
}

/** A function, or a method, which gets its receiver as the first argument. */
export interface Operation {
  readonly name: string;
  readonly params: readonly Param[];
  /** Types of the arguments behind those; absent if none may follow. */
  readonly rest: Param | undefined;
  readonly result: StaticType;
  /** Whether all arguments have to be of one type, where the parameters leave a choice. */
  readonly isAlike: boolean;
  /** Tells whether `run` will ask for this second argument as a regular expression. */
  readonly isRegexp: (argument: string) => boolean;
  /** @param args As many as there are parameters, of their types. */
  readonly run: (call: Call, args: readonly Value[]) => Value;
}

export const BOOL = ["bool"] as const;
export const STRING = ["string"] as const;
export const TIME = ["time"] as const;
export const SET = ["set"] as const;
export const DICT = ["dict"] as const;
export const PAIR = ["pair"] as const;
export const OPTION = ["option"] as const;
export const TEXTS = ["string", "set"] as const;
export const MOMENT = ["time", "string"] as const;
export const ANYTHING = [
  "bool",
  "string",
  "int",
  "time",
  "set",
  "dict",
  "pair",
  "option",
] as const;

/** Any number of arguments of these types, behind all others. */
interface Many<P extends Param> {
  readonly each: P;
}

/** Says that any number of arguments of these types may follow. */
export function many<P extends Param>(each: P): Many<P> {
  return { each };
}

type ValueOf<P extends Param> = ValueByType[P[number]];

/** The values that go with parameters. */
type ValuesOf<Params extends readonly unknown[]> = Params extends
  readonly [infer First, ...infer Others]
  ? First extends Many<infer P> ? ValueOf<P>[]
  : First extends Param ? [ValueOf<First>, ...ValuesOf<Others>]
  : never
  : [];

/**
 * Defines an operation; the types of what `run` gets follow from the parameters.
 *
 * @param traits What is special about it.
 */
export function define<const Params extends readonly (Param | Many<Param>)[]>(
  name: string,
  params: Params,
  result: StaticType,
  run: (call: Call, ...args: ValuesOf<Params>) => Value,
  traits: Partial<Pick<Operation, "isAlike" | "isRegexp">> = {},
): Operation {
  // The checker and the evaluator see to it that the values are of these types.
  const runAny = run as (call: Call, ...args: readonly Value[]) => Value;
  return {
    name,
    params: params.flatMap((param) => "each" in param ? [] : [param]),
    rest: params.find((param) => "each" in param)?.each,
    result,
    isAlike: false,
    isRegexp: () => false,
    ...traits,
    run: (call, args) => runAny(call, ...args),
  };
}

/** Returns the operations by name. */
export function byName(
  operations: readonly Operation[],
): ReadonlyMap<string, Operation> {
  return new Map(operations.map((operation) => [operation.name, operation]));
}
