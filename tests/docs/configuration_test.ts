/** What docs/configuration.md says is compared with the program. */

import { deepStrictEqual, ok } from "node:assert/strict";
import exampleConfig from "../../src/cli/example.toml" with { type: "text" };
import { ConfigError, type Problem } from "../../src/config/reading/problem.ts";
import { signCommand } from "../../src/ports/admin_hints.ts";
import { takeOver } from "../../src/config/takeover.ts";
import {
  codesIn,
  fences,
  PAGES,
  readPage,
  section,
  tableRows,
} from "./pages.ts";
import { parseConfig } from "../fakes/config.ts";

const PAGE = await readPage("docs/configuration.md");
const OPERATIONS = await readPage("docs/operations.md");

/** Smallest configuration that is good. */
const LEAST = `
[teleport]
identity = "/identity"
[discord]
token = "/token"
[role_to_recipients]
"*" = "123456789012345678"
`;

/** Adds the sections that are required and that an excerpt leaves out. */
function completed(excerpt: string): string {
  const missing = LEAST.split(/^(?=\[)/m).filter((part) => {
    const [header = ""] = part.trim().split("\n");
    return !excerpt.includes(header);
  });
  return [excerpt, ...missing].join("\n");
}

/** Returns the keys or sections that the program names when it meets one that it does not know. */
function knownNames(text: string, pattern: RegExp): string[] {
  for (const { hint } of parseConfig(text, "x").problems) {
    const names = pattern.exec(hint ?? "")?.[1];
    if (names !== undefined) return names.split(", ");
  }
  throw new Error(`no names in the problems of ${text}`);
}

function knownKeys(name: string): string[] {
  const text = withLine(name, "zzzzzzzzzzzzzzzzzzzzzzzz = 1");
  return knownNames(text, /the keys of \[+\w+\]+ are (.*)$/);
}

function isKnown(name: string, key: string): boolean {
  return problemsOf(withLine(name, `${key} = "1"`))
    .every(({ detail }) => detail !== "Unknown key");
}

function withLine(name: string, line: string): string {
  if (name === "escalation") {
    const least = 'after = "1h"\nrecipients = "123456789012345678"';
    const [key] = line.split(" = ");
    const rest = least.split("\n").filter((each) =>
      !each.startsWith(`${key} `)
    );
    return `${LEAST}[[${name}]]\n${[line, ...rest].join("\n")}\n`;
  }
  return LEAST.includes(`[${name}]`)
    ? LEAST.replace(`[${name}]\n`, `[${name}]\n${line}\n`)
    : `${LEAST}[${name}]\n${line}\n`;
}

function problemsOf(text: string): readonly Problem[] {
  try {
    return parseConfig(text, "x").problems;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

Deno.test("the tables of keys have every key that is known", () => {
  const sections = knownNames(
    `zzzzzzzzzzzzzzzzzzzzzzzz = 1\n${LEAST}`,
    /the sections are (.*)$/,
  );
  for (const name of sections) {
    const heading = name === "escalation" ? `[[${name}]]` : `[${name}]`;
    const inTables = section(PAGE, `## \`${heading}\``);
    if (["role_to_recipients", "role_to_mentions", "users"].includes(name)) {
      continue;
    }
    const documented = [
      ...tableRows(inTables).flatMap(([key = ""]) => codesIn(key)),
      ...codesIn(inTables).filter((code) => /^a?(PI|api)URL$/i.test(code)),
    ];
    for (const key of knownKeys(name)) {
      ok(documented.includes(key), `the page does not know ${name}.${key}`);
    }
    for (const [key = ""] of tableRows(inTables)) {
      const [code = ""] = codesIn(key);
      ok(isKnown(name, code), `no key ${name}.${code} exists`);
    }
  }
});

Deno.test("each key that takes a restart is in the chapter on reloading", () => {
  const all = `
[teleport]
identity = "/other"
addr = "example.com:443"
web_ca = "/ca"
resync_interval = "7m"
refresh_identity_interval = "7m"
[discord]
token = "/token"
apiurl = "https://example.com/"
[role_to_recipients]
"*" = "123456789012345678"
[http]
listen = "127.0.0.1:8080"
[review]
enabled = true
`;
  const keys = takeOver(parseConfig(LEAST, "f"), parseConfig(all, "f")).restart;
  ok(keys.length >= 8);
  const text = section(OPERATIONS, "## Reload");
  for (const key of keys) {
    const [table, name] = key.split(/[.,]/);
    if (name === "identity") continue;
    const shown = table === "review" ? "[review]" : name;
    ok(text.includes(`\`${shown}\``), key);
  }
});

Deno.test("the defaults are those of the program", () => {
  const values = (text: string) => {
    const { teleport, ...others } = parseConfig(text, "x");
    // That nobody has set it is no part of an address.
    const { host, port } = teleport.addr;
    return { ...others, teleport: { ...teleport, addr: { host, port } } };
  };
  const without = values(LEAST);
  let count = 0;
  for (const name of ["teleport", "discord", "log", "http", "review"]) {
    for (
      const [key = "", , value = ""] of tableRows(
        section(PAGE, `## \`[${name}]\``),
      )
    ) {
      const [literal] = codesIn(value);
      if (literal === undefined) continue;
      const line = `${codesIn(key)[0]} = ${literal}`;
      deepStrictEqual(values(withLine(name, line)), without, line);
      count++;
    }
  }
  ok(count >= 7);
});

for (const path of PAGES) {
  const page = await readPage(path);
  const written = [
    ...page.matchAll(/cat > \S+\.toml <<EOF\n([^]*?)\nEOF/g),
  ].map(([, text = ""]) => text.replaceAll("$PWD", "/folder"));
  const blocks = [...fences(page, "toml"), ...written];
  if (blocks.length === 0) continue;
  Deno.test(`${path}: the configurations are good`, () => {
    for (const text of blocks) {
      deepStrictEqual(parseConfig(completed(text), "x").problems, [], text);
    }
  });
}

Deno.test("the keys that configure prints are on the page", () => {
  const keys = [...exampleConfig.matchAll(/^#? ?([a-z_]+) = /gm)]
    .map(([, key = ""]) => key);
  ok(keys.length > 15);
  const codes = new Set(codesIn(PAGE));
  deepStrictEqual(keys.filter((key) => !codes.has(key)), []);
});

Deno.test("what configure prints makes the identity that it names", () => {
  const [, out] = /^identity = "(.+)"$/m.exec(exampleConfig) ?? [];
  const command = signCommand({ out }).replaceAll("`", "");
  ok(exampleConfig.includes(`\n#   ${command}\n`), command);
});

Deno.test("what configure prints is good once it is filled in", () => {
  // With good IDs and a token, the example is good as it stands.
  const filled = exampleConfig.replace("secret-token", "MTIz.abc.def")
    .replace(/"\*" = \[.*\]/, '"*" = ["123456789012345678"]');
  deepStrictEqual(problemsOf(filled), []);
});
