/** Regular expressions compared with what Go itself said of them. */

import assert from "node:assert/strict";
import { Regexp } from "../../../../src/route/predicate/text/regexp.ts";
import { prepareRule } from "../../../../src/route/routing_rule.ts";
import go from "../../../fixtures/regexp-go.json" with { type: "json" };

const UNLIMITED = { spend(): void {} };

const DOUBT: Readonly<Record<string, RegExp | undefined>> = {
  "every version": undefined,
  "before 1.25": /before 1\.25 only/,
  "since 1.25": /1\.25 and newer only/,
};

for (const [verdict, names] of Object.entries(go.classes)) {
  Deno.test(`classes that Go knows: ${verdict}`, () => {
    for (const name of names) {
      for (const pattern of [`\\p{${name}}`, `[^\\P{${name}}]`]) {
        if (verdict === "none") {
          assert.throws(() => new Regexp(pattern), pattern);
          continue;
        }
        const { doubts } = new Regexp(pattern);
        const expected = DOUBT[verdict];
        assert.equal(doubts.length, expected === undefined ? 0 : 1, pattern);
        if (expected !== undefined) assert.match(doubts.join(), expected);
      }
    }
  });
}

Deno.test("patterns are taken, matched and replaced as in Go", () => {
  for (const row of go.patterns) {
    const { pattern, texts, template = "" } = row;
    if (texts === undefined) {
      if (!row["go1.24"]) {
        assert.throws(() => new Regexp(pattern), pattern);
      } else assert.match(String(new Regexp(pattern).doubts), /before 1\.25/);
      continue;
    }
    const regexp = new Regexp(pattern);
    for (const [text, matches, replaced] of texts) {
      assert.ok(typeof text === "string");
      assert.equal(regexp.matches(text, UNLIMITED), matches, pattern);
      const actual = regexp.replaceAll(text, template, UNLIMITED) ?? text;
      assert.equal(actual, replaced, `${pattern} in ${JSON.stringify(text)}`);
    }
  }
});

Deno.test("an error quotes the pattern as it was written", () => {
  assert.throws(() => new Regexp("(?P<n>a"), /`\(\?P<n>a`/);
  assert.throws(() => new Regexp("\\P{Emoji}"), /`\\P\{Emoji\}` is not a/);
});

Deno.test("a rule whose verdict depends on the server's build says so", () => {
  const rule = {
    name: "scripts",
    subjects: ["access_request"],
    condition: 'regexp.match(access_request.spec.roles, "^\\\\p{Old_Italic}$")',
    plugin: "discord",
    recipients: [],
    schedules: new Map(),
    unreadable: undefined,
  };
  assert.deepEqual(prepareRule(rule).warnings, [
    "condition: \\p{Old_Italic} is known to Teleport builds with a Go before 1.25 only, " +
    "newer ones refuse the regular expression",
  ]);
});
