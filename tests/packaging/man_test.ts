/** The manual pages say what the pages of docs/ and the program say. */

import { deepStrictEqual, match, ok, throws } from "node:assert/strict";
import {
  formatConfigPage,
  formatProgramPage,
  readSources,
} from "../../packaging/man.ts";
import { parseMarkdown } from "../../packaging/markdown.ts";
import { ROOT } from "../../packaging/source.ts";
import { attempt } from "../../programs/command.ts";
import exampleConfig from "../../src/cli/example.toml" with { type: "text" };
import { COMMANDS } from "../../src/cli/help.ts";
import { needs } from "../left_out.ts";

const FACTS = { version: "1.2.3", epochSec: 1_780_000_000 };
const sources = await readSources(ROOT);
const pages = {
  "teleport-discord.8": formatProgramPage(sources, FACTS),
  "teleport-discord.toml.5": formatConfigPage(sources, FACTS),
};

/** Undoes what keeps roff from reading a text as its own. */
const plain = (page: string) => page.replaceAll("\\-", "-");

Deno.test("teleport-discord(8) has every command, flag, signal and exit code", () => {
  const page = plain(pages["teleport-discord.8"]);
  match(
    page,
    /^\.TH TELEPORT-DISCORD 8 2026-05-28 "teleport-discord 1\.2\.3"\n/,
  );
  for (const { name, summary, flags } of COMMANDS) {
    ok(page.includes(`\n.B teleport-discord ${name}\n`), name);
    ok(page.includes(`${summary}.`), summary);
    for (const flag of flags) ok(page.includes(`--${flag.name}`), flag.name);
  }
  for (const words of ["SIGTERM", ".SH EXIT STATUS", "\n78\n", "\n64\n"]) {
    ok(page.includes(words), words);
  }
});

Deno.test("teleport-discord.toml(5) has every key of docs/configuration.md", () => {
  const page = plain(pages["teleport-discord.toml.5"]);
  const blocks = parseMarkdown(sources.configuration);
  const keys = blocks.flatMap((block) =>
    block.kind === "table" && block.head[0] === "Key"
      ? block.rows.map(([key = ""]) => key.replaceAll("`", ""))
      : []
  );
  ok(keys.length > 15);
  const missing = keys.filter((key) =>
    !page.includes(`.TP\n\\fB${key.split(",")[0]}\\fR`)
  );
  deepStrictEqual(missing, []);
});

Deno.test("teleport-discord.toml(5) has every section of the example", () => {
  const page = plain(pages["teleport-discord.toml.5"]);
  const sections = [...exampleConfig.matchAll(/^(?:# )?(\[\w+\])$/gm)]
    .map(([, name = ""]) => name);
  ok(sections.includes("[review]"));
  const missing = sections.filter((name) =>
    !page.includes(`\n.SH \\fB${name}\\fR\n`)
  );
  deepStrictEqual(missing, []);
});

Deno.test("every reference leads somewhere: to a section, another manual page or an address", () => {
  for (const [name, text] of Object.entries(pages)) {
    const page = plain(text);
    const titles = page.matchAll(/^\.S[HS] (.+)$/gm)
      .map(([, title = ""]) => title.replace(/\\f[BIR]/g, "")).toArray();
    const [body = "", seeAlso = ""] = page.split("\n.SH SEE ALSO\n");
    const manuals = page.matchAll(/^\.BR (\S+ \(\d\))/gm)
      .map(([, manual = ""]) => manual).toArray();
    ok(manuals.length > 0);
    for (const manual of manuals) {
      const own = /^teleport-discord(?:\.toml)? /.test(manual);
      ok(own || /^(?:systemctl|journalctl) \(1\)$/.test(manual), manual);
    }
    // "See Connecting", "see user_id_trait": a title of this page, one of its keys, or further reading.
    for (const [, target = ""] of body.matchAll(/\b[Ss]ee,? ([^.,;\n]+)/g)) {
      const word = target.replace(/\\f[BIR]/g, "").replace(/ below$/, "");
      const isKey = body.includes(`\n.TP\n\\fB${word}\\fR\n`);
      const isHere = isKey || titles.includes(word) ||
        seeAlso.includes(`.TP\n${word}\n`);
      ok(
        isHere || word === "" || /^teleport-discord/.test(word),
        `${name}: ${word}`,
      );
    }
    // A section of the configuration that is named is one that is explained.
    if (!name.endsWith(".5")) continue;
    for (const [, section = ""] of body.matchAll(/\\fB(\[\w+\])\\fR/g)) {
      ok(titles.includes(section), section);
    }
  }
});

Deno.test("what a manual page has as a link in docs/ stands below SEE ALSO", () => {
  const page = plain(pages["teleport-discord.toml.5"]);
  for (
    const [title, file] of [
      ["Connecting", "connecting.md"],
      ["Reviewing in Discord", "reviewing.md"],
    ] as const
  ) ok(page.trimEnd().split("\n.TP\n").includes(`${title}\n${file}`), title);
});

Deno.test("parseMarkdown() reads each form", () => {
  const page = [
    "# Title\n\nA text\nof two lines.\n- one\n- two\n  lines\n",
    "| A | B |\n| - | - |\n| `x\\|y` | z |\n\n  ```sh\n  code\n\n  more\n  ```\n",
    "## Next\n1. first\n2. second",
  ].join("\n");
  deepStrictEqual(parseMarkdown(page), [
    { kind: "heading", level: 1, text: "Title" },
    { kind: "paragraph", text: "A text of two lines." },
    { kind: "list", items: ["one", "two lines"] },
    { kind: "table", head: ["A", "B"], rows: [["`x|y`", "z"]] },
    { kind: "code", text: "code\n\nmore" },
    { kind: "heading", level: 2, text: "Next" },
    { kind: "list", items: ["first", "second"] },
  ]);
});

Deno.test("parseMarkdown() refuses code that never ends", () => {
  throws(
    () => parseMarkdown("# Title\n```sh\ncode\n# Next\n"),
    { message: 'code that never ends: "code"' },
  );
});

const { ignore, leftOut } = needs("man");
for (const [name, page] of Object.entries(pages)) {
  const title = `man finds nothing wrong with ${name}${leftOut}`;
  Deno.test({ name: title, ignore }, async () => {
    const path = await Deno.makeTempFile({ suffix: `-${name}` });
    try {
      await Deno.writeTextFile(path, page);
      const options = ["--warnings", "-E", "UTF-8", "-l", path];
      const { out, err } = await attempt("man", options, {
        env: { LC_ALL: "C.UTF-8", MANROFFSEQ: "", MANWIDTH: "80" },
      });
      deepStrictEqual(err, "");
      match(out, /NAME\n\s+teleport.discord/);
    } finally {
      await Deno.remove(path);
    }
  });
}
