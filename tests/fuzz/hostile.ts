/**
 * Requests, names and stored data as an enemy would write them.
 *
 * @module
 */

import fc from "fast-check";
import type { Enrichment } from "../../src/people/enrichment.ts";
import type { NewRequest } from "../fakes/cluster_state.ts";

/** The most that Teleport takes as a reason. */
export const MAX_REASON_BYTES = 4096;

const PIECES = [
  "`",
  "```",
  "\n",
  "\r\n",
  "\\",
  "*",
  "||",
  "@everyone",
  "<@&123>",
  "[a](https://e.example)",
  "*ID*: 01a20507-189a-7118-9fd8-327dc17e8f0a",
  "You have a new Role Request:",
  "\0",
  "\x1b[31m",
  "\u202e",
  "\u2066",
  "\u2028",
  "\ud83d",
  "\ude00",
  "👨‍👩‍👧‍👦",
  "a\u0301\u0301\u0301",
  "승인",
  "שלום",
  "\ufeff",
  "\u200b",
  ",",
  '"',
  "{}",
  "x".repeat(300),
];

/** Text of up to some thousand characters. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "dev", "\0", "\u202e", "\ud800", " "),
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.tuple(
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 }),
    fc.constantFrom(1, 3, 200),
  ).map(([pieces, times]) => pieces.join("").repeat(times).slice(0, 6000)),
);

/** A reason as long as Teleport takes, to the byte where it can be. */
export const hostileReason: fc.Arbitrary<string> = fc.oneof(
  hostileText.map((text) => cutBytes(text, MAX_REASON_BYTES)),
  hostileText.filter((text) => text !== "").map((text) =>
    cutBytes(text.repeat(4096), MAX_REASON_BYTES)
  ),
);

const name = hostileText.map((text) => text.slice(0, 255));
const names = fc.oneof(
  fc.array(name, { minLength: 1, maxLength: 4 }),
  fc.tuple(name, fc.integer({ min: 1, max: 200 })).map(([text, count]) =>
    Array.from({ length: count }, (_, i) => `${text.slice(0, 60)}${i}`)
  ),
);

const annotations = fc.dictionary(name, fc.array(name, { maxLength: 3 }), {
  maxKeys: 20,
  noNullPrototype: true,
});

/** As many annotations as fit into a request. */
export const MANY_ANNOTATIONS: Readonly<Record<string, readonly string[]>> =
  Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [`key-${i}`, [`\u2028${i}`]]),
  );

/** A pending request. */
export const hostileRequest: fc.Arbitrary<NewRequest> = fc.record({
  user: hostileText,
  roles: names,
  reason: hostileReason,
  annotations,
  suggestedReviewers: fc.array(name, { maxLength: 3 }),
  resources: fc.array(
    fc.record({
      cluster: name,
      kind: name,
      name,
      subResource: name,
    }, { noNullPrototype: true }),
    { maxLength: 30 },
  ),
  kind: fc.constantFrom("UNDEFINED", "SHORT_TERM", "LONG_TERM"),
  approvalsNeeded: fc.constant(3),
}, { noNullPrototype: true });

/** What look-ups bring for a request that nobody has seen yet. */
export const hostileEnrichment: fc.Arbitrary<Enrichment> = fc.record({
  loginsByRole: fc.option(
    fc.array(fc.tuple(name, names), { maxLength: 4 }).map((pairs) =>
      new Map(pairs)
    ),
    { nil: undefined },
  ),
  resourceNames: fc.array(fc.tuple(name, name), { maxLength: 4 })
    .map((pairs) => new Map(pairs)),
});

/** Keys that this plugin and the official one know, and some that nobody does. */
export const STORED_KEYS: readonly string[] = [
  "user",
  "roles",
  "request_reason",
  "resources",
  "reviews_count",
  "resolution",
  "resolve_reason",
  "messages",
  "system_annotations",
  "logins_by_role",
  "channel_id",
  "timestamp",
  "x-version",
  "x-owner",
  "x-created",
  "x-request-expires",
  "x-access-expires",
  "x-reviews",
  "x-inferred",
  "x-told",
  "x-to:",
  "x-to:1100000000000000001",
  "x-to:user:1100000000000000001",
  "x-to:..",
  "x-to:../../users/@me",
  "x-future",
  "__proto__",
  "constructor",
];

/** A value that no version of any plugin would have written, or would have under another key. */
export const corruptValue: fc.Arbitrary<string> = fc.oneof(
  hostileText,
  fc.json(),
  fc.constantFrom(
    "owed",
    "owed 0",
    "owed -1",
    "owed 99999999999999999999",
    "owed 1 1 1",
    "dropped ",
    "1/2/3",
    "-1/0/0",
    "1100000000000000001/1",
    "1100000000000000001/1 1 ?",
    "1100000000000000001/1 1 gone",
    "1100000000000000001/1 1 PENDING-0-0-0.",
    "../1 1 ?",
    "1/1,1/1,,2/2, 1/1 ,x",
    "PENDING",
    "approved",
    "NaN",
    "-1",
    "1e9",
    "99999999999999999999",
    "0001-01-01T00:00:00Z",
    "+275760-09-13T00:00:00Z",
    "null",
    '{"dev":null}',
    '{"__proto__":["a"]}',
    '["a"',
    "\ufeff[]",
  ),
);

/** Cuts a text to so many bytes of UTF-8, between characters. */
export function cutBytes(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text);
  const kept = new TextDecoder().decode(bytes.slice(0, maxBytes), {
    stream: true,
  });
  return kept.toWellFormed();
}
