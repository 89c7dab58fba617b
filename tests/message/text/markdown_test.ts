import fc from "fast-check";
import assert from "node:assert/strict";
import {
  codeBlock,
  codeList,
  codeSpan,
  type CutTexts,
  escapeName,
} from "../../../src/message/text/markdown.ts";
import { EN } from "../../../src/message/catalogue/en.ts";
import { cutText, type TextLimit } from "../../../src/message/text/text.ts";

const WIDE: TextLimit = { chars: 400, units: 2000 };
const FAMILY = "👨‍👩‍👧‍👦";
const permissions = "none";

/** Runs one assertion for each row of text, limit and expected rendering. */
function testTable(
  name: string,
  render: (text: string, limit: TextLimit, texts: CutTexts) => string,
  rows: [string, TextLimit, string][],
): void {
  Deno.test(name, { permissions }, async (t) => {
    for (const [text, limit, expected] of rows) {
      await t.step(
        JSON.stringify(text.slice(0, 40)),
        () => assert.equal(render(text, limit, EN.fields), expected),
      );
    }
  });
}

testTable("codeBlock()", codeBlock, [
  ["foo", WIDE, "```\nfoo```"],
  // The official examples.
  [
    "  123456789012345  ",
    { chars: 10, units: 2000 },
    "```\n1234567890``` (truncated)",
  ],
  [
    "because of " + "A".repeat(4000),
    WIDE,
    "```\nbecause of " + "A".repeat(389) + "``` (truncated)",
  ],
  ["", WIDE, "(empty)"],
  [" \n\t ", WIDE, "(empty)"],
  ["\0\u202e\u200b", WIDE, "(empty)"],
  ["a`b```", WIDE, "```\na`\ufeffb`\ufeff`\ufeff`\ufeff```"],
  [
    "`".repeat(5),
    { chars: 4, units: 99 },
    "```\n`\ufeff`\ufeff``` (truncated)",
  ],
  ["one\r\ntwo\rthree\u2028four", WIDE, "```\none\ntwo\nthree\nfour```"],
  ["a\tb\x1b[31m\x7fc", WIDE, "```\na\tb[31mc```"],
  ["\u202egnp\u202c.\u2066x\u2069", WIDE, "```\ngnp.x```"],
  ["a\ud800b\udc00", WIDE, "```\na\ufffdb\ufffd```"],
  ["승인".repeat(300), WIDE, "```\n" + "승인".repeat(200) + "``` (truncated)"],
  ["é".repeat(5), { chars: 3, units: 99 }, "```\nééé``` (truncated)"],
  [
    FAMILY.repeat(3),
    { chars: 2, units: 99 },
    "```\n" + FAMILY.repeat(2) + "``` (truncated)",
  ],
  [
    FAMILY.repeat(4),
    { chars: 400, units: 7 + 12 + 2 * FAMILY.length + 5 },
    "```\n" + FAMILY.repeat(2) + "``` (truncated)",
  ],
  [
    "a" + "\u0301".repeat(9000),
    WIDE,
    "```\na" + "\u0301".repeat(63) + "``` (truncated)",
  ],
  [
    "🙂" + "\u200d🙂".repeat(3000),
    WIDE,
    "```\n🙂" + "\u200d🙂".repeat(20) + "\u200d``` (truncated)",
  ],
]);

testTable("codeSpan()", codeSpan, [
  ["dev", WIDE, "`dev`"],
  ["  ", WIDE, "(empty)"],
  ["a\r\n\tb", WIDE, "`a b`"],
  ["a`b", WIDE, "``\ufeffa`\ufeffb``"],
  ["``", WIDE, "``\ufeff`\ufeff`\ufeff``"],
  ["a\\", WIDE, "`a\\`"],
  ["x".repeat(20), { chars: 10, units: 99 }, "`xxxxxxxxxx` (truncated)"],
  ["x".repeat(20), { chars: 99, units: 5 }, "(truncated)"],
]);

testTable("escapeName()", escapeName, [
  ["alice", WIDE, "alice"],
  ["Alice.O'Neil+ops-2@example.com", WIDE, "Alice.O'Neil+ops-2@example.com"],
  ["김민준", WIDE, "김민준"],
  ["*a* _b_ ~~c~~ ||d||", WIDE, "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\|\\|d\\|\\|"],
  ["<@1> <t:1:R>", WIDE, "\\<@1\\> \\<t:\ufeff1:R\\>"],
  ["[a](b) `c` \\", WIDE, "\\[a\\](b) \\`c\\` \\\\"],
  ["@everyone @HERE", WIDE, "@\ufeffeveryone @\ufeffHERE"],
  ["https://x.example", WIDE, "https:\ufeff/\ufeff/x.example"],
  ["fd00:c:d::1 :100:", WIDE, "fd00:\ufeffc:\ufeffd::1 :\ufeff100:"],
  ["dev: a:b", WIDE, "dev: a:b"],
  ["alice\n# big\n- item", WIDE, "alice # big - item"],
  ["\u202ealice", WIDE, "alice"],
  ["\u200b", WIDE, "(empty)"],
  ["**********", { chars: 99, units: 16 }, "\\*\\* (truncated)"],
]);

Deno.test("codeList() counts what it leaves out", { permissions }, () => {
  const list = (items: string[], chars: number, units = 2000) =>
    codeList(items, ", ", { chars, units }, EN.fields);
  assert.equal(list(["a", "b"], 400), "`a, b`");
  assert.equal(list(["aaaa", "bbbb", "cccc"], 10), "`aaaa, bbbb` …and 1 more");
  assert.equal(list(["aaaa", "bbbb", "cccc"], 9), "`aaaa` …and 2 more");
  assert.equal(list(["aaaa", "b"], 3), "`aaa` (truncated) …and 1 more");
  assert.equal(list(["aaaa"], 3), "`aaa` (truncated)");
  assert.equal(list(["a`a", "b"], 400), "``\ufeffa`\ufeffa, b``");
  assert.equal(list([" "], 400), "(empty)");
  assert.equal(list(["", "a"], 400), "`a`");
  const names = Array.from({ length: 500 }, (_, n) => `role-${n}`);
  assert.match(list(names, 400, 60), /^`role-0.*` …and 49\d more$/);
});

Deno.test("cutText() never keeps half a character", { permissions }, () => {
  // The pile of marks is shortened, so there is room up to the middle of the last but one emoji.
  const text = "a" + "\u0301".repeat(149) + "🙂".repeat(6) + "x🙂🙂";
  assert.deepEqual(cutText(text, { chars: 400, units: 100 }), {
    kept: "a" + "\u0301".repeat(63) + "🙂".repeat(6) + "x",
    cut: true,
  });
});

Deno.test("rendered text stays within any limit", { permissions }, () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom("`", "*", "a\u0301", FAMILY, "\n", "한"),
    }),
  );
  fc.assert(fc.property(
    text,
    fc.array(text, { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 11, max: 200 }),
    (text, items, chars, units) => {
      const limit = { chars, units };
      for (
        const rendered of [
          codeBlock(text, limit, EN.fields),
          codeSpan(text, limit, EN.fields),
          escapeName(text, limit, EN.fields),
          codeList(items, ",", limit, EN.fields),
        ]
      ) {
        assert.ok(rendered.length <= units, rendered);
        assert.ok(rendered.isWellFormed());
      }
    },
  ));
});
