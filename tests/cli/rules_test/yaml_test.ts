/** What is read from YAML, compared with a package that reads all of it. */

import fc from "fast-check";
import assert from "node:assert/strict";
import { parseAllDocuments, stringify, type ToStringOptions } from "yaml";
import {
  parseYaml,
  YamlError,
  type YamlNode,
} from "../../../src/cli/rules_test/yaml.ts";

const permissions = "none";

/** The values without their lines. */
function plain({ value }: YamlNode): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const entries = [...value as ReadonlyMap<string, YamlNode>];
  return new Map(entries.map(([key, node]) => [key, plain(node)]));
}

function read(text: string): unknown[] {
  return parseYaml(text).map(plain);
}

function readByPackage(text: string): unknown[] {
  return parseAllDocuments(text, { intAsBigInt: true }).map((document) => {
    assert.deepEqual(document.errors, []);
    return small(document.toJS({ mapAsMap: true }));
  });
}

function small(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(small);
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([key, each]) => [key, small(each)]));
}

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.array(
    fc.constantFrom(
      ..."ab '\"\\:#-,[]{}|>!&*%@`~?\n\n \t0.1e5한",
      ": ",
      " #",
      "\n  ",
      "true",
      "word word word word word word word word word word word ",
    ),
    { maxLength: 20 },
  ).map((parts) => parts.join("")),
  // Control characters, but for those above, have to be escaped.
).map((each) =>
  each.replace(/[^\P{Cc}\n\t]|[\u2028\u2029\uFEFF\uFFFE\uFFFF]|\p{Cs}/gu, "")
);

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const style = fc.record({
  indent: fc.constantFrom(2, 3, 4),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 80),
  collectionStyle: fc.constantFrom("any", "flow"),
  defaultStringType: fc.constantFrom(
    "PLAIN",
    "QUOTE_DOUBLE",
    "QUOTE_SINGLE",
    "BLOCK_FOLDED",
    "BLOCK_LITERAL",
  ),
  defaultKeyType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"),
  simpleKeys: fc.constant(true),
});

Deno.test(
  "whatever the package writes is read as it was",
  // The package looks at the environment.
  { permissions: { env: true } },
  () => {
    fc.assert(
      fc.property(tree, style, (value, options) => {
        let written: string;
        try {
          // A text alone is no document of ours.
          written = stringify([value], options as ToStringOptions);
        } catch {
          // Not every key can be written on one line.
          fc.pre(false);
          return;
        }
        assert.deepEqual(read(written), readByPackage(written), written);
      }),
      { numRuns: 1000, seed: 6 },
    );
  },
);

Deno.test(
  "what tctl prints is read, long texts folded",
  { permissions },
  () => {
    const documents = read(`kind: access_monitoring_rule
metadata:
  name: long
spec:
  condition: 'access_request.spec.roles.contains("dev") && access_request.spec.request_reason
    != "x: #y" || access_request.spec.user
    == "it''s me"'
  notification:
    recipients:
    - "1000000000000000001"
    - user:1000000000000000001
version: v1
---
spec:
  condition: |
    true &&
      false
  request_reason: "why: \\"quotes\\" 한국어 word
    word \\nsecond line\\n\\ttab" # a comment
`);
    assert.deepEqual(documents, [
      new Map<string, unknown>([
        ["kind", "access_monitoring_rule"],
        ["metadata", new Map([["name", "long"]])],
        [
          "spec",
          new Map<string, unknown>([
            [
              "condition",
              'access_request.spec.roles.contains("dev") && ' +
              'access_request.spec.request_reason != "x: #y" || ' +
              'access_request.spec.user == "it\'s me"',
            ],
            [
              "notification",
              new Map([[
                "recipients",
                ["1000000000000000001", "user:1000000000000000001"],
              ]]),
            ],
          ]),
        ],
        ["version", "v1"],
      ]),
      new Map([[
        "spec",
        new Map([
          ["condition", "true &&\n  false\n"],
          [
            "request_reason",
            'why: "quotes" 한국어 word word \nsecond line\n\ttab',
          ],
        ]),
      ]]),
    ]);
  },
);

Deno.test("JSON is YAML", { permissions }, () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 4), (value, indent) => {
      const [read] = parseYaml(JSON.stringify([value], undefined, indent));
      const back = JSON.stringify(toJson(read as YamlNode));
      assert.equal(back, JSON.stringify([value]));
    }),
    { numRuns: 300 },
  );
});

function toJson({ value }: YamlNode): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  const entries = [...value as ReadonlyMap<string, YamlNode>];
  return Object.fromEntries(entries.map(([k, node]) => [k, toJson(node)]));
}

Deno.test("each value knows its line", { permissions }, () => {
  const [node] = parseYaml("\n# c\na:\n  - x\n  - {b: 1,\n     c: 2}\n");
  const list = (node?.value as ReadonlyMap<string, YamlNode>).get("a");
  const [x, map] = list?.value as readonly YamlNode[];
  assert.deepEqual([list?.line, x?.line, map?.line], [4, 4, 5]);
  const c = (map?.value as ReadonlyMap<string, YamlNode>).get("c");
  assert.equal(c?.line, 6);
});

Deno.test("what is not read is refused with its line", { permissions }, () => {
  const rows: [string, number, RegExp][] = [
    ["a: 1\nb: [1,\n  2", 3, /bracket is not closed/],
    ["a: 1\nb: 'x\n", 3, /quote of line 2 is not closed/],
    ["a: 1\na: 2\n", 2, /key "a" is there twice/],
    ["a: 1\nb\n", 2, /expected a key/],
    ["a:\n\tb: 1\n", 2, /tabs/],
    ["a: b: c\n", 1, /in quotes/],
    ["a: !is_empty(x)\n", 1, /begins with ! in quotes/],
    ["a: &x 1\nb: *x\n", 1, /anchors/],
    ["%YAML 1.2\n---\na: 1\n", 1, /directives/],
    ["a: 1\n   b: 2\n", 2, /in quotes|indented/],
    ['a: "\\q"\n', 1, /means nothing/],
    [`${"[".repeat(200)}`, 1, /100 levels/],
    ["a: |x\n  b\n", 1, /may follow/],
  ];
  for (const [text, line, message] of rows) {
    assert.throws(() => parseYaml(text), (error) => {
      assert.ok(error instanceof YamlError, text);
      assert.match(error.message, message, text);
      assert.equal(error.line, line, text);
      return true;
    });
  }
});

Deno.test("any text is read or refused", { permissions }, () => {
  const piece = fc.constantFrom(
    ..."ab1:-#'\"[]{},|>&*! \n\t\\",
    ": ",
    "\n  ",
    "---",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        parseYaml(pieces.join(""));
      } catch (error) {
        assert.ok(error instanceof YamlError);
      }
    }),
    { numRuns: 3000 },
  );
});
