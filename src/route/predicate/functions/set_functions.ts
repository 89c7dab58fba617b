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

const set = define({
  name: "set",
  params: [],
  rest: STRING,
  result: "set",
  run: (_call, ...elements) => new Set(elements),
});

const union = define({
  name: "union",
  params: [],
  rest: SET,
  result: "set",
  run: (call, ...sets) => {
    const all = new Set<string>();
    for (const each of sets) {
      call.spend(each.size);
      for (const element of each) all.add(element);
    }
    return all;
  },
});

const containsAny = define({
  name: "contains_any",
  params: [SET, SET],
  result: "bool",
  run: (call, set, wanted) => {
    call.spend(wanted.size);
    return !set.isDisjointFrom(wanted);
  },
});

const containsAll = define({
  name: "contains_all",
  params: [SET, SET],
  result: "bool",
  run: (call, set, wanted) => {
    call.spend(wanted.size);
    return wanted.size > 0 && wanted.isSubsetOf(set);
  },
});

const isEmpty = define({
  name: "is_empty",
  params: [SET],
  result: "bool",
  run: (_call, set) => set.size === 0,
});

const contains = define({
  name: "contains",
  params: [SET, STRING],
  result: "bool",
  run: (_call, set, element) => set.has(element),
});

const add = define({
  name: "add",
  params: [SET],
  rest: STRING,
  result: "set",
  run: (call, set, ...elements) => addTo(call, set, elements),
});

const dict = define({
  name: "dict",
  params: [],
  rest: PAIR,
  result: "dict",
  run: (call, ...pairs) => {
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
  },
});

const pair = define({
  name: "pair",
  params: [ANYTHING, ANYTHING],
  result: "pair",
  run: (_call, key, value) => new Pair(key, value),
});

const put = define({
  name: "put",
  params: [DICT, STRING, SET],
  result: "dict",
  run: (call, dict, key, value) => withEntry(call, dict, key, value),
});

const addValues = define({
  name: "add_values",
  params: [DICT, STRING],
  rest: STRING,
  result: "dict",
  run: (call, dict, key, ...values) => {
    const set = dict.get(key) ?? EMPTY_SET;
    return withEntry(call, dict, key, addTo(call, set, values));
  },
});

/** Removes elements of a set or entries of a dict, hence the result of any type. */
const remove = define({
  name: "remove",
  params: [["set", "dict"]],
  rest: STRING,
  result: "any",
  run: (call, from, ...keys) => {
    call.spend(from.size);
    const left = isSet(from) ? new Set(from) : new Map(from);
    for (const key of keys) left.delete(key);
    return left;
  },
});

export const SET_FUNCTIONS: readonly Operation[] = [
  set,
  dict,
  pair,
  union,
  containsAny,
  containsAll,
  isEmpty,
];

export const SET_METHODS: readonly Operation[] = [
  add,
  contains,
  containsAny,
  containsAll,
  { ...isEmpty, name: "isempty" },
  remove,
  put,
  addValues,
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
