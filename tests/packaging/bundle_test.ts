/** The bundle that is shipped: what is in it, and that it is the same wherever it is made. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type Bundle, bundle, ENTRY } from "../../packaging/bundle.ts";
import { formatLicences } from "../../packaging/dependencies.ts";

const folders = await Promise.all([
  Deno.makeTempDir({ prefix: "teleport-discord-" }),
  Deno.makeTempDir({ prefix: "teleport-discord-elsewhere-" }),
]);
const bundles: Bundle[] = [];
for (const folder of folders) {
  bundles.push(await bundle({ folder, gitRef: "v1-2-gabc" }));
}
const [made] = bundles;
const contents = await Promise.all(bundles.map(readBundle));
for (const folder of folders) await Deno.remove(folder, { recursive: true });

async function readBundle(
  { folder, files }: Bundle,
): Promise<ReadonlyMap<string, string>> {
  return new Map(
    await Promise.all(
      files.map(async (name) =>
        [name, await Deno.readTextFile(`${folder}/${name}`)] as const
      ),
    ),
  );
}

/** Returns the files that are loaded together with one. */
function loadedWith(
  name: string,
  files: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const loaded = new Set([name]);
  for (const each of loaded) {
    const imports = (files.get(each) ?? "")
      .matchAll(/(?:from|import)"\.\/([^"]+)"/g);
    for (const [, file = ""] of imports) loaded.add(file);
  }
  return loaded;
}

Deno.test("a bundle is the same in two folders", () => {
  deepStrictEqual(contents[0], contents[1]);
});

Deno.test("a bundle begins with its entry", () => {
  ok(made !== undefined);
  strictEqual(made.files[0], ENTRY);
});

Deno.test("what every command loads has neither gRPC nor Discord in it", () => {
  const [files = new Map()] = contents;
  const loaded = loadedWith(ENTRY, files);
  const text = [...loaded].map((name) => files.get(name)).join("\n");
  ok(loaded.size < files.size);
  ok(text.includes("Cannot run without a command"));
  for (const word of ["grpc", "enforce_nonce", "discord-api"]) {
    ok(!text.includes(word), word);
  }
  ok([...files.values()].join("\n").includes("grpc"));
});

Deno.test("a bundle holds the version and where it was built, and nothing else of deno.json", () => {
  const text = [...contents[0]?.values() ?? []].join("\n");
  match(text, /v1-2-gabc/);
  ok(!text.includes("exactOptionalPropertyTypes"));
});

Deno.test("the licence of each package in the bundle is known", () => {
  const packages = made?.packages ?? [];
  ok(packages.some(({ name }) => name === "@grpc/grpc-js"));
  for (const { name, licence, sha512 } of packages) {
    match(licence, /^(?:Apache-2\.0|MIT|ISC|0BSD|BSD-[23]-Clause)\b/, name);
    match(sha512, /^[\w+/]{86}==$/, name);
  }
  const text = formatLicences(packages, "terms of the runtime");
  for (const { name, version } of packages) {
    ok(text.includes(`\n${name} ${version} (`), name);
  }
  // Buf has it in its sources alone.
  match(text, /Copyright 2008 Google Inc\./);
  match(text, /Deno \(MIT\)\n-+\n\nterms of the runtime\n/);
});
