import {
  array,
  assert,
  constantFrom,
  property,
  string,
  uniqueArray,
} from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { KeyPath } from "../../../src/config/reading/problem.ts";
import { readToml, TomlError } from "../../../src/config/reading/toml.ts";
import { tomlString } from "../write_toml.ts";

const pure = { permissions: "none" } as const;

const DOCUMENT = `\
# [comment]
top = 1
[teleport] # [no]
addr = "x" # addr = 2
"a\\u0062" = 3

[ a . "b.c" ]
x.y = [
  1, # one
  [2, "]"],
  { k = "v", z.q = '''m
n''' },
]
s = """
[fake]
k = 1 \\""" """""
after = 1
d = 1979-05-27 07:32:00
e = { a = 1,
  b = 2 }
"*" = "x"
'it s' = 1
[[l]]
n = 1
[[l]]
n = 2
[l.sub]
m = 1
[[l.deep]]
m = 2
`;

const cases: readonly (readonly [KeyPath, number | undefined])[] = [
  [["top"], 2],
  [["teleport"], 3],
  [["teleport", "addr"], 4],
  [["teleport", "ab"], 5],
  [["a"], 7],
  [["a", "b.c"], 7],
  [["a", "b.c", "x"], 8],
  [["a", "b.c", "x", "y"], 8],
  [["a", "b.c", "x", "y", 0], 9],
  [["a", "b.c", "x", "y", 1, 1], 10],
  [["a", "b.c", "x", "y", 2, "k"], 11],
  [["a", "b.c", "x", "y", 2, "z", "q"], 11],
  [["a", "b.c", "s"], 14],
  [["a", "b.c", "after"], 17],
  [["a", "b.c", "d"], 18],
  [["a", "b.c", "e", "a"], 19],
  [["a", "b.c", "e", "b"], 20],
  [["a", "b.c", "*"], 21],
  [["a", "b.c", "it s"], 22],
  [["l", 0, "n"], 24],
  [["l", 1, "n"], 26],
  [["l", 1, "sub", "m"], 28],
  [["l", 1, "deep", 0, "m"], 30],
  [["fake"], undefined],
  [["comment"], undefined],
  [["teleport", "absent"], 3],
];

for (const [path, want] of cases) {
  Deno.test(`find(${JSON.stringify(path)})`, pure, () => {
    strictEqual(readToml(DOCUMENT).find(path), want);
    const crlf = DOCUMENT.replaceAll("\n", "\r\n");
    strictEqual(readToml(crlf).find(path), want);
  });
}

Deno.test("find() finds each key that was written", pure, () => {
  assert(property(uniqueArray(string({ unit: "grapheme" })), (keys) => {
    const pairs = keys.map((key) => `${tomlString(key)} = ${tomlString(key)}`);
    const document = readToml(`\n[table]\n${pairs.join("\n")}`);
    deepStrictEqual(
      document.root,
      { table: Object.fromEntries(keys.map((key) => [key, key])) },
    );
    keys.forEach((key, i) => {
      strictEqual(document.find(["table", key]), i + 3, JSON.stringify(key));
    });
  }));
});

Deno.test(
  "readToml() reads any text or says what is wrong with it",
  pure,
  () => {
    const piece = constantFrom(..."[]{}\"'=.,#\\\n \ta1", '"""', "'''", "\r\n");
    assert(
      property(array(piece), (pieces) => {
        try {
          readToml(pieces.join("")).find(["a"]);
        } catch (error) {
          ok(error instanceof TomlError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  },
);

const values: readonly (readonly [string, Record<string, unknown>])[] = [
  ["\uFEFFa = 1", { a: 1 }],
  ["a = 110000000000001009", { a: 110000000000001009n }],
  ["a = -9007199254740993", { a: -9007199254740993n }],
  ["a = 9007199254740991", { a: 9007199254740991 }],
  ["a = 0x1F\nb = 1_0.5\nc = true", { a: 31, b: 10.5, c: true }],
  ["[a.b.c]\n[a]\nb.y = 2", { a: { b: { c: {}, y: 2 } } }],
  ["[[a]]\n[[a]]\nb = []", { a: [{}, { b: [] }] }],
  ["a = [{ b.c = 1 }, [2]]", { a: [{ b: { c: 1 } }, [2]] }],
];

for (const [text, want] of values) {
  Deno.test(`readToml(${JSON.stringify(text)})`, pure, () => {
    deepStrictEqual(readToml(text).root, want);
  });
}

Deno.test("readToml() keeps __proto__ as a key like any other", pure, () => {
  const { root } = readToml("__proto__.a = 1\n[b.__proto__]\nc = 2");
  deepStrictEqual(Object.keys(root), ["__proto__", "b"]);
  strictEqual(Object.getPrototypeOf(root), Object.prototype);
  strictEqual("a" in {}, false);
});

const mistakes: readonly (readonly [string, string])[] = [
  ["* = 1", "1:1 unexpected text"],
  ["a = stderr", "1:5 unexpected text"],
  ["\na =", "2:4 no value"],
  ["a 1", "1:3 no = behind the key"],
  ["a = 1 2", "1:7 something stands behind the value"],
  ['a = "b\n', "1:7 unfinished string"],
  ["a = [1", "1:7 a list is not closed"],
  ["a = [1 2]", "1:8 no comma between two items"],
  ["[a", "1:3 the name of a section is not closed"],
  ["[a]\n[a]", "2:2 key or section written twice"],
  ["a = 012", "1:5 leading zeros are not allowed"],
  ["a = 2027-02-29", "1:14 no such date or time"],
];

for (const [text, want] of mistakes) {
  Deno.test(`readToml(${JSON.stringify(text)}): ${want}`, pure, () => {
    try {
      readToml(text);
    } catch (error) {
      ok(error instanceof TomlError);
      strictEqual(`${error.line}:${error.column} ${error.message}`, want);
      return;
    }
    ok(false, "read");
  });
}
