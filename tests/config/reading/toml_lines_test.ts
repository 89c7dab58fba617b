import { array, assert, constantFrom, property, string } from "fast-check";
import { strictEqual } from "node:assert/strict";
import { parse, stringify } from "smol-toml";
import type { KeyPath } from "../../../src/config/reading/problem.ts";
import { scanTomlLines } from "../../../src/config/reading/toml_lines.ts";

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
    parse(DOCUMENT);
    strictEqual(scanTomlLines(DOCUMENT).find(path), want);
    const crlf = DOCUMENT.replaceAll("\n", "\r\n");
    strictEqual(scanTomlLines(crlf).find(path), want);
  });
}

Deno.test("find() finds each key that a writer of TOML wrote", pure, () => {
  assert(property(array(string({ unit: "grapheme" })), (keys) => {
    const table = Object.fromEntries(keys.map((key) => [key, key]));
    const text = `\n[table]\n${stringify(table)}`;
    const lines = scanTomlLines(text);
    Object.keys(parse(text).table ?? {}).forEach((key, i) => {
      // JavaScript puts keys that look like integers first, in both tables alike.
      strictEqual(lines.find(["table", key]), i + 3, JSON.stringify(key));
    });
  }));
});

Deno.test("scanTomlLines() ends with any text", pure, () => {
  const piece = constantFrom(..."[]{}\"'=.,#\\\n \ta1", '"""', "'''", "\r\n");
  assert(
    property(array(piece), (pieces) => {
      scanTomlLines(pieces.join("")).find(["a"]);
    }),
    { numRuns: 2000 },
  );
});
