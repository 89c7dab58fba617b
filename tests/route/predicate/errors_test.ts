/** Where a condition is wrong, and what is said of it. */

import assert from "node:assert/strict";
import {
  createInput,
  evaluate,
  parseCondition,
  PredicateError,
} from "../../../src/route/predicate/condition.ts";
import { INPUT } from "./judge.ts";

const permissions = "none";
const ROLES = "access_request.spec.roles";

function catchError(run: () => unknown): PredicateError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PredicateError, String(error));
    return error;
  }
  return assert.fail("no error");
}

const PARSE_ERRORS: [string, string][] = [
  // Text that is no expression.
  ["", "column 1: expected a name, a text or a number, found the end"],
  ["true &&", "column 8: expected a name, a text or a number, found the end"],
  ["&& true", 'column 1: expected a name, a text or a number, found "&&"'],
  ["(true", 'column 6: expected ")", found the end'],
  [
    "true)",
    'column 5: expected an operator or the end of the condition, found ")"',
  ],
  [
    "true and true",
    'column 6: expected an operator or the end of the condition, found "and"; write &&',
  ],
  [
    "true or true",
    'column 6: expected an operator or the end of the condition, found "or"; write ||',
  ],
  [
    `"dev" in ${ROLES}`,
    'column 7: expected an operator or the end of the condition, found "in"; write set.contains(text)',
  ],
  [
    'true "and"',
    'column 6: expected an operator or the end of the condition, found the text "and"',
  ],
  [
    "1 < 2",
    'column 3: expected an operator or the end of the condition, found "<"; write before(), after() or between() to compare times',
  ],
  [
    "true = true",
    'column 6: expected an operator or the end of the condition, found "="; write ==',
  ],
  ["true ? 1 : 2", 'column 6: "?" cannot stand here'],
  ["🦆", 'column 1: "🦆" cannot stand here'],
  [
    "user.traits['team']",
    'column 13: text stands in double quotes ("), not in single ones',
  ],
  ['"🦆" == x', 'column 8: the name "x" is unknown; there are '],
  ['"abc', 'column 1: the text has no closing "'],
  ['"a\nb"', 'line 1, column 1: the text has no closing "'],
  ["`abc", "column 1: the text has no closing `"],
  [
    '"a\\d"',
    'column 3: this escape is unknown: write \\\\ for a backslash and \\" for a quote',
  ],
  ["true /* x", "column 6: the comment has no end"],
  ["1.5 == 1.5", 'column 1: "1.5" is not a whole number in decimal digits'],
  ["0x10 == 16", 'column 1: "0x10" is not a whole number in decimal digits'],
  ["1 == 9223372036854775808", "column 6: the number is too large"],
  [
    "true\n&& true",
    "line 1, column 5: a line end here ends the condition: put the operator, the dot or the comma before it",
  ],
  [
    'contains_any(set("a"), set("b")\n)',
    "line 1, column 32: a line end here ends the condition: put the operator, the dot or the comma before it",
  ],
  [
    "true &&\n  nope",
    'line 2, column 3: the name "nope" is unknown; there are ',
  ],
  [
    "user.traits.type.isempty()",
    'column 13: "type" is a reserved word: write ["type"] for an entry',
  ],
  ["set.", "column 5: expected a name, found the end"],
  ["(set)()", "column 6: only what has a name can be called"],
  ["set()()", "column 6: only what has a name can be called"],

  // Names.
  [
    "access_request.spec.unknown",
    'column 1: the name "access_request.spec.unknown" is unknown; there are access_request.spec.roles, access_request.spec.suggested_reviewers, access_request.spec.system_annotations, access_request.spec.user, access_request.spec.request_reason, access_request.spec.creation_time, access_request.spec.expiry, access_request.spec.resource_labels_union, access_request.spec.resource_labels_intersection, user.traits',
  ],
  ["constructor", 'column 1: the name "constructor" is unknown; there are '],
  ["toString()", 'column 1: there is no function "toString"'],
  ["true || set", 'column 9: "set" is a function: write set(…)'],
  ["has_prefix()", 'column 1: there is no function "has_prefix"'],
  ["time.now()", 'column 1: there is no function or method "time.now"'],
  [
    `contains(${ROLES}, "dev")`,
    'column 1: "contains" is a method: write it behind a value, as in value.contains(…)',
  ],
  [
    `${ROLES}.has("a")`,
    `column 1: there is no function or method "${ROLES}.has"`,
  ],
  [`set("a").has("a")`, 'column 10: there is no method "has"'],
  [`set("a").has`, "column 10: only a method can follow here: has(…)"],
  [
    "plugin.spec.contains(1)",
    'column 1: the name "plugin.spec" is unknown; there are ',
  ],

  // Types.
  ["!1", "column 2: expected a bool, found an int"],
  ['true || "a"', "column 9: expected a bool, found a string"],
  ["true && user.traits", "column 9: expected a bool, found a dict"],
  [
    "true == true",
    'column 1: expected a string or an int to compare by "==", found a bool',
  ],
  [
    `${ROLES} != "dev"`,
    'column 1: expected a string or an int to compare by "!=", found a set',
  ],
  ['"a" == 1', "column 8: expected a string, found an int"],
  ['1 == "a"', "column 6: expected an int, found a string"],
  [
    `"a" == ${ROLES}`,
    "column 8: expected a string, found a set",
  ],
  [
    "choose() == choose()",
    'column 1: "==" needs a side whose type is known, such as a text',
  ],
  [`${ROLES}.contains(set("a"))`, "column 36: expected a string, found a set"],
  [
    `${ROLES}.contains("a", "b")`,
    "column 27: contains() takes 1 argument, found 2",
  ],
  ["set().isempty(1)", "column 7: isempty() takes 0 arguments, found 1"],
  ["ifelse(true, 1)", "column 1: ifelse() takes 3 arguments, found 2"],
  ["user.traits.put()", "column 13: put() takes 2 arguments, found 0"],
  [
    "user.traits.add_values()",
    "column 13: add_values() takes at least 1 argument, found 0",
  ],
  ['set("a", 1)', "column 10: expected a string, found an int"],
  [
    "user.traits.contains(1)",
    "column 13: contains() is a method of a set, found a dict",
  ],
  [
    '"a".remove()',
    "column 5: remove() is a method of a set or a dict, found a string",
  ],
  ["strings.lower(1)", "column 15: expected a string or a set, found an int"],
  ["user.traits[1]", "column 13: expected a string, found an int"],
  [`${ROLES}["a"]`, "column 1: expected a dict, found a set"],
  [
    'dict()["a"]',
    "column 1: only a named dict, such as user.traits, has entries",
  ],
  [
    'between(access_request.spec.expiry, "1.0.0", "2.0.0")',
    "column 37: expected a time, found a string",
  ],
  [
    'between("1.0.0", choose(), access_request.spec.expiry)',
    "column 28: expected a string, found a time",
  ],
];

Deno.test("a condition that cannot be parsed", { permissions }, async (t) => {
  for (const [text, message] of PARSE_ERRORS) {
    await t.step(JSON.stringify(text), () => {
      const error = catchError(() => parseCondition(text));
      if (message.endsWith(" ")) assert.ok(error.message.startsWith(message));
      else assert.equal(error.message, message);
      assert.ok(error.message.endsWith(error.reason));
    });
  }
});

const EVALUATION_ERRORS: [string, string][] = [
  [
    "true && choose(option(false, 1)) == 1",
    "column 9: choose(): no option holds; end with option(true, …)",
  ],
  [
    'true && time.RFC3339("nope").before(access_request.spec.expiry)',
    "column 9: time.RFC3339(): expected a time such as 2026-03-09T14:30:00Z",
  ],
  [
    'email.local(set("nope")).isempty()',
    "column 1: email.local(): expected nothing but e-mail addresses",
  ],
  [
    'regexp.match(set("a"), "^($")',
    "column 1: regexp.match(): error parsing regexp: missing closing ): `^($`",
  ],
  [
    'newer_than("1.0", "1.0.0")',
    "column 1: newer_than(): expected a version such as 18.0.1",
  ],
  ['ifelse(true, 1, 2) == "a"', "column 1: expected a string, found an int"],
  ["!ifelse(true, 1, 2)", "column 2: expected a bool, found an int"],
  [
    'set("a").remove("a").before(access_request.spec.expiry)',
    "column 1: expected a time, found a set",
  ],
  [
    "dict(pair(1, set()))",
    "column 1: dict(): expected a string and a set in a pair, found an int and a set",
  ],
  [
    'dict(pair("a", "b"))',
    "column 1: dict(): expected a string and a set in a pair, found a string and a string",
  ],
  [
    'between(ifelse(true, "1.0.0", 1), ifelse(true, access_request.spec.expiry, 1), "1.0.0")',
    "column 1: between(): expected three times or three versions, found both",
  ],
];

Deno.test(
  "a condition that cannot be evaluated",
  { permissions },
  async (t) => {
    for (const [text, message] of EVALUATION_ERRORS) {
      await t.step(JSON.stringify(text), () => {
        const condition = parseCondition(text);
        const error = catchError(() => evaluate(condition, INPUT));
        assert.equal(error.message, message);
      });
    }
  },
);

Deno.test("a position counts lines, and characters within one", {
  permissions,
}, () => {
  const error = catchError(() => parseCondition('true &&\n"🦆" == 1'));
  assert.equal(error.reason, "expected a string, found an int");
  assert.equal(error.message, `line 2, column 8: ${error.reason}`);
});

Deno.test(
  "an error says nothing that a requester typed",
  { permissions },
  () => {
    const secret = "(hunter2";
    const input = createInput({
      user: secret,
      roles: [secret],
      suggestedReviewers: [secret],
      systemAnnotations: { [secret]: [secret] },
      reason: secret,
      created: new Date(0),
      requestExpires: undefined,
    });
    const reason = "access_request.spec.request_reason";
    const conditions = [
      `time.RFC3339(${reason}).before(access_request.spec.expiry)`,
      `email.local(set(${reason})).isempty()`,
      `newer_than(${reason}, "1.0.0")`,
      `between("1.0.0", "1.0.0", ${reason})`,
      `regexp.replace(set("a"), ${reason}, "b").isempty()`,
      `regexp.match(set("a"), strings.replaceall("^x$", "x", ${reason}))`,
      `ifelse(true, ${reason}, 1) == 1`,
      `!ifelse(true, ${reason}, 1)`,
      `dict(pair(${reason}, ${reason}))`,
      `set(${reason}).remove().before(access_request.spec.expiry)`,
    ];
    for (const text of conditions) {
      const error = catchError(() => evaluate(parseCondition(text), input));
      assert.doesNotMatch(error.message, /hunter2/);
    }
  },
);
