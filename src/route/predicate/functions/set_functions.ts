/**
 * Functions and methods of sets and dicts.
 *
 * Source: docs/design/routing-rules.md 4.3, 4.4.
 *
 * @module
 */

import {
  ANYTHING,
  type Call,
  define,
  DICT,
  many,
  type Operation,
  PAIR,
  SET,
  STRING,
} from "./operation.ts";
import {
  describeType,
  type Dict,
  EMPTY_SET,
  Pair,
  type StringSet,
  typeOf,
} from "./value.ts";

const containsAny = define("contains_any", [SET, SET], "bool", (
  call,
  set,
  wanted,
) => {
  call.spend(wanted.size);
  return !set.isDisjointFrom(wanted);
});

const containsAll = define("contains_all", [SET, SET], "bool", (
  call,
  set,
  wanted,
) => {
  call.spend(wanted.size);
  return wanted.size > 0 && wanted.isSubsetOf(set);
});

const isEmpty = define(
  "is_empty",
  [SET],
  "bool",
  (_call, set) => set.size === 0,
);

export const SET_FUNCTIONS: readonly Operation[] = [
  define(
    "set",
    [many(STRING)],
    "set",
    (_call, ...elements) => new Set(elements),
  ),
  define("dict", [many(PAIR)], "dict", (call, ...pairs) => {
    const made = new Map<string, StringSet>();
    for (const { key, value } of pairs) {
      if (typeof key !== "string" || !isSet(value)) {
        const [left, right] = [typeOf(key), typeOf(value)].map(describeType);
        return call.fail(
          `expected a string and a set in a pair, found ${left} and ${right}`,
        );
      }
      made.set(key, value);
    }
    return made;
  }),
  define(
    "pair",
    [ANYTHING, ANYTHING],
    "pair",
    (_call, key, value) => new Pair(key, value),
  ),
  define("union", [many(SET)], "set", (call, ...sets) => {
    const all = new Set<string>();
    for (const each of sets) {
      call.spend(each.size);
      for (const element of each) all.add(element);
    }
    return all;
  }),
  containsAny,
  containsAll,
  isEmpty,
];

export const SET_METHODS: readonly Operation[] = [
  define(
    "add",
    [SET, many(STRING)],
    "set",
    (call, set, ...elements) => addTo(call, set, elements),
  ),
  define(
    "contains",
    [SET, STRING],
    "bool",
    (_call, set, element) => set.has(element),
  ),
  containsAny,
  containsAll,
  { ...isEmpty, name: "isempty" },
  // Of a set or a dict, hence the result of any type.
  define("remove", [["set", "dict"], many(STRING)], "any", (
    call,
    from,
    ...keys
  ) => {
    call.spend(from.size);
    const left = isSet(from) ? new Set(from) : new Map(from);
    for (const key of keys) left.delete(key);
    return left;
  }),
  define(
    "put",
    [DICT, STRING, SET],
    "dict",
    (call, dict, key, value) => withEntry(call, dict, key, value),
  ),
  define(
    "add_values",
    [DICT, STRING, many(STRING)],
    "dict",
    (call, dict, key, ...values) => {
      const set = dict.get(key) ?? EMPTY_SET;
      return withEntry(call, dict, key, addTo(call, set, values));
    },
  ),
];

function addTo(
  call: Call,
  set: StringSet,
  elements: readonly string[],
): StringSet {
  call.spend(set.size);
  const more = new Set(set);
  for (const element of elements) more.add(element);
  return more;
}

function withEntry(
  call: Call,
  dict: Dict,
  key: string,
  value: StringSet,
): Dict {
  call.spend(dict.size);
  return new Map(dict).set(key, value);
}

function isSet(value: unknown): value is StringSet {
  return value instanceof Set;
}
