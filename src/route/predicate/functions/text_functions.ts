/**
 * Functions of texts and of sets of texts.
 *
 * Source: docs/design/routing-rules.md 4.3; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import { parseEmailLocal } from "../text/email_address.ts";
import { globMatches, isAnchored } from "../text/glob.ts";
import { lowerCase, upperCase } from "../text/letter_case.ts";
import {
  type Call,
  define,
  type Operation,
  SET,
  STRING,
  TEXTS,
} from "./operation.ts";
import type { StringSet } from "./value.ts";

const upper = define({
  name: "strings.upper",
  params: [TEXTS],
  result: "any",
  run: (call, texts) => mapTexts(call, texts, upperCase),
});

const lower = define({
  name: "strings.lower",
  params: [TEXTS],
  result: "any",
  run: (call, texts) => mapTexts(call, texts, lowerCase),
});

const replaceAll = define({
  name: "strings.replaceall",
  params: [TEXTS, STRING, STRING],
  result: "any",
  run: (call, texts, from, to) =>
    mapTexts(call, texts, (text) => {
      const pieces = from === "" ? splitChars(text) : text.split(from);
      call.spend(text.length + pieces.length * to.length);
      return pieces.join(to);
    }),
});

const split = define({
  name: "strings.split",
  params: [SET, STRING],
  result: "set",
  run: (call, texts, separator) => {
    const pieces = new Set<string>();
    for (const text of texts) {
      call.spend(1 + text.length);
      // Not by UTF-16 units, as split("") does.
      const parts = separator === "" ? Array.from(text) : text.split(separator);
      for (const part of parts) pieces.add(part);
    }
    return pieces;
  },
});

const emailLocal = define({
  name: "email.local",
  params: [SET],
  result: "set",
  run: (call, addresses) => {
    const parts = new Set<string>();
    for (const address of addresses) {
      call.spend(1 + address.length);
      const local = parseEmailLocal(address);
      if (local === undefined) {
        return call.fail("expected nothing but e-mail addresses");
      }
      parts.add(local);
    }
    return parts;
  },
});

const regexpMatch = define({
  name: "regexp.match",
  params: [SET, STRING],
  result: "bool",
  isRegexp: isAnchored,
  run: (call, texts, pattern) => {
    const matches = matcherFor(call, pattern);
    for (const text of texts) if (matches(text)) return true;
    return false;
  },
});

/** Leaves out what does not match, and what nothing is left of. */
const regexpReplace = define({
  name: "regexp.replace",
  params: [SET, STRING, STRING],
  result: "set",
  isRegexp: () => true,
  run: (call, texts, pattern, template) => {
    const regexp = call.regexp(pattern);
    const replaced = new Set<string>();
    for (const text of texts) {
      const result = regexp.replaceAll(text, template, call);
      if (result !== undefined && result !== "") replaced.add(result);
    }
    return replaced;
  },
});

export const TEXT_FUNCTIONS: readonly Operation[] = [
  upper,
  lower,
  replaceAll,
  split,
  emailLocal,
  regexpMatch,
  regexpReplace,
];

function matcherFor(call: Call, pattern: string): (text: string) => boolean {
  if (isAnchored(pattern)) {
    const regexp = call.regexp(pattern);
    return (text) => regexp.matches(text, call);
  }
  return (text) => {
    call.spend(1 + text.length + pattern.length);
    return globMatches(pattern, text);
  };
}

function mapTexts(
  call: Call,
  texts: string | StringSet,
  map: (text: string) => string,
): string | StringSet {
  const mapOne = (text: string) => {
    call.spend(1 + text.length);
    return map(text);
  };
  if (typeof texts === "string") return mapOne(texts);
  return new Set(Array.from(texts, mapOne));
}

/** Returns what a join would put something between each two of, and at both ends. */
function splitChars(text: string): readonly string[] {
  return ["", ...text, ""];
}
