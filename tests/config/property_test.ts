import {
  array,
  assert,
  constant,
  constantFrom,
  dictionary,
  integer,
  oneof,
  property,
  string,
  tuple,
} from "fast-check";
import { ok } from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import { KNOWN_KEYS } from "../../src/config/known_keys.ts";
import { ConfigError, type Problem } from "../../src/config/reading/problem.ts";
import { OperatorError } from "../../src/lib/operator_error.ts";
import { tomlText } from "./write_toml.ts";
import { parseConfig } from "../fakes/config.ts";

const pure = { permissions: "none" } as const;

interface Outcome {
  readonly config: Config | undefined;
  readonly problems: readonly Problem[];
  /** Everything that is said. */
  readonly text: string;
}

function parse(text: string): Outcome {
  try {
    const config = parseConfig(text, "f");
    const { problems } = config;
    return { config, problems, text: JSON.stringify(problems) };
  } catch (error) {
    ok(error instanceof OperatorError, String(error));
    ok(error instanceof ConfigError);
    const { message, hint, problems } = error;
    const text = JSON.stringify({ message, hint, problems });
    return { config: undefined, problems, text };
  }
}

const id = integer({ min: 0, max: 9 })
  .map((digit) => `12345678901234567${digit}`);

const value = oneof(
  string(),
  id,
  id.map((each) => BigInt(each)),
  integer(),
  constantFrom(true, false, 1.5, "1m", "debug", "json", "/a", "a:1", "off"),
  array(oneof(string(), id, integer()), { maxLength: 3 }),
  dictionary(string(), string(), { maxKeys: 2 }),
);

const key = oneof(
  constantFrom(
    ...Object.values(KNOWN_KEYS).flat(),
    "*",
  ),
  string({ unit: "grapheme" }),
);

const section = constantFrom(
  ...Object.keys(KNOWN_KEYS),
  "role_to_recipients",
  "role_to_mentions",
  "users",
  "__proto__",
  "x",
);

const document = dictionary(
  section,
  oneof(dictionary(key, value, { maxKeys: 6 }), value),
).map((table) => tomlText(table));

Deno.test("parseConfig() throws nothing but an OperatorError", pure, () => {
  const piece = constantFrom(
    ..."[]{}\"'=.,#\\\n \t\r\u0000a1",
    "[teleport]\n",
    "[role_to_recipients]\n",
    '"""',
    "'''",
    "token = ",
    "\ud800",
    "1979-05-27T00:00:00Z",
  );
  const garbage = array(oneof(piece, string()), { maxLength: 30 })
    .map((pieces) => pieces.join(""));
  assert(property(oneof(garbage, document), (text) => void parse(text)), {
    numRuns: 3000,
  });
});

Deno.test("parseConfig() refuses exactly the files with a fault", pure, () => {
  assert(
    property(document, (text) => {
      const { config, problems } = parse(text);
      const faults = problems.filter(({ severity }) => severity === "fault");
      ok((config === undefined) === (faults.length > 0));
    }),
    { numRuns: 1000 },
  );
});

Deno.test(
  "parseConfig() names the line of each key that is in the file",
  pure,
  () => {
    assert(
      property(document, (text) => {
        const lines = text.split("\n");
        for (const { line, key, detail } of parse(text).problems) {
          ok(detail !== "");
          if (line === undefined) {
            ok(
              key === "teleport" || key?.startsWith("role_to_recipients") ||
                key === undefined,
              key ?? "",
            );
          } else {
            ok(line >= 1 && line <= lines.length);
          }
        }
      }),
      { numRuns: 1000 },
    );
  },
);

Deno.test("parseConfig() accepts recipients as IDs only", pure, () => {
  const table = dictionary(string(), oneof(string(), id, array(id)));
  assert(property(table, (roles) => {
    const text = tomlText({
      teleport: { identity: "/id" },
      discord: { token: "a.b.c" },
      role_to_recipients: { ...roles, "*": "123456789012345678" },
    });
    const { config } = parse(text);
    ok(config !== undefined);
    for (const recipients of config.routing.values()) {
      ok(recipients.length > 0);
      ok(recipients.every((each) => /^(?:user:)?\d{17,20}$/.test(each)));
    }
  }));
});

Deno.test("parseConfig() never shows the token", pure, () => {
  // Long enough not to be a part of a message by chance, and wrong in every way.
  const body = tuple(
    constantFrom("", "Bot ", " ", "bot\t", "X", "é"),
    constantFrom("s3cr3t-Tok3n", "s3cr3t.Tok3n", "s3.cr3t.Tok3n", "s3c r3t"),
    constantFrom("", "\n", " ", ".", ".x"),
  ).map((parts) => parts.join(""));
  const others = oneof(constant({}), dictionary(key, value, { maxKeys: 4 }));
  assert(
    property(body, others, (token, rest) => {
      const text = tomlText({
        discord: { ...rest, token },
        teleport: rest,
      });
      const { text: said } = parse(text);
      ok(!/s3.?cr3t|Tok3n|s3c r3t/.test(said), said);
      // And with a mistake behind it, when the parser would quote the lines around.
      const broken = parse(`${text}\nx = `);
      ok(!/s3.?cr3t|Tok3n|s3c r3t/.test(broken.text), broken.text);
    }),
    { numRuns: 500 },
  );
});

Deno.test(
  "parseConfig() shows nothing that looks like a token, wherever it is",
  pure,
  () => {
    const token = `${"M".repeat(24)}.${"x".repeat(6)}.${"y".repeat(38)}`;
    const places = [
      `[role_to_recipients]\n"*" = "${token}"`,
      `[role_to_recipients]\n"*" = "https://x/${token}"`,
      `[discord]\ntoken_ = "x"\napiurl = "${token}"`,
      `[discord]\n"${token}" = 1`,
      `["${token}"]`,
      `[log]\nseverity = "${token}"`,
      `[teleport]\naddr = "${token}"`,
      `[teleport]\naddr = "https://${token}"`,
      `[http]\nlisten = "${token}"`,
      `[users]\n"${token}" = "${token}"`,
      `[discord]\ntoken = ${token}`,
    ];
    for (const place of places) {
      ok(!parse(place).text.includes("M.xxxxxx.y"), parse(place).text);
    }
  },
);

Deno.test("parseConfig() puts each problem on one line", pure, () => {
  assert(property(string({ unit: "binary" }), (text) => {
    const toml = tomlText({ log: { severity: text, [text]: 1 } });
    for (const { detail, hint, key } of parse(toml).problems) {
      ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(`${key}${detail}${hint}`));
    }
  }));
});
