/** The files in packaging/examples/ are what pages show. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import roleYaml from "../../src/cli/init/teleport-discord.yaml" with {
  type: "text",
};
import { allFences, fences, readPage } from "./pages.ts";

const example = (name: string) => readPage(`packaging/examples/${name}`);

Deno.test("README and the guide create the role, the user and the impersonator that init prints", async () => {
  const role = roleYaml.trimEnd();
  for (const path of ["README.md", "docs/guide.md", "docs/guide.ko.md"]) {
    const shown = fences(await readPage(path), "yaml")
      .filter((text) => text.includes("\n  name: teleport-discord\n"));
    // Comments are in the language of the page.
    deepStrictEqual(shown.map(documentsOf), [documentsOf(role)], path);
  }
  const [readme] = fences(await readPage("README.md"), "yaml");
  strictEqual(readme, role);
});

/** Returns what the documents of a YAML file say, without their comments. */
function documentsOf(text: string): unknown[] {
  return text.split(/^---$/m).map((part) => parse(part));
}

Deno.test("the identity can be issued for as long as the pages ask", async () => {
  const [role] = documentsOf(roleYaml);
  const { max_session_ttl } = (role as {
    spec: { options: Record<string, string> };
  }).spec.options;
  strictEqual(max_session_ttl, "720h");
  for (const path of ["README.md", "docs/guide.md", "docs/guide.ko.md"]) {
    const ttls = (await readPage(path)).matchAll(/--ttl=(\S+)/g)
      .map(([, ttl]) => ttl).toArray();
    deepStrictEqual(new Set(ttls), new Set([max_session_ttl]), path);
  }
});

Deno.test("docs/operations.md shows the tbot.yaml of the example, and its unit reads it", async () => {
  const tbot = (await example("tbot.yaml")).trimEnd();
  const page = await readPage("docs/operations.md");
  deepStrictEqual(fences(page, "yaml"), [tbot]);
  const unit = await example("teleport-discord-tbot.service");
  const [, path = ""] = /^ExecStart=\S+ start -c (\S+)$/m.exec(unit) ?? [];
  const commands = allFences(page).filter(({ language }) => language === "sh")
    .map(({ text }) => text).join("\n");
  ok(commands.includes(` tbot.yaml ${path}\n`), path);
  ok(commands.includes("/examples/teleport-discord-tbot.service "));
  // tbot writes where the configuration of the packages looks.
  strictEqual(
    parse(tbot).services[0].destination.path,
    "/var/lib/teleport-discord",
  );
});
