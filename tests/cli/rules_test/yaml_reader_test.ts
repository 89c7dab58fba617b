/** What is read from YAML and JSON, compared with what Go reads. */

import fc from "fast-check";
import assert from "node:assert/strict";
import { stringify, type ToStringOptions } from "yaml";
import {
  parseYaml,
  YamlError,
  type YamlNode,
} from "../../../src/cli/rules_test/yaml_reader.ts";
import go from "../../fixtures/yaml-go.json" with { type: "json" };

// The package looks at the environment.
const permissions = { env: true };

/** The values without their lines. */
function plain({ value }: YamlNode): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return Number(value);
  if (!(value instanceof Map)) return value;
  const entries = [...value as ReadonlyMap<string, YamlNode>];
  return new Map(entries.map(([key, node]) => [key, plain(node)]));
}

/** Brings JSON into the same form. */
function mapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== "object" || value === null) return value;
  return new Map(
    Object.entries(value).map(([key, each]) => [key, mapped(each)]),
  );
}

const read = (text: string) => parseYaml(text).map(({ root }) => plain(root));

Deno.test("texts are read and refused as by Go", { permissions }, () => {
  for (const [text, ...values] of go.rows) {
    assert.ok(typeof text === "string");
    if (values.length === 0) {
      assert.throws(() => read(text), YamlError, text);
    } else assert.deepEqual(read(text)[0] ?? null, mapped(values[0]), text);
  }
});

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.array(
    fc.constantFrom(
      ..."ab '\"\\:#-,[]{}|>!&*%@`~?\n\n \t0.1e5한🚀",
      ": ",
      " #",
      "\n  ",
      "true",
      "yes",
      "010",
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
  collectionStyle: fc.constantFrom("any", "flow"),
  defaultStringType: fc.constantFrom(
    "PLAIN",
    "QUOTE_DOUBLE",
    "QUOTE_SINGLE",
    "BLOCK_LITERAL",
  ),
  defaultKeyType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"),
});

Deno.test(
  "whatever is written for Go is read as it was",
  { permissions },
  () => {
    fc.assert(
      fc.property(tree, style, (value, options) => {
        const all = { ...options, compat: "yaml-1.1", lineWidth: 0 };
        const written = stringify([value], all as ToStringOptions);
        assert.deepEqual(read(written), [mapped([value])], written);
      }),
      { numRuns: 1000, seed: 6 },
    );
  },
);

Deno.test("JSON is YAML", { permissions }, () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 4), (value, indent) => {
      const written = JSON.stringify([value], undefined, indent);
      assert.deepEqual(read(written), [mapped(JSON.parse(written))]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("objects of JSON may follow each other", { permissions }, () => {
  const [first, second, ...more] = parseYaml('{"a": "}"}\n{\n "b": 1}\n');
  assert.deepEqual(more, []);
  assert.deepEqual(first && plain(first.root), new Map([["a", "}"]]));
  assert.equal(second?.root.line, 2);
  const { value } = second.root;
  assert.equal((value as ReadonlyMap<string, YamlNode>).get("b")?.line, 3);
});

Deno.test("each value knows its line", { permissions }, () => {
  const [document] = parseYaml("\n# c\na:\n  - x\n  - {b: 1,\n     c: 2}\n");
  const root = document?.root.value as ReadonlyMap<string, YamlNode>;
  const list = root.get("a");
  const [x, map] = list?.value as readonly YamlNode[];
  assert.deepEqual([list?.line, x?.line, map?.line], [4, 4, 5]);
  const c = (map?.value as ReadonlyMap<string, YamlNode>).get("c");
  assert.equal(c?.line, 6);
});

Deno.test("what is not read is refused with its line", { permissions }, () => {
  const rows: [string, number, RegExp][] = [
    ["a: 1\nb: [1,\n  2", 3, /bracket is not closed/],
    ["a: 1\nb: 'x\n", 3, /quote is not closed/],
    ["a: 1\nb\n", 2, /expected a key/],
    ["a:\n\tb: 1\n", 2, /tabs/],
    ["a: b: c\n", 1, /in quotes/],
    ["a: !is_empty(x)\n", 1, /begins with ! is taken for a tag/],
    ["a: 1\nb: *x\n", 2, /no anchor &x/],
    ["%YAML 1.2\n---\na: 1\n", 1, /directive/],
    ["a: 1\n   b: 2\n", 1, /mend the indentation/],
    ['a: "\\q"\n', 1, /means nothing/],
    ["a: 1\nb: 'x\x7f'\n", 2, /U\+007F, .* write it as \\u007f/],
    ["a: \ufffe\n", 1, /U\+FFFE, /],
    ["a: .inf\n", 1, /JSON does not have/],
    ["{{x}}: 1\n", 1, /expected a text as key/],
    [`${"[".repeat(200)}`, 1, /100 levels|not closed/],
    [`a: ${"[".repeat(200)}${"]".repeat(200)}\n`, 1, /100 levels/],
    [
      `a: &a [${"x, ".repeat(99)}x]\nb: &b [${"*a, ".repeat(99)}*a]\n` +
      `c: [${"*b, ".repeat(99)}*b]\n`,
      1,
      /200000 values/,
    ],
  ];
  for (const [text, line, message] of rows) {
    assert.throws(() => parseYaml(text), (error) => {
      assert.ok(error instanceof YamlError, `${text}: ${error}`);
      assert.match(error.message, message, text);
      assert.equal(error.line, line, text);
      return true;
    });
  }
});

Deno.test("any text is read or refused", { permissions }, () => {
  const piece = fc.constantFrom(
    ..."ab1:-#'\"[]{},|>&*! \n\t\\?<%",
    ": ",
    "\n  ",
    "---",
    "<<: ",
    "&a ",
    "*a",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        parseYaml(pieces.join(""));
      } catch (error) {
        assert.ok(error instanceof YamlError, `${error}`);
      }
    }),
    { numRuns: 5000 },
  );
});
