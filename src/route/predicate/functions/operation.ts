/**
 * What a function or a method of the condition language is.
 *
 * @module
 */

import type { Regexp } from "../text/regexp.ts";
import {
  type StaticType,
  type Type,
  TYPES,
  type Value,
  type ValueByType,
} from "./value.ts";

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

/** An operation without its name. */
export type Definition = Omit<Operation, "name">;

/** What an argument may be: of one type, of one of several, or of any. */
type Spec = StaticType | readonly Type[];

/** Any number of arguments of these types, behind all others. */
interface Many<S extends Spec> {
  readonly each: S;
}

/** Says that any number of arguments of these types may follow. */
export function many<const S extends Spec>(each: S): Many<S> {
  return { each };
}

type ValueOf<S extends Spec> = S extends readonly Type[]
  ? ValueByType[S[number]]
  : S extends Type ? ValueByType[S]
  : Value;

/** The values that go with parameters. */
type ValuesOf<Params extends readonly unknown[]> = Params extends
  readonly [infer First, ...infer Others]
  ? First extends Many<infer S> ? ValueOf<S>[]
  : First extends Spec ? [ValueOf<First>, ...ValuesOf<Others>]
  : never
  : [];

/**
 * Defines an operation with a result of one type; the types of what `run` gets follow from the parameters.
 *
 * @param traits What is special about it.
 */
type Define = <const Params extends readonly (Spec | Many<Spec>)[]>(
  params: Params,
  run: (call: Call, ...args: ValuesOf<Params>) => Value,
  traits?: Partial<Pick<Operation, "isAlike" | "isRegexp">>,
) => Definition;

// Each defines operations with a result of the type that it is named after.
export const any: Define = returning("any");
export const bool: Define = returning("bool");
export const dict: Define = returning("dict");
export const option: Define = returning("option");
export const pair: Define = returning("pair");
export const set: Define = returning("set");
export const time: Define = returning("time");

function returning(result: StaticType): Define {
  return (params, run, traits) => {
    // The checker and the evaluator see to it that the values are of these types.
    const runAny = run as (call: Call, ...args: readonly Value[]) => Value;
    const [rest] = params.filter(isMany);
    return {
      params: params.flatMap((param) => isMany(param) ? [] : [typesOf(param)]),
      rest: rest && typesOf(rest.each),
      result,
      isAlike: false,
      isRegexp: () => false,
      ...traits,
      run: (call, args) => runAny(call, ...args),
    };
  };
}

function isMany(param: Spec | Many<Spec>): param is Many<Spec> {
  return typeof param === "object" && "each" in param;
}

function typesOf(spec: Spec): Param {
  if (typeof spec !== "string") return spec;
  return spec === "any" ? TYPES : [spec];
}

/** Returns the operations of some tables by name. */
export function byName(
  ...tables: readonly Readonly<Record<string, Definition>>[]
): ReadonlyMap<string, Operation> {
  const entries = tables.flatMap((table) => Object.entries(table));
  return new Map(entries.map(([name, each]) => [name, { name, ...each }]));
}
