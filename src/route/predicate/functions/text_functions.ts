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
import { any, bool, type Call, type Definition, set } from "./operation.ts";
import type { StringSet } from "./value.ts";

const TEXTS = ["string", "set"] as const;

export const TEXT_FUNCTIONS: Readonly<Record<string, Definition>> = {
  "strings.upper": any(
    [TEXTS],
    (call, texts) => mapTexts(call, texts, upperCase),
  ),
  "strings.lower": any(
    [TEXTS],
    (call, texts) => mapTexts(call, texts, lowerCase),
  ),
  "strings.replaceall": any(
    [TEXTS, "string", "string"],
    (call, texts, from, to) =>
      mapTexts(call, texts, (text) => {
        // Go finds the empty text between each two characters, and at both ends.
        const pieces = from === "" ? ["", ...text, ""] : text.split(from);
        call.spend(text.length + pieces.length * to.length);
        return pieces.join(to);
      }),
  ),
  "strings.split": set(["set", "string"], (call, texts, separator) => {
    const pieces = new Set<string>();
    for (const text of texts) {
      call.spend(1 + text.length);
      // Not by UTF-16 units, as split("") does.
      const parts = separator === "" ? Array.from(text) : text.split(separator);
      for (const part of parts) pieces.add(part);
    }
    return pieces;
  }),
  "email.local": set(["set"], (call, addresses) => {
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
  }),
  "regexp.match": bool(
    ["set", "string"],
    (call, texts, pattern) => texts.values().some(matcherFor(call, pattern)),
    { isRegexp: isAnchored },
  ),
  // Leaves out what does not match, and what nothing is left of.
  "regexp.replace": set(
    ["set", "string", "string"],
    (call, texts, pattern, template) => {
      const regexp = call.regexp(pattern);
      const replaced = new Set<string>();
      for (const text of texts) {
        const result = regexp.replaceAll(text, template, call);
        if (result !== undefined && result !== "") replaced.add(result);
      }
      return replaced;
    },
    { isRegexp: () => true },
  ),
};

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
