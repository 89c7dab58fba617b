/** What the README says is compared with the program. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { drawCard } from "../../demo/card.ts";
import { createStyle } from "../../demo/style.ts";
import manifest from "../../deno.json" with { type: "json" };
import { EXAMPLE_CONFIG } from "../../src/commands/configure.ts";
import { type Command, COMMANDS } from "../../src/commands/help.ts";
import { parseConfig } from "../../src/config/config.ts";
import { ConfigError, type Problem } from "../../src/config/problem.ts";
import { takeOver } from "../../src/config/reload.ts";
import { encodePost } from "../../src/discord/payload.ts";
import { EXIT } from "../../src/lib/exit_codes.ts";
import type { Announcement } from "../../src/message/announcement.ts";
import { renderMessage } from "../../src/message/announcement_message.ts";

const ROOT = new URL("../../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));

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

/** Returns the text below a heading, up to the next heading of the same level or a higher one. */
function section(heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const lines = README.split("\n");
  const start = lines.indexOf(heading);
  ok(start >= 0, `README has no heading "${heading}"`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => {
    const marks = /^(#+) /.exec(line)?.[1]?.length;
    return marks !== undefined && marks <= level;
  });
  return (end < 0 ? rest : rest.slice(0, end)).join("\n");
}

/** Returns the fenced blocks of a language. */
function fences(text: string, language: string): string[] {
  const pattern = new RegExp("```" + language + "\\n([\\s\\S]*?)\\n *```", "g");
  return [...text.matchAll(pattern)].map(([, block = ""]) => block);
}

/** Returns the rows of all tables, without their heads. */
function tableRows(text: string): string[][] {
  return text.split("\n")
    .filter((line, i, lines) =>
      line.startsWith("| ") && !/^\| -/.test(line) &&
      !/^\| -/.test(lines[i + 1] ?? "")
    )
    .map((line) =>
      line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
    );
}

function codesIn(text: string): string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```$/gm, "");
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
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
  return knownNames(text, /the keys of \[\w+\] are (.*)$/);
}

function isKnown(name: string, key: string): boolean {
  return problemsOf(withLine(name, `${key} = "1"`))
    .every(({ detail }) => detail !== "Unknown key");
}

function withLine(name: string, line: string): string {
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

Deno.test("README: the tables of keys have every key that is known", () => {
  const sections = knownNames(
    `zzzzzzzzzzzzzzzzzzzzzzzz = 1\n${LEAST}`,
    /the sections are (.*)$/,
  );
  for (const name of sections) {
    const inTables = section(`### \`[${name}]\``);
    if (["role_to_recipients", "role_to_mentions", "users"].includes(name)) {
      continue;
    }
    const documented = [
      ...tableRows(inTables).flatMap(([key = ""]) => codesIn(key)),
      ...codesIn(inTables).filter((code) => /^a?(PI|api)URL$/i.test(code)),
    ];
    for (const key of knownKeys(name)) {
      ok(documented.includes(key), `README does not know ${name}.${key}`);
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
  const text = section("### Reload");
  for (const key of keys) {
    const [table, name] = key.split(/[.,]/);
    if (name === "identity") continue;
    const shown = table === "review" ? "[review]" : name;
    ok(text.includes(`\`${shown}\``), key);
  }
});

Deno.test("README: the defaults are those of the program", () => {
  const without = parseConfig(LEAST, "x");
  let count = 0;
  for (const name of ["teleport", "discord", "log", "http", "review"]) {
    for (
      const [key = "", , value = ""] of tableRows(section(`### \`[${name}]\``))
    ) {
      const [literal] = codesIn(value);
      if (literal === undefined) continue;
      const line = `${codesIn(key)[0]} = ${literal}`;
      deepStrictEqual(parseConfig(withLine(name, line), "x"), without, line);
      count++;
    }
  }
  ok(count >= 7);
});

Deno.test("README: the configurations are good", () => {
  const blocks = fences(README, "toml");
  const quick = /cat > teleport-discord\.toml <<EOF\n([\s\S]*?)\nEOF/
    .exec(README)?.[1];
  ok(quick !== undefined && blocks.length > 0);
  for (const text of [...blocks, quick.replaceAll("$PWD", "/folder")]) {
    deepStrictEqual(parseConfig(completed(text), "x").problems, []);
  }
});

Deno.test("README: the keys that configure prints are in it", () => {
  const keys = [...EXAMPLE_CONFIG.matchAll(/^#? ?([a-z_]+) = /gm)]
    .map(([, key = ""]) => key);
  ok(keys.length > 15);
  const codes = new Set(codesIn(README));
  deepStrictEqual(keys.filter((key) => !codes.has(key)), []);
});

Deno.test("README: what configure prints is good once it is filled in", () => {
  // With good IDs and a token, the example is good as it stands.
  const filled = EXAMPLE_CONFIG.replace("secret-token", "MTIz.abc.def")
    .replace(/"\*" = \[.*\]/, '"*" = ["123456789012345678"]');
  deepStrictEqual(problemsOf(filled), []);
});

Deno.test("README: the commands, flags and exit codes are those of the program", () => {
  const text = section("## Commands");
  for (const { name, flags } of COMMANDS as readonly Command[]) {
    ok(text.includes(`teleport-discord ${name}`), name);
    for (const flag of flags) {
      ok(text.includes(`--${flag.name}`), flag.name);
      const short = flag.short === undefined ? "" : ` -${flag.short}`;
      ok(text.includes(short), short);
    }
  }
  const codes = tableRows(text).map(([code]) => code)
    .filter((code) => /^\d+$/.test(code ?? ""));
  deepStrictEqual(codes, Object.values(EXIT).map(String).toSorted());
});

Deno.test("README: the messages to look up are those that the program writes", async () => {
  const sources = await readSources(new URL("src/", ROOT));
  const rows = tableRows(section("## Troubleshooting"));
  ok(rows.length > 15);
  for (const [message = "", cause = ""] of rows) {
    for (const code of codesIn(message)) {
      ok(sources.includes(code), `the program never says "${code}"`);
    }
    for (const code of codesIn(cause).filter((each) => /^\d{5}$/.test(each))) {
      ok(sources.includes(`${code}:`), `the program does not know ${code}`);
    }
  }
});

/** Returns all sources as one text, with literals that were broken over lines joined again. */
async function readSources(folder: URL): Promise<string> {
  let text = "";
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.name, folder);
    if (entry.isDirectory) text += await readSources(new URL(`${url}/`));
    else text += await Deno.readTextFile(url);
  }
  return text.replace(/["'`] \+\s+["'`]/g, "");
}

Deno.test("README: the permissions add up to the number in the invitation", () => {
  const sum = tableRows(section("### In Discord"))
    .reduce((total, [, value]) => total + Number(value), 0);
  strictEqual(sum, 274877991936);
  const numbers = [...README.matchAll(/permissions=(\d+)/g)]
    .map(([, number]) => Number(number));
  deepStrictEqual(numbers, [sum, sum]);
});

const EXAMPLE_TIME = new Date("2026-03-02T09:20:00Z");

/** Returns what the messages in the README show. */
function exampleOf(fields: Partial<Announcement>): Announcement {
  const inHours = (hours: number) =>
    new Date(EXAMPLE_TIME.getTime() + hours * 3.6e6);
  return {
    requestId: "01958a5e-3c1f-7bb0-a1f4-6f0d4a5be2c7",
    cluster: "example.com",
    user: "alice",
    roles: ["db-admin"],
    loginsByRole: new Map([["db-admin", ["dba", "postgres"]]]),
    resources: [],
    constraints: new Map(),
    hasHiddenParts: false,
    kind: "UNDEFINED",
    reason: "OPS-4711: slow queries in billing",
    state: "PENDING",
    resolveReason: "",
    reviews: [],
    reviewCounts: { approvals: 0, denials: 0, promotions: 0 },
    reviewsCount: 0,
    created: EXAMPLE_TIME,
    requestExpires: inHours(1),
    accessStarts: undefined,
    accessExpires: inHours(8),
    promotedTo: undefined,
    userId: undefined,
    mentions: [],
    reviewerIds: new Map(),
    webLink:
      "https://teleport.example.com/web/requests/01958a5e-3c1f-7bb0-a1f4-6f0d4a5be2c7",
    canReview: false,
    ...fields,
  };
}

/** Returns an approval by one reviewer. */
function approvedWith(reason: string): Partial<Announcement> {
  const created = new Date("2026-03-02T09:19:08Z");
  return {
    reviews: [{
      author: "rita",
      proposedState: "APPROVED",
      reason,
      created,
      proposedStart: undefined,
    }],
    reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
    reviewsCount: 1,
  };
}

function draw(announcement: Announcement): string {
  const body = encodePost(renderMessage(announcement), "");
  const message = {
    content: body.content ?? "",
    embeds: (body.embeds ?? []).map((embed) => ({ ...embed })),
    components: (body.components ?? []).map((row) => ({ ...row })),
  };
  const style = createStyle(false);
  const card = { channel: "access-requests", author: "Teleport", message };
  return drawCard(card, { style, now: EXAMPLE_TIME, columns: 100 })
    .map((line) => line.slice(4)).join("\n");
}

Deno.test("README: the examples are what messages look like", () => {
  const first = exampleOf(approvedWith("matches the ticket"));
  strictEqual(fences(README, "text")[0], draw(first));
  deepStrictEqual(fences(section("## Reviewing in Discord"), "text"), [
    draw(exampleOf({ canReview: true })),
    draw(exampleOf({
      ...approvedWith(""),
      state: "APPROVED",
      canReview: true,
    })),
  ]);
});

Deno.test("README: it says how to see it at work and how to test it", () => {
  for (const task of ["demo", "test"] as const) {
    ok(README.includes(`npx -y deno@2.9.6 task ${task}`));
  }
});

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/reliability.md",
];

for (const page of PAGES) {
  Deno.test(`${page}: its tasks, links and anchors lead somewhere`, async () => {
    const place = new URL(page, ROOT);
    const text = await Deno.readTextFile(place);
    for (
      const [, task = ""] of text.matchAll(/deno(?:@[\d.]+)? task ([\w:]+)/g)
    ) {
      ok(Object.hasOwn(manifest.tasks, task), `no task ${task}`);
    }
    for (const [, target = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith("https://")) continue;
      const { hash, href } = new URL(target, place);
      const linked = await Deno.readTextFile(new URL(href.replace(hash, "")));
      ok(
        hash === "" || anchorsOf(linked).includes(hash.slice(1)),
        `no anchor ${target}`,
      );
    }
  });
}

/** Returns the anchors that headings get. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\d\s_-]/gu, "").replaceAll(" ", "-")
  );
}
