/**
 * Functions and methods of sets and dicts.
 *
 * Source: docs/design/routing-rules.md 4.3, 4.4.
 *
 * @module
 */

import {
  any,
  bool,
  type Call,
  type Definition,
  dict,
  many,
  pair,
  set,
} from "./operation.ts";
import {
  describeType,
  type Dict,
  EMPTY_SET,
  isSet,
  type StringSet,
  typeOf,
} from "./value.ts";

const containsAny = bool(["set", "set"], (call, set, wanted) => {
  call.spend(wanted.size);
  return !set.isDisjointFrom(wanted);
});

const containsAll = bool(["set", "set"], (call, set, wanted) => {
  call.spend(wanted.size);
  return wanted.size > 0 && wanted.isSubsetOf(set);
});

const isEmpty = bool(["set"], (_, set) => set.size === 0);

export const SET_FUNCTIONS: Readonly<Record<string, Definition>> = {
  set: set([many("string")], (_, ...elements) => new Set(elements)),
  dict: dict([many("pair")], (call, ...pairs) => {
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
  pair: pair(["any", "any"], (_, key, value) => ({ kind: "pair", key, value })),
  union: set([many("set")], (call, ...sets) => {
    const all = new Set<string>();
    for (const each of sets) {
      call.spend(each.size);
      for (const element of each) all.add(element);
    }
    return all;
  }),
  contains_any: containsAny,
  contains_all: containsAll,
  is_empty: isEmpty,
};

export const SET_METHODS: Readonly<Record<string, Definition>> = {
  add: set(
    ["set", many("string")],
    (call, set, ...elements) => addTo(call, set, elements),
  ),
  contains: bool(["set", "string"], (_, set, element) => set.has(element)),
  contains_any: containsAny,
  contains_all: containsAll,
  isempty: isEmpty,
  // Of a set or a dict, hence the result of any type.
  remove: any([["set", "dict"], many("string")], (call, from, ...keys) => {
    call.spend(from.size);
    const left = isSet(from) ? new Set(from) : new Map(from);
    for (const key of keys) left.delete(key);
    return left;
  }),
  put: dict(["dict", "string", "set"], withEntry),
  add_values: dict(
    ["dict", "string", many("string")],
    (call, dict, key, ...values) => {
      const set = dict.get(key) ?? EMPTY_SET;
      return withEntry(call, dict, key, addTo(call, set, values));
    },
  ),
};

function addTo(
  call: Call,
  set: StringSet,
  elements: readonly string[],
): StringSet {
  call.spend(set.size);
  return new Set([...set, ...elements]);
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
