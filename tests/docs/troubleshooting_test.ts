/** What docs/troubleshooting.md says is compared with the program. */

import { ok } from "node:assert/strict";
import { codesIn, readPage, ROOT, section, tableRows } from "./pages.ts";

const PAGE = await readPage("docs/troubleshooting.md");

Deno.test("the messages to look up are those that the program writes", async () => {
  const sources = await readSources(new URL("src/", ROOT));
  const messages = messagesOf(PAGE);
  ok(messages.length > 50, `only ${messages.length}`);
  for (const message of messages) {
    ok(sources.includes(message), `the program never says "${message}"`);
  }
  const codes = tableRows(section(PAGE, "## Discord error codes"))
    .map(([code = ""]) => codesIn(code)[0]);
  ok(codes.length >= 10);
  for (const code of codes) {
    ok(sources.includes(`${code}:`), `the program does not know ${code}`);
  }
});

/** Returns the messages that the entries of the page begin with. */
function messagesOf(page: string): string[] {
  return [...page.matchAll(/^- (`[^:]*?`):/gm)]
    .flatMap(([, start = ""]) => codesIn(start));
}

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
