import { anything, assert, dictionary, property, string } from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  describeError,
  formatJson,
  formatText,
} from "../../../src/lib/log/log_format.ts";
import type { LogFields } from "../../../src/lib/log/log_record.ts";
import { OperatorError } from "../../../src/lib/operator_error.ts";
import { Secret } from "../../../src/lib/secret.ts";

const pure = { permissions: "none" } as const;

const HEAD = "time=2026-08-01T12:00:00.000Z level=info msg=";

function record(fields: LogFields, message = "m") {
  const timeMs = Date.UTC(2026, 7, 1, 12);
  return { timeMs, level: "info", message, fields } as const;
}

function text(fields: LogFields, message?: string): string {
  return formatText(record(fields, message), { stacks: false });
}

function json(fields: LogFields, message?: string): Record<string, unknown> {
  return JSON.parse(formatJson(record(fields, message), { stacks: false }));
}

const circle: { self?: unknown } = {};
circle.self = circle;

const broken = {
  get x(): never {
    throw new Error("no");
  },
};

/** A value, how text shows it, and how JSON does. */
const values: readonly (readonly [string, unknown, string, unknown])[] = [
  ["a word", "a-b/c:d", "a-b/c:d", "a-b/c:d"],
  ["blanks", "a b", '"a b"', "a b"],
  ["nothing", "", '""', ""],
  ["an equals sign", "a=b", '"a=b"', "a=b"],
  ["quotes", 'say "hi"', '"say \\"hi\\""', 'say "hi"'],
  ["a backslash", "a\\b", '"a\\\\b"', "a\\b"],
  ["a line end", "a\nlevel=error", '"a\\nlevel=error"', "a\nlevel=error"],
  ["a carriage return", "a\rb", '"a\\rb"', "a\rb"],
  ["an escape", "\u001b[31m", '"\\u001b[31m"', "\u001b[31m"],
  [
    "another line end",
    "a\u0085b\u2028c",
    '"a\\u0085b\\u2028c"',
    "a\u0085b\u2028c",
  ],
  ["a right-to-left mark", "a\u202eb", '"a\\u202eb"', "a\u202eb"],
  ["half a pair", "\ud83d", '"\\ud83d"', "\ud83d"],
  ["an emoji", "😀", "😀", "😀"],
  ["Korean", "한국어", "한국어", "한국어"],
  ["a number", 1.5, "1.5", 1.5],
  ["no number", NaN, "NaN", "NaN"],
  [
    "a large integer",
    2n ** 64n,
    "18446744073709551616",
    "18446744073709551616",
  ],
  ["a boolean", false, "false", false],
  ["null", null, "null", null],
  [
    "a date",
    new Date(0),
    "1970-01-01T00:00:00.000Z",
    "1970-01-01T00:00:00.000Z",
  ],
  ["an invalid date", new Date(NaN), "null", null],
  ["a secret", new Secret("hush"), "<redacted>", "<redacted>"],
  ["a list", ["a", 1], '"[\\"a\\",1]"', ["a", 1]],
  ["a set", new Set(["a"]), '"[\\"a\\"]"', ["a"]],
  [
    "a map",
    new Map([["a", new Secret("hush")]]),
    '"{\\"a\\":\\"<redacted>\\"}"',
    { a: "<redacted>" },
  ],
  ["bytes", new Uint8Array(3), '"<3 bytes>"', "<3 bytes>"],
  ["an error", new Error("oh no"), '"oh no"', "oh no"],
  ["an error in a list", [new Error("oh")], '"[\\"oh\\"]"', ["oh"]],
  ["something unprintable", broken, "<unprintable>", "<unprintable>"],
];

for (const [name, value, asText, asJson] of values) {
  Deno.test(`a field can be ${name}`, pure, () => {
    strictEqual(text({ key: value }), `${HEAD}"m" key=${asText}`);
    deepStrictEqual(json({ key: value }), {
      time: "2026-08-01T12:00:00.000Z",
      level: "info",
      message: "m",
      key: asJson,
    });
  });
}

Deno.test("fields that say nothing are left out", pure, () => {
  strictEqual(text({ a: undefined, b: () => 1, c: Symbol("c") }), `${HEAD}"m"`);
});

Deno.test("a circle ends", pure, () => {
  ok(text({ circle }).length < 200);
});

Deno.test("a long text is cut", pure, () => {
  const line = text({ a: "x".repeat(100_000) });
  ok(line.length < 5000);
  ok(line.endsWith("…"));
});

Deno.test("a key is one word and none of the line's own", pure, () => {
  strictEqual(
    text({ "a b": 1, "x=\n": 2, "": 3, time: 4, level: 5, msg: 6, message: 7 }),
    `${HEAD}"m" a_b=1 x__=2 _=3 time_=4 level_=5 msg_=6 message_=7`,
  );
  strictEqual(json({ message: "forged", level: "error" }).level, "info");
});

Deno.test("the message is quoted", pure, () => {
  strictEqual(text({}, 'a "b"\nc'), `${HEAD}"a \\"b\\"\\nc"`);
  strictEqual(json({}, "a\nb").message, "a\nb");
});

Deno.test("an operator error brings its hint", pure, () => {
  const err = new OperatorError("Cannot read it", { hint: "make it readable" });
  strictEqual(
    text({ err }),
    `${HEAD}"m" err="Cannot read it" hint="make it readable"`,
  );
  strictEqual(json({ err, hint: "mine" }).hint, "mine");
});

Deno.test("a stack is shown only where asked for", pure, () => {
  const err = new Error("outer", { cause: new TypeError("inner") });
  ok(!formatText(record({ err }), { stacks: false }).includes(" at "));
  const { err_stack } = JSON.parse(
    formatJson(record({ err }), { stacks: true }),
  );
  ok(
    /Error: outer\n +at [^]*TypeError: inner\n +at /.test(err_stack),
    err_stack,
  );
});

const errors: readonly (readonly [string, unknown, string])[] = [
  ["its message", new Error("a"), "a"],
  [
    "its causes",
    new Error("a", { cause: new Error("b", { cause: "c" }) }),
    "a: b: c",
  ],
  ["each thing once", new Error("a: b", { cause: new Error("b") }), "a: b"],
  ["its name if it has no message", new TypeError(), "TypeError"],
  [
    "all of several",
    new AggregateError([new Error("a"), "b"], "all"),
    "all: a; b",
  ],
  [
    "no cause of an operator error",
    new OperatorError("a", { cause: new Error("b") }),
    "a",
  ],
  ["a value that is no error", { a: 1 }, '{"a":1}'],
  ["undefined", undefined, ""],
  [
    "no URL of a cause",
    new Error("a", {
      cause: new TypeError(
        "error for url (https://x.example/token?a=b): refused",
      ),
    }),
    "a: error for url (<url>): refused",
  ],
  [
    "no URL of its own",
    new TypeError('bad "http://me:hush@x/"'),
    'bad "<url>"',
  ],
  [
    "a URL meant for the operator",
    new OperatorError("see https://toml.io"),
    "see https://toml.io",
  ],
];

for (const [name, error, want] of errors) {
  Deno.test(`describeError() gives ${name}`, pure, () => {
    strictEqual(describeError(error), want);
  });
}

Deno.test("describeError() ends with a circle of causes", pure, () => {
  const error = new Error("a");
  error.cause = error;
  strictEqual(describeError(error), "a");
});

Deno.test("no field breaks a line or forges another", pure, () => {
  const fields = dictionary(string({ unit: "binary" }), anything());
  assert(
    property(string({ unit: "binary" }), fields, (message, fields) => {
      for (const format of [formatText, formatJson]) {
        const line = format(record(fields, message), { stacks: true });
        ok(!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line), JSON.stringify(line));
      }
      const parsed = json(fields, message);
      strictEqual(parsed.level, "info");
      strictEqual(parsed.time, "2026-08-01T12:00:00.000Z");
      const names = [
        ...text(fields, message).matchAll(
          /([\w.-]+)=(?:"(?:[^"\\]|\\.)*"|[^\s"]+)(?: |$)/gy,
        ),
      ]
        .map((match) => match[1]);
      deepStrictEqual(names.slice(0, 3), ["time", "level", "msg"]);
      ok(
        names.slice(3).every((name) =>
          !["time", "level", "msg"].includes(name ?? "")
        ),
      );
    }),
    { numRuns: 500 },
  );
});
