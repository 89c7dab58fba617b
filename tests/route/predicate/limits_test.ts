/** No text and no input keeps the plugin busy, or ends in anything but an answer or a PredicateError. */

import fc from "fast-check";
import assert from "node:assert/strict";
import {
  createInput,
  evaluate,
  explain,
  parseCondition,
  PredicateError,
} from "../../../src/route/predicate/condition.ts";
import {
  MAX_DEPTH,
  MAX_TEXT_UNITS,
} from "../../../src/route/predicate/syntax/limits.ts";
import { INPUT, judge } from "./judge.ts";

const permissions = "none";
const TOO_DEEP = /more than 200 expressions stand in one another$/;
const TOO_LONG = /evaluating takes more than 1000000 steps$/;

function nest(open: string, inner: string, close: string, times: number) {
  return open.repeat(times) + inner + close.repeat(times);
}

function parseMessage(text: string): string {
  try {
    parseCondition(text);
  } catch (error) {
    if (error instanceof PredicateError) return error.message;
    throw error;
  }
  return "";
}

Deno.test("the text is limited", { permissions }, () => {
  const pad = (units: number) => "true" + " ".repeat(units - 4);
  assert.equal(parseMessage(pad(MAX_TEXT_UNITS)), "");
  assert.equal(
    parseMessage(pad(MAX_TEXT_UNITS + 1)),
    "column 65537: the condition is longer than 65536 characters",
  );
});

Deno.test("the depth is limited", { permissions }, () => {
  const deep: ((times: number) => string)[] = [
    (times) => nest("(", "true", ")", times),
    (times) => nest("!", "true", "", times),
    (times) => nest("is_empty(", "set()", ")", times),
    (times) => nest("true && (", "true", ")", times),
    (times) => "set()" + '.add("a")'.repeat(times),
    (times) => "1" + " == 1".repeat(times),
    (times) => "user.traits" + '["a"]'.repeat(times),
  ];
  for (const write of deep) {
    assert.doesNotMatch(parseMessage(write(50)), TOO_DEEP);
    for (const times of [MAX_DEPTH + 1, 1000, 5000]) {
      assert.match(parseMessage(write(times)), TOO_DEEP);
    }
  }
  // A row is not deep.
  const row = Array(2000).fill("1 == 2").join(" || ");
  assert.equal(judge(`${row} || true`, INPUT), true);
  assert.equal(
    judge(`set(${'"a",'.repeat(10_000)}).contains("a")`, INPUT),
    true,
  );
});

Deno.test("the steps are limited", { permissions }, () => {
  const input = createInput({
    user: "bob",
    roles: Array.from({ length: 20_000 }, (_, i) => `role-${i}`),
    suggestedReviewers: [],
    systemAnnotations: {},
    reason: "xab".repeat(30_000),
    created: new Date(0),
    requestExpires: undefined,
  });
  const reason = "set(access_request.spec.request_reason)";
  const conditions = [
    // Text that doubles 60 times.
    nest("strings.replaceall(", '"a"', ', "a", "aa")', 60) + ' == ""',
    // Expressions of many instructions on a long text.
    `regexp.match(${reason}, "^(.*(a|b)){200}$")`,
    `regexp.match(${reason}, "^(.*a){50}$")`,
    `regexp.replace(${reason}, ".*y|x", "$0$0").isempty()`,
    `regexp.replace(${reason}, "x", access_request.spec.request_reason).isempty()`,
    `regexp.replace(${reason}, "^.*$", "${"$0".repeat(20_000)}").isempty()`,
    // Expressions that are made up while it is evaluated.
    `regexp.match(set(""), "^" + access_request.spec.request_reason)`.replace(
      '"^" + access_request.spec.request_reason',
      'strings.replaceall("^x$", "x", access_request.spec.request_reason)',
    ),
    // The same set again and again.
    Array(60).fill(
      "contains_any(set(), access_request.spec.roles)",
    ).join(" || "),
    Array(60).fill(
      'strings.lower(access_request.spec.roles).contains("a")',
    ).join(" || "),
  ];
  for (const text of conditions) {
    const condition = parseCondition(text);
    const check = () => evaluate(condition, input);
    assert.throws(check, (error) => {
      assert.ok(error instanceof PredicateError);
      assert.match(error.message, TOO_LONG);
      return true;
    });
    assert.match(String(explain(condition, input).error), TOO_LONG);
  }
});

Deno.test("the longest reason is not too long", { permissions }, () => {
  const input = createInput({
    user: "bob",
    roles: [],
    suggestedReviewers: [],
    systemAnnotations: {},
    reason: "word! ".repeat(4096 / 6),
    created: new Date(0),
    requestExpires: undefined,
  });
  const reason = "set(access_request.spec.request_reason)";
  const conditions = [
    `regexp.replace(${reason}, ".", "x").contains("")`,
    `regexp.replace(${reason}, "[a-z]+(!| )*", "<$0$1>").contains("")`,
    `regexp.match(${reason}, "^(.*(ticket|incident) *#?[0-9]+)+.*$")`,
    `regexp.match(${reason}, "*ticket*#*")`,
    `strings.split(strings.lower(${reason}), " ").contains("ticket")`,
  ];
  for (const text of conditions) assert.equal(judge(text, input), false);
});

/** Pieces that make a condition more often than arbitrary characters do. */
const PIECES = [
  ...["true", "false", "access_request.spec.roles", "user.traits", "team"],
  ...["access_request", ".spec", ".user", ".contains", ".remove", ".add"],
  ...["set", "ifelse", "choose", "option", "dict", "pair", "regexp.replace"],
  ...["strings.lower", "email.local", "time.RFC3339", "between", "constructor"],
  ...['"a"', '"\\x', '"', "`", "1", "99999999999999999999", "'", "\\"],
  ...["(", ")", "[", "]", ".", ",", "!", "&&", "||", "==", "!=", "=", "<"],
  ...[" ", "\n", "//", "/*", "*/", "🦆", "\u0000", "\ud800", "{", "}", "..."],
];

Deno.test("no text makes the parser fail otherwise", { permissions }, () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 30 })
      .map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (text) => {
      try {
        parseCondition(text);
      } catch (error) {
        assert.ok(error instanceof PredicateError, String(error));
        const place = /^(?:line (\d+), )?column (\d+): /.exec(error.message);
        const [line, column] = [Number(place?.[1] ?? 1), Number(place?.[2])];
        assert.ok(line >= 1 && line <= text.split("\n").length);
        assert.ok(column >= 1 && column <= text.length + 1);
      }
    }),
    { numRuns: 2000 },
  );
});

/** Writes well-typed conditions, so that evaluating is what gets tested. */
const { bool } = fc.letrec<{ bool: string; set: string; text: string }>(
  (tie) => ({
    text: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom('"a"', '"^(a|b)*$"', '""', '"x@y.z"', '"$1"'),
      fc.constant("access_request.spec.request_reason"),
      tie("text").map((text) => `strings.upper(${text})`),
      fc.tuple(tie("text"), tie("text")).map(([a, b]) =>
        `strings.replaceall(${a}, "", ${b})`
      ),
      fc.tuple(tie("bool"), tie("text"), tie("text")).map(([a, b, c]) =>
        `ifelse(${a}, ${b}, ${c})`
      ),
    ),
    set: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("access_request.spec.roles", "user.traits.team", "set()"),
      tie("text").map((text) => `set(${text})`),
      tie("set").map((set) => `email.local(${set})`),
      fc.tuple(tie("set"), tie("text"), tie("text")).map(([a, b, c]) =>
        `regexp.replace(${a}, ${b}, ${c})`
      ),
      fc.tuple(tie("set"), tie("text")).map(([a, b]) => `${a}.add(${b})`),
      fc.tuple(tie("set"), tie("text")).map(([a, b]) =>
        `strings.split(${a}, ${b})`
      ),
    ),
    bool: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("true", "false"),
      fc.tuple(tie("bool"), tie("bool")).map(([a, b]) => `(${a} && ${b})`),
      fc.tuple(tie("bool"), tie("bool")).map(([a, b]) => `(${a} || ${b})`),
      tie("bool").map((a) => `!${a}`),
      fc.tuple(tie("set"), tie("text")).map(([a, b]) => `${a}.contains(${b})`),
      fc.tuple(tie("set"), tie("text")).map(([a, b]) =>
        `regexp.match(${a}, ${b})`
      ),
      tie("text").map((a) => `(${a} == "a")`),
    ),
  }),
);

Deno.test("evaluating ends, and explaining it agrees", { permissions }, () => {
  fc.assert(fc.property(bool, (text) => {
    const condition = parseCondition(text);
    const { value, error, source } = explain(condition, INPUT);
    const verdict = judge(text, INPUT);
    assert.equal(source, text);
    assert.equal(
      verdict,
      error === undefined ? value === "true" : "evaluation error",
    );
  }));
});
