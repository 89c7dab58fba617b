import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  decodeStringLists,
  decodeStrings,
  encodeStringLists,
  encodeStrings,
} from "../../src/record/go_json.ts";

const permissions = "none";

/** Text and the string literal that Go's encoder writes for it; source: docs/design/plugin-data.md 5. */
const LITERALS: readonly [string, string][] = [
  ["", `""`],
  ["plain / 'text'", `"plain / 'text'"`],
  [`"`, `"\\""`],
  ["\\", `"\\\\"`],
  ["<a>&b", `"\\u003ca\\u003e\\u0026b"`],
  ["\u2028\u2029", `"\\u2028\\u2029"`],
  ["\b\f\n\r\t", `"\\b\\f\\n\\r\\t"`],
  [
    "\0\x01\x07\x0b\x0e\x1b\x1f",
    `"\\u0000\\u0001\\u0007\\u000b\\u000e\\u001b\\u001f"`,
  ],
  ["\x7f\x80\u0085\u00a0", `"\x7f\x80\u0085\u00a0"`],
  ["é승인\u2027\u202a\ufeff\uffff", `"é승인\u2027\u202a\ufeff\uffff"`],
  ["🦊\u{10ffff}", `"🦊\u{10ffff}"`],
  // Half of a surrogate pair cannot be written in UTF-8.
  ["\ud83d!\ude00", `"\ufffd!\ufffd"`],
];

Deno.test(
  "strings are escaped as Go escapes them",
  { permissions },
  async (t) => {
    for (const [text, literal] of LITERALS) {
      await t.step(JSON.stringify(text), () => {
        assert.equal(encodeStrings([text]), `[${literal}]`);
        const lists = new Map([[text, [text]]]);
        assert.equal(encodeStringLists(lists), `{${literal}:[${literal}]}`);
      });
    }
  },
);

Deno.test(
  "JSON is compact, and lists keep their order",
  { permissions },
  () => {
    assert.equal(encodeStrings([]), "[]");
    assert.equal(encodeStrings(["b", "a", "b"]), `["b","a","b"]`);
    assert.equal(encodeStringLists(new Map()), "{}");
    assert.equal(
      encodeStringLists(new Map([["b", ["z", "y"]], ["a", []]])),
      `{"a":[],"b":["z","y"]}`,
    );
  },
);

Deno.test("names are sorted by their UTF-8 bytes", { permissions }, () => {
  const sorted = [
    "",
    "10",
    "2",
    "__proto__",
    "a",
    "aa",
    "b",
    "z",
    "é",
    "\ud7ff",
    // As UTF-16 units, U+E000 to U+FFFF come after the surrogates of "🦊".
    "\ue000",
    "\uff5e",
    "\uff5e🦊",
    "\uffff",
    "🦊",
    "🦊\uff5e",
    "\u{10ffff}",
  ];
  const lists = new Map(sorted.toReversed().map((name) => [name, []]));
  const names = sorted.map((name) => `${JSON.stringify(name)}:[]`);
  assert.equal(encodeStringLists(lists), `{${names.join(",")}}`);
});

const anyText = fc.string({ unit: "binary", maxLength: 8 });
const anyLists = fc.array(
  fc.tuple(anyText, fc.array(anyText, { maxLength: 3 })),
  { maxLength: 8 },
).map((entries) => new Map(entries));

Deno.test("names are in the order of Buffer.compare()", { permissions }, () => {
  fc.assert(fc.property(anyLists, (lists) => {
    const json = encodeStringLists(lists);
    const sorted = [...lists.keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b))
    );
    const members = sorted.map((name) =>
      encodeStringLists(new Map([[name, lists.get(name) ?? []]])).slice(1, -1)
    );
    assert.equal(json, `{${members.join(",")}}`);
  }));
});

Deno.test("decoding gives back what was encoded", { permissions }, () => {
  fc.assert(fc.property(fc.array(anyText), (values) => {
    assert.deepEqual(decodeStrings(encodeStrings(values)), values);
  }));
  fc.assert(fc.property(anyLists, (lists) => {
    assert.deepEqual(decodeStringLists(encodeStringLists(lists)), lists);
  }));
});

Deno.test("a role without logins may be null", { permissions }, () => {
  assert.deepEqual(
    decodeStringLists(`{"dev":null,"ops":["root"]}`),
    new Map([["dev", []], ["ops", ["root"]]]),
  );
});

Deno.test(
  "text that is something else decodes to nothing",
  { permissions },
  () => {
    for (
      const text of ["", "x", "null", "1", `"a"`, "{", `["a"`, `[1]`, `[["a"]]`]
    ) {
      assert.equal(decodeStrings(text), undefined, text);
      assert.equal(decodeStringLists(text), undefined, text);
    }
    assert.equal(decodeStrings(`{"a":["b"]}`), undefined);
    for (
      const text of ["[]", `{"a":"b"}`, `{"a":[null]}`, `{"a":{"b":["c"]}}`]
    ) {
      assert.equal(decodeStringLists(text), undefined, text);
    }
  },
);

Deno.test("no text makes decoding throw", { permissions }, () => {
  const text = fc.oneof(anyText, fc.json());
  fc.assert(fc.property(text, (text) => {
    decodeStrings(text);
    decodeStringLists(text);
  }));
});
