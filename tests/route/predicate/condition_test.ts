import assert from "node:assert/strict";
import {
  type ConditionInput,
  createInput,
  evaluate,
  explain,
  type Explanation,
  parseCondition,
  PredicateError,
} from "../../../src/route/predicate/condition.ts";
import { INPUT } from "./judge.ts";

const permissions = "none";

/** Writes an explanation as lines: what is skipped stands in brackets. */
function draw(explanation: Explanation, indent = ""): string[] {
  const { source, value, error, isSkipped, parts } = explanation;
  const line = `${source} => ${value ?? error?.reason}`;
  return [
    indent + (isSkipped ? `[${line}]` : line),
    ...parts.flatMap((part) => draw(part, `${indent}  `)),
  ];
}

function explainLines(text: string, input: ConditionInput = INPUT): string[] {
  return draw(explain(parseCondition(text), input));
}

Deno.test("explain() gives each expression its value", { permissions }, () => {
  assert.deepEqual(
    explainLines(
      'access_request.spec.roles.contains("dev") &&\n' +
        '(user.traits.team.contains("db") || !is_empty(user.traits["team"]))',
    ),
    [
      'access_request.spec.roles.contains("dev") &&\n' +
      '(user.traits.team.contains("db") || !is_empty(user.traits["team"])) => true',
      '  access_request.spec.roles.contains("dev") => true',
      '    access_request.spec.roles => set("dev", "ops")',
      '  (user.traits.team.contains("db") || !is_empty(user.traits["team"])) => true',
      '    user.traits.team.contains("db") => false',
      '      user.traits.team => set("blue", "Red")',
      '        user.traits => dict(pair("team", set("blue", "Red")))',
      '    !is_empty(user.traits["team"]) => true',
      '      is_empty(user.traits["team"]) => false',
      '        user.traits["team"] => set("blue", "Red")',
      '          user.traits => dict(pair("team", set("blue", "Red")))',
    ],
  );
});

Deno.test("explain() goes on where evaluating stops", { permissions }, () => {
  assert.deepEqual(
    explainLines('access_request.spec.user == "bob" && !choose() && 1 == 1'),
    [
      'access_request.spec.user == "bob" && !choose() && 1 == 1 => false',
      '  access_request.spec.user == "bob" => false',
      '    access_request.spec.user => "alice"',
      "  [!choose() => choose(): no option holds; end with option(true, …)]",
      "    [choose() => choose(): no option holds; end with option(true, …)]",
      "  [1 == 1 => true]",
    ],
  );
  assert.deepEqual(
    explainLines('before(time.RFC3339("x"), access_request.spec.expiry)'),
    [
      'before(time.RFC3339("x"), access_request.spec.expiry) => time.RFC3339(): expected a time such as 2026-03-09T14:30:00Z',
      '  time.RFC3339("x") => time.RFC3339(): expected a time such as 2026-03-09T14:30:00Z',
      '  [access_request.spec.expiry => time.RFC3339("2026-03-09T22:30:00.000Z")]',
    ],
  );
});

Deno.test(
  "explain() shows no character that would hide",
  { permissions },
  () => {
    const { value } = explain(
      parseCondition("set(`\x1b[2J`, `\x9b2J`, `a\u202eb`, `한 🦆`)"),
      INPUT,
    );
    assert.equal(
      value,
      'set("\\u001b[2J", "\\u009b2J", "a\\u202eb", "한 🦆")',
    );
    assert.equal(
      explain(parseCondition(String(value)), INPUT).value,
      value,
    );
  },
);

Deno.test("a condition names what the request itself lacks", {
  permissions,
}, () => {
  const rows: [string, string[]][] = [
    ["true", []],
    ['access_request.spec.roles.contains("dev")', []],
    ['true || user.traits.team.contains("db")', ["userTraits"]],
    [
      "is_empty(access_request.spec.resource_labels_union.env)",
      ["resourceLabels"],
    ],
    [
      "set().add(access_request.spec.user).isempty() || " +
      'user.traits["a"].isempty() && !user.traits.b.isempty() || ' +
      "ifelse(true, access_request.spec.resource_labels_intersection, 1)",
      ["userTraits", "resourceLabels"],
    ],
  ];
  for (const [text, expected] of rows) {
    assert.deepEqual([...parseCondition(text).lookups], expected);
  }
});

Deno.test("what was not looked up is no empty answer", { permissions }, () => {
  const input = createInput({
    user: "bob",
    roles: [],
    suggestedReviewers: [],
    systemAnnotations: {},
    reason: "",
    created: new Date(0),
    requestExpires: undefined,
  });
  const check = (text: string, message: string) =>
    assert.throws(
      () => evaluate(parseCondition(text), input),
      (error) => error instanceof PredicateError && error.message === message,
    );
  check(
    "user.traits.team.isempty()",
    "column 1: the traits of the user are not known",
  );
  check(
    "true && access_request.spec.resource_labels_union.env.isempty()",
    "column 9: the labels of the resources are not known",
  );
  assert.equal(
    evaluate(parseCondition("true || user.traits.a.isempty()"), input),
    true,
  );
  // A request that does not end is one that ended in the year 1, as in Go.
  assert.equal(
    evaluate(
      parseCondition(
        "access_request.spec.expiry.before(access_request.spec.creation_time)",
      ),
      input,
    ),
    true,
  );
});

Deno.test("createInput() compares the labels of all resources", {
  permissions,
}, () => {
  const labels = (...resourceLabels: Record<string, string>[]) => {
    const input = createInput({
      user: "",
      roles: [],
      suggestedReviewers: [],
      systemAnnotations: {},
      reason: "",
      created: new Date(0),
      requestExpires: undefined,
    }, { resourceLabels });
    return {
      union: input["access_request.spec.resource_labels_union"],
      intersection: input["access_request.spec.resource_labels_intersection"],
    };
  };
  const dict = (entries: Record<string, string[]>) =>
    new Map(Object.entries(entries).map(([k, v]) => [k, new Set(v)]));
  assert.deepEqual(labels(), { union: dict({}), intersection: dict({}) });
  assert.deepEqual(labels({ a: "1" }), {
    union: dict({ a: ["1"] }),
    intersection: dict({ a: ["1"] }),
  });
  assert.deepEqual(
    labels({ a: "1", b: "1", toString: "x" }, { a: "1", b: "2", c: "3" }),
    {
      union: dict({ a: ["1"], b: ["1", "2"], toString: ["x"], c: ["3"] }),
      intersection: dict({ a: ["1"] }),
    },
  );
  assert.deepEqual(labels({ a: "1" }, {}), {
    union: dict({ a: ["1"] }),
    intersection: dict({}),
  });
});

Deno.test("a condition says what it yields", { permissions }, () => {
  const typeOf = (text: string) => parseCondition(text).type;
  assert.equal(typeOf("true"), "bool");
  assert.equal(typeOf("user.traits.team"), "set");
  assert.equal(typeOf("ifelse(true, true, false)"), "any");
});
